#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/spec/datasets.h"
#include "worker/trainer/data/labelled_images.h"

namespace firstguess::trainer {

// One split of a data set in CIFAR's binary format: files of records without any header, each
//
//   coarse label   1 byte, 0 … coarse_classes - 1, unused here; only in CIFAR-100 (20 superclasses)
//   label          1 byte, 0 … classes - 1
//   pixels         channels * height * width bytes: all of red, all of green, all of blue, each row
//                  by row from the top left
//
// so 3073 bytes a record in CIFAR-10 and 3074 in CIFAR-100. `paths` are the split's files in order,
// gzip-compressed or plain, which share its `examples` equally. `coarse_classes` 0: no such byte.
// NotFound when one can't be opened; DataLoss, naming the file and the decompressed offset of the
// first byte that is wrong, when it is truncated, holds more than its records, has a label out of
// range, or damaged compression. Thread-safe.
absl::StatusOr<LabelledImages> ReadCifarImages(const std::vector<std::string>& paths,
                                               int64_t examples, int64_t coarse_classes,
                                               const DatasetInfo& info);

}  // namespace firstguess::trainer
