#include "worker/trainer/data/images.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/datasets.h"
#include "worker/trainer/data/checksums.h"
#include "worker/trainer/data/cifar_images.h"
#include "worker/trainer/data/dataset_files.h"
#include "worker/trainer/data/idx_images.h"
#include "worker/trainer/data/locate.h"

namespace firstguess::trainer {
namespace {

absl::StatusOr<LabelledImages> ReadSplit(const std::string& folder, const DatasetFiles& files,
                                         bool train, const DatasetInfo& info) {
  std::vector<std::string> paths;
  for (const std::string& file : train ? files.train : files.test) {
    paths.push_back(FileOrGzip(folder, file));
  }
  switch (files.format) {
    case ImageFormat::kIdx:
      return ReadIdxImages(paths[0], paths[1], info);
    case ImageFormat::kCifar:
      return ReadCifarImages(paths, train ? info.TrainExamples(1) : info.test_examples(),
                             files.coarse_classes, info);
    case ImageFormat::kNpy:  // own_dataset.h
      break;
  }
  return absl::InternalError(absl::StrCat("no reader of ", info.name));
}

absl::Status CheckCounts(const ImageDataset& data, const std::string& folder,
                         const DatasetInfo& info) {
  std::vector<int64_t> per_class(static_cast<size_t>(info.classes()), 0);
  for (const int64_t label : data.train.labels) ++per_class[static_cast<size_t>(label)];
  if (per_class != info.train_per_class) {
    return absl::DataLossError(absl::StrCat(folder, ": not ", info.name,
                                            ": its training examples per class are ",
                                            absl::StrJoin(per_class, ", "), " and should be ",
                                            absl::StrJoin(info.train_per_class, ", ")));
  }
  if (data.test.count() != info.test_examples()) {
    return absl::DataLossError(absl::StrCat(folder, ": not ", info.name, ": ", data.test.count(),
                                            " test examples, where it has ", info.test_examples()));
  }
  return absl::OkStatus();
}

}  // namespace

PixelTable NormalisationTable(const LabelledImages& images) {
  const int64_t per_channel = images.inputs / images.channels;
  // From counts of the 256 values: exact, in any order, in one pass.
  std::vector<std::array<int64_t, 256>> counts(static_cast<size_t>(images.channels));
  for (int64_t i = 0; i < images.count(); ++i) {
    for (int64_t channel = 0; channel < images.channels; ++channel) {
      const uint8_t* pixel = images.pixels.data() + i * images.inputs + channel * per_channel;
      auto& count = counts[static_cast<size_t>(channel)];
      for (int64_t k = 0; k < per_channel; ++k) ++count[pixel[k]];
    }
  }

  PixelTable table(counts.size());
  const auto pixels = static_cast<double>(images.count() * per_channel);
  for (size_t channel = 0; channel < counts.size(); ++channel) {
    double sum = 0;
    for (int value = 0; value < 256; ++value) {
      sum += static_cast<double>(counts[channel][static_cast<size_t>(value)]) * (value / 255.0);
    }
    const double mean = sum / pixels;
    double squares = 0;
    for (int value = 0; value < 256; ++value) {
      const double difference = value / 255.0 - mean;
      squares += static_cast<double>(counts[channel][static_cast<size_t>(value)]) * difference *
                 difference;
    }
    const double deviation = std::sqrt(squares / pixels);
    for (int value = 0; value < 256; ++value) {
      table[channel][static_cast<size_t>(value)] =
          deviation > 0 ? static_cast<float>((value / 255.0 - mean) / deviation) : 0.0f;
    }
  }
  return table;
}

void FillInputs(const LabelledImages& images, const PixelTable& table, const int64_t* rows,
                int64_t row_count, float* out) {
  if (!images.values.empty()) {
    for (int64_t i = 0; i < row_count; ++i) {
      out = std::copy_n(images.values.data() + rows[i] * images.inputs, images.inputs, out);
    }
    return;
  }
  const int64_t per_channel = images.inputs / images.channels;
  for (int64_t i = 0; i < row_count; ++i) {
    const uint8_t* pixel = images.pixels.data() + rows[i] * images.inputs;
    for (const std::array<float, 256>& values : table) {
      for (int64_t k = 0; k < per_channel; ++k) *out++ = values[*pixel++];
    }
  }
}

absl::StatusOr<ImageDataset> ReadImageDataset(absl::string_view name,
                                              const std::vector<std::string>& data_dirs) {
  const DatasetInfo* info = FindDataset(name);
  if (info == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("unknown data set \"", name, "\""));
  }
  absl::StatusOr<std::string> folder = LocateDataset(name, data_dirs);
  if (!folder.ok()) return folder.status();

  const DatasetFiles& files = FilesOf(info->name);
  for (const std::string& file : files.all()) {
    absl::Status status = VerifyChecksum(*folder, FileOrGzip(*folder, file));
    if (!status.ok()) return status;
  }
  ImageDataset data;
  data.name = info->name;
  data.classes = info->classes();
  absl::StatusOr<LabelledImages> train = ReadSplit(*folder, files, true, *info);
  if (!train.ok()) return train.status();
  data.train = *std::move(train);
  absl::StatusOr<LabelledImages> test = ReadSplit(*folder, files, false, *info);
  if (!test.ok()) return test.status();
  data.test = *std::move(test);
  if (absl::Status status = CheckCounts(data, *folder, *info); !status.ok()) return status;
  data.table = NormalisationTable(data.train);
  return data;
}

}  // namespace firstguess::trainer
