#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/common/temporary_folder.h"

namespace firstguess::trainer {

// A .npy file with this header, padded as numpy.save does: the elements begin at a multiple of 64.
inline std::string NpyWithHeader(std::string header, const std::string& elements,
                                 char version = 1) {
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t before = 8 + length_bytes;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  std::string file = std::string("\x93NUMPY") + version + '\0';
  for (size_t i = 0; i < length_bytes; ++i) {
    file.push_back(static_cast<char>(header.size() >> (8 * i)));
  }
  return file + header + elements;
}

inline std::string NpyHeader(const std::string& type, const std::vector<int64_t>& shape) {
  return absl::StrCat("{'descr': '", type, "', 'fortran_order': False, 'shape': (",
                      absl::StrJoin(shape, ", "), shape.size() == 1 ? "," : "", "), }");
}

// The bytes of `elements` in memory.
template <typename Element>
std::string Bytes(const std::vector<Element>& elements) {
  return {reinterpret_cast<const char*>(elements.data()), elements.size() * sizeof(Element)};
}

template <typename Element>
std::string Npy(const std::string& type, const std::vector<int64_t>& shape,
                const std::vector<Element>& elements) {
  return NpyWithHeader(NpyHeader(type, shape), Bytes(elements));
}

// Writes npy/<name> into `folder`: 3 classes in turn, each example three floats of which that of
// its class is 1 and the others 0.
inline void WriteOwnDataset(const TemporaryFolder& folder, const std::string& name, int64_t train,
                            int64_t test) {
  for (const auto& [split, count] : {std::pair("/train", train), std::pair("/test", test)}) {
    std::vector<float> x(static_cast<size_t>(3 * count));
    std::vector<int64_t> y(static_cast<size_t>(count));
    for (size_t i = 0; i < y.size(); ++i) {
      y[i] = static_cast<int64_t>(i % 3);
      x[3 * i + i % 3] = 1;
    }
    folder.Write(absl::StrCat(name, split, "/x.npy"), Npy("<f4", {count, 3}, x));
    folder.Write(absl::StrCat(name, split, "/y.npy"), Npy("<i8", {count}, y));
  }
}

}  // namespace firstguess::trainer
