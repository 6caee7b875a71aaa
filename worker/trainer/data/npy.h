#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess::trainer {

// An array as numpy.save writes it (the NumPy format, versions 1.0 to 3.0):
//
//   "\x93NUMPY", major and minor version   8 bytes
//   length of the header                   2 bytes, from version 2.0 on 4; little-endian
//   header                                 a Python dictionary in text, as
//                                          {'descr': '<f4', 'fortran_order': False, 'shape': (3,
//                                          4), }
//   elements                               in row-major order, little-endian
struct NpyArray {
  std::string type;            // 'descr': "|u1", "<f4", …
  std::vector<int64_t> shape;  // every dimension at least 1
  int64_t data_offset = 0;     // of the first element in the file
  std::vector<uint8_t> bytes;  // the elements, as the file has them

  int64_t element_bytes() const { return type[2] - '0'; }
  // Element `i` of an array of integers; what is beyond int64 becomes its largest value.
  int64_t Integer(int64_t i) const;
  // Element `i` of an array of "<f4" or "<f8".
  double Real(int64_t i) const;
};

// What an array must be to be read.
struct NpyKind {
  std::vector<absl::string_view> types;  // those of a byte begin with '|', others with '<'
  int64_t min_dimensions = 1;
  int64_t max_dimensions = 1;
};

// Reads a whole .npy file, gzip-compressed or plain. NotFound when it can't be opened; DataLoss,
// naming the file and the offset of the first byte (decompressed) that is wrong, when it is
// truncated, has trailing bytes, another magic number or version, a header that can't be
// understood, an array in Fortran order or not of `kind`, an empty dimension, more than 2^34 bytes,
// or damaged compression. Thread-safe.
absl::StatusOr<NpyArray> ReadNpy(const std::string& path, const NpyKind& kind);

}  // namespace firstguess::trainer
