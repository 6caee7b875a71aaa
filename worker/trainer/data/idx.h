#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firstguess::trainer {

// An array of unsigned bytes as an IDX file (the format of MNIST and its relatives) holds it:
// big-endian, a 4-byte magic number 0x000008<rank>, `rank` 4-byte sizes, then the bytes in
// row-major order.
struct IdxArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

// Reads a whole IDX file of unsigned bytes with `rank` dimensions, gzip-compressed or plain.
// NotFound when it can't be opened; DataLoss, naming the file and the offset of the first byte
// (decompressed) that is wrong, when it is truncated, has trailing bytes, another magic number,
// sizes over 2^31 bytes in all, or damaged compression. Thread-safe.
absl::StatusOr<IdxArray> ReadIdx(const std::string& path, int rank);

}  // namespace firstguess::trainer
