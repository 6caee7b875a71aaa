#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/spec/datasets.h"
#include "worker/trainer/data/labelled_images.h"

namespace firstguess::trainer {

// One split of a data set in MNIST's format, two IDX files (idx.h): the images, of shape (examples,
// height, width), and their labels, of shape (examples). DataLoss as ReadIdx, and when image sizes,
// counts or labels are not those that `info` or the other file allow.
absl::StatusOr<LabelledImages> ReadIdxImages(const std::string& images_path,
                                             const std::string& labels_path,
                                             const DatasetInfo& info);

}  // namespace firstguess::trainer
