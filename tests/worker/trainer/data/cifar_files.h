#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/common/temporary_folder.h"

namespace firstguess::trainer {

inline constexpr int64_t kCifarPixels = 3 * 32 * 32;

// A record of CIFAR-10's binary format, of one colour a channel.
inline std::string CifarRecord(int label, int red, int green, int blue) {
  std::string record(1, static_cast<char>(label));
  for (const int colour : {red, green, blue}) record.append(1024, static_cast<char>(colour));
  return record;
}

// A record of CIFAR-100's.
inline std::string Cifar100Record(int coarse, int label, int red, int green, int blue) {
  return static_cast<char>(coarse) + CifarRecord(label, red, green, blue);
}

// `count` records labelled in turn, 0 to 9. Rows 3c to 3c + 2 of an image of class c are `bright`,
// the others dark: a network can learn it.
inline std::string StripedCifarFile(int count, int bright) {
  std::string file;
  file.reserve(static_cast<size_t>(count * (1 + kCifarPixels)));
  for (int i = 0; i < count; ++i) {
    const int label = i % 10;
    std::string record = CifarRecord(label, 0, 0, 0);
    for (size_t channel = 0; channel < 3; ++channel) {
      const size_t row = channel * 32 + static_cast<size_t>(label) * 3;
      record.replace(1 + row * 32, size_t{3} * 32, size_t{3} * 32, static_cast<char>(bright));
    }
    file += record;
  }
  return file;
}

// Writes a whole CIFAR-10 of stripes into `subfolder`: 50000 and 10000 images, of brightness
// 50, 100, … 250 in the five files in order.
inline void WriteStripedCifar10(const TemporaryFolder& folder, const std::string& subfolder) {
  for (int batch = 1; batch <= 5; ++batch) {
    folder.Write(absl::StrCat(subfolder, "/data_batch_", batch, ".bin"),
                 StripedCifarFile(10000, 50 * batch));
  }
  folder.Write(absl::StrCat(subfolder, "/test_batch.bin"), StripedCifarFile(10000, 200));
}

}  // namespace firstguess::trainer
