#include "worker/trainer/data/own_dataset.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/datasets.h"
#include "worker/trainer/data/checksums.h"
#include "worker/trainer/data/dataset_files.h"
#include "worker/trainer/data/locate.h"
#include "worker/trainer/data/npy.h"

namespace firstguess::trainer {
namespace {

constexpr absl::string_view kPixel = "|u1";

const NpyKind& Inputs() {
  static const auto* const kind =
      new NpyKind{.types = {kPixel, "<f4", "<f8"}, .min_dimensions = 2, .max_dimensions = 4};
  return *kind;
}

const NpyKind& Labels() {
  static const auto* const kind =
      new NpyKind{.types = {"|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"}};
  return *kind;
}

// Where element `i` is, for an error.
std::string Place(const std::string& path, const NpyArray& array, int64_t i) {
  return absl::StrCat(path, ": byte ", array.data_offset + i * array.element_bytes(), ": ");
}

absl::StatusOr<std::vector<float>> Floats(const std::string& path, const NpyArray& array,
                                          int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(array.Real(i));
    if (!std::isfinite(value)) {
      return absl::DataLossError(absl::StrCat(Place(path, array, i), "an input of ", array.Real(i),
                                              ", which is no finite number in float32"));
    }
    values[static_cast<size_t>(i)] = value;
  }
  return values;
}

absl::StatusOr<LabelledImages> ReadSplit(const std::string& x_path, const std::string& y_path,
                                         int64_t classes) {
  absl::StatusOr<NpyArray> x = ReadNpy(x_path, Inputs());
  if (!x.ok()) return x.status();
  absl::StatusOr<NpyArray> y = ReadNpy(y_path, Labels());
  if (!y.ok()) return y.status();
  const std::vector<int64_t>& shape = x->shape;
  if (shape[0] != y->shape[0]) {
    return absl::DataLossError(absl::StrCat(x_path, " holds ", shape[0], " examples, ", y_path, " ",
                                            y->shape[0], " labels"));
  }

  LabelledImages split;
  split.width = shape.back();
  split.height = shape.size() > 2 ? shape[shape.size() - 2] : 1;
  split.channels = shape.size() > 3 ? shape[1] : 1;
  split.inputs = split.channels * split.height * split.width;
  if (x->type == kPixel) {
    split.pixels = std::move(x->bytes);
  } else {
    absl::StatusOr<std::vector<float>> values = Floats(x_path, *x, shape[0] * split.inputs);
    if (!values.ok()) return values.status();
    split.values = *std::move(values);
  }
  split.labels.reserve(static_cast<size_t>(shape[0]));
  for (int64_t i = 0; i < shape[0]; ++i) {
    const int64_t label = y->Integer(i);
    if (label < 0 || label >= classes) {
      return absl::DataLossError(absl::StrCat(Place(y_path, *y, i), "label ", label,
                                              ", where `data_classes` ", classes, " allows 0 to ",
                                              classes - 1));
    }
    split.labels.push_back(label);
  }
  return split;
}

std::string ShapeText(const LabelledImages& split) {
  return absl::StrCat(split.channels, " x ", split.height, " x ", split.width,
                      split.values.empty() ? " bytes" : " floats");
}

}  // namespace

absl::StatusOr<ImageDataset> ReadOwnDataset(absl::string_view name, int64_t classes,
                                            const std::vector<std::string>& data_dirs) {
  if (absl::Status status = CanonicalDataset(name).status(); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("`dataset` ", status.message()));
  }
  absl::StatusOr<std::string> folder = LocateDataset(name, data_dirs);
  if (!folder.ok()) return folder.status();
  const DatasetFiles& files = FilesOf(name);
  std::vector<std::string> paths;
  for (const std::string& file : files.all()) {
    paths.push_back(FileOrGzip(*folder, file));
    absl::Status status = VerifyChecksum(*folder, paths.back());
    if (!status.ok()) return status;
  }

  ImageDataset data;
  data.name = std::string(name);
  data.classes = classes;
  absl::StatusOr<LabelledImages> train = ReadSplit(paths[0], paths[1], classes);
  if (!train.ok()) return train.status();
  data.train = *std::move(train);
  absl::StatusOr<LabelledImages> test = ReadSplit(paths[2], paths[3], classes);
  if (!test.ok()) return test.status();
  data.test = *std::move(test);
  if (ShapeText(data.train) != ShapeText(data.test)) {
    return absl::DataLossError(absl::StrCat(*folder, ": an example for training is ",
                                            ShapeText(data.train), ", one for testing ",
                                            ShapeText(data.test)));
  }
  if (data.train.values.empty()) data.table = NormalisationTable(data.train);
  return data;
}

}  // namespace firstguess::trainer
