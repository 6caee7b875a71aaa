#include "worker/trainer/data/dataset_files.h"

#include <map>

#include "common/spec/datasets.h"

namespace firstguess::trainer {
namespace {

DatasetFiles Idx() {
  return {.format = ImageFormat::kIdx,
          .train = {kTrainImages, kTrainLabels},
          .test = {kTestImages, kTestLabels}};
}

}  // namespace

std::vector<std::string> DatasetFiles::all() const {
  std::vector<std::string> files = train;
  files.insert(files.end(), test.begin(), test.end());
  return files;
}

const DatasetFiles& FilesOf(absl::string_view name) {
  static const auto* const files = new std::map<std::string, DatasetFiles>{
      {"fashion-mnist", Idx()},
      {"mnist", Idx()},
      {"cifar-10",
       {.format = ImageFormat::kCifar,
        .train = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                  "data_batch_5.bin"},
        .test = {"test_batch.bin"},
        .archive_folder = "cifar-10-batches-bin"}},
      {"cifar-100",
       {.format = ImageFormat::kCifar,
        .train = {"train.bin"},
        .test = {"test.bin"},
        .archive_folder = "cifar-100-binary",
        .coarse_classes = 20}},
  };
  static const auto* const own_files = new DatasetFiles{.format = ImageFormat::kNpy,
                                                        .train = {"train/x.npy", "train/y.npy"},
                                                        .test = {"test/x.npy", "test/y.npy"}};
  if (IsOwnDataset(name)) return *own_files;
  return files->at(std::string(name));
}

}  // namespace firstguess::trainer
