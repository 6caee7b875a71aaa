#include "worker/trainer/data/dataset_files.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

// The binary version of a CIFAR data set.
DatasetFiles Cifar(absl::string_view name, std::vector<std::string> train, std::string test,
                   absl::string_view archive_folder, int64_t coarse_classes) {
  return {.format = ImageFormat::kCifar,
          .train = std::move(train),
          .test = {std::move(test)},
          .archive_folder = std::string(archive_folder),
          .how_to_get = absl::StrCat("unpack ", name, "-binary.tar.gz (\"binary version\" at ",
                                     "https://www.cs.toronto.edu/~kriz/cifar.html) in <dir>/", name,
                                     " and give --data-dir <dir>"),
          .coarse_classes = coarse_classes};
}

DatasetFiles Idx(std::string how_to_get) {
  return {.format = ImageFormat::kIdx,
          .train = {kTrainImages, kTrainLabels},
          .test = {kTestImages, kTestLabels},
          .how_to_get = std::move(how_to_get)};
}

}  // namespace

std::vector<std::string> DatasetFiles::all() const {
  std::vector<std::string> files = train;
  files.insert(files.end(), test.begin(), test.end());
  return files;
}

const DatasetFiles& FilesOf(absl::string_view name) {
  static const auto* const files = new std::map<std::string, DatasetFiles>{
      {"fashion-mnist", Idx("install it with `apt-get install dataset-fashion-mnist`")},
      {"mnist", Idx(absl::StrCat("put its four IDX files (", kTrainImages,
                                 " and so on, gzip or not) into <dir>/mnist and give --data-dir "
                                 "<dir>"))},
      {"cifar-10", Cifar("cifar-10",
                         {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                          "data_batch_4.bin", "data_batch_5.bin"},
                         "test_batch.bin", "cifar-10-batches-bin", 0)},
      {"cifar-100", Cifar("cifar-100", {"train.bin"}, "test.bin", "cifar-100-binary", 20)},
  };
  return files->at(std::string(name));
}

}  // namespace firstguess::trainer
