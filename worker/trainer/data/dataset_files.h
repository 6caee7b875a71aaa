#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess::trainer {

enum class ImageFormat {
  kIdx,    // idx_images.h: a split is a file of images and a file of labels
  kCifar,  // cifar_images.h: a split is files of records, each a label and its pixels
  kNpy,    // own_dataset.h: a split is an array of inputs and one of labels
};

// The files of a data set, by the names that its publishers gave them, below its folder.
struct DatasetFiles {
  ImageFormat format = ImageFormat::kIdx;
  std::vector<std::string> train;  // in the order in which examples are counted
  std::vector<std::string> test;
  std::string archive_folder = "";  // where the published archive puts them; "" when it has none
  int64_t coarse_classes = 0;       // of kCifar; 0: records have no coarse label

  std::vector<std::string> all() const;  // train, then test
};

// REQUIRES: `name` is a published data set's or npy/<name> (common/spec/datasets.h).
const DatasetFiles& FilesOf(absl::string_view name);

// The four files of an IDX data set, uncompressed names.
inline constexpr const char* kTrainImages = "train-images-idx3-ubyte";
inline constexpr const char* kTrainLabels = "train-labels-idx1-ubyte";
inline constexpr const char* kTestImages = "t10k-images-idx3-ubyte";
inline constexpr const char* kTestLabels = "t10k-labels-idx1-ubyte";

}  // namespace firstguess::trainer
