#include "worker/trainer/data/idx_images.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/trainer/data/idx.h"

namespace firstguess::trainer {

absl::StatusOr<LabelledImages> ReadIdxImages(const std::string& images_path,
                                             const std::string& labels_path,
                                             const DatasetInfo& info) {
  absl::StatusOr<IdxArray> images = ReadIdx(images_path, 3);
  if (!images.ok()) return images.status();
  absl::StatusOr<IdxArray> labels = ReadIdx(labels_path, 1);
  if (!labels.ok()) return labels.status();

  if (images->shape[1] != info.height || images->shape[2] != info.width) {
    return absl::DataLossError(absl::StrCat(images_path, ": images of ", images->shape[1], " x ",
                                            images->shape[2], " pixels, where ", info.name, " has ",
                                            info.height, " x ", info.width));
  }
  if (images->shape[0] != labels->shape[0]) {
    return absl::DataLossError(absl::StrCat(images_path, " holds ", images->shape[0], " images, ",
                                            labels_path, " ", labels->shape[0], " labels"));
  }
  LabelledImages split;
  split.inputs = info.inputs();
  split.channels = info.channels;
  split.height = info.height;
  split.width = info.width;
  split.pixels = std::move(images->bytes);
  split.labels.assign(labels->bytes.begin(), labels->bytes.end());
  for (size_t i = 0; i < split.labels.size(); ++i) {
    if (split.labels[i] >= info.classes()) {
      // The header of a one-dimensional IDX file is 8 bytes.
      return absl::DataLossError(absl::StrCat(labels_path, ": byte ", i + 8, ": label ",
                                              split.labels[i], ", where ", info.name,
                                              " has classes 0 to ", info.classes() - 1));
    }
  }
  return split;
}

}  // namespace firstguess::trainer
