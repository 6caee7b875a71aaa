#include "common/spec/datasets.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

// CIFAR comes in no package.
std::string HowToGetCifar(absl::string_view name) {
  return absl::StrCat("unpack ", name, "-binary.tar.gz (\"binary version\" at ",
                      "https://www.cs.toronto.edu/~kriz/cifar.html) in <dir>/", name,
                      " and give --data-dir <dir>");
}

}  // namespace

int64_t KeptExamples(int64_t examples, int64_t c, int64_t classes, double class_imbalance) {
  if (classes < 2) return examples;
  const double exponent = -static_cast<double>(c) / static_cast<double>(classes - 1);
  const double kept =
      std::floor(static_cast<double>(examples) * std::pow(class_imbalance, exponent));
  return std::clamp<int64_t>(static_cast<int64_t>(kept), std::min<int64_t>(1, examples), examples);
}

int64_t DatasetInfo::TrainExamples(double class_imbalance) const {
  int64_t total = 0;
  for (int64_t c = 0; c < classes(); ++c) {
    total += KeptExamples(train_per_class[c], c, classes(), class_imbalance);
  }
  return total;
}

const std::vector<DatasetInfo>& KnownDatasets() {
  static const auto* const datasets = new std::vector<DatasetInfo>{
      {.name = "fashion-mnist",
       .height = 28,
       .width = 28,
       .train_per_class = std::vector<int64_t>(10, 6000),
       .test_examples = 10000,
       .how_to_get = "install it with `apt-get install dataset-fashion-mnist`"},
      {.name = "mnist",
       .height = 28,
       .width = 28,
       .train_per_class = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
       .test_examples = 10000,
       .how_to_get = "put its four IDX files (train-images-idx3-ubyte and so on, gzip or not) into "
                     "<dir>/mnist and give --data-dir <dir>"},
      {.name = "cifar-10",
       .channels = 3,
       .height = 32,
       .width = 32,
       .train_per_class = std::vector<int64_t>(10, 5000),
       .test_examples = 10000,
       .how_to_get = HowToGetCifar("cifar-10")},
      {.name = "cifar-100",
       .channels = 3,
       .height = 32,
       .width = 32,
       .train_per_class = std::vector<int64_t>(100, 500),
       .test_examples = 10000,
       .how_to_get = HowToGetCifar("cifar-100")},
  };
  return *datasets;
}

const DatasetInfo* FindDataset(absl::string_view name) {
  for (const DatasetInfo& dataset : KnownDatasets()) {
    if (dataset.name == name) return &dataset;
  }
  return nullptr;
}

}  // namespace firstguess
