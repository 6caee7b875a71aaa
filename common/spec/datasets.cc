#include "common/spec/datasets.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/hint.h"
#include "common/spec/list_fields.h"

namespace firstguess {
namespace {

constexpr absl::string_view kBlobs = "blobs";
constexpr absl::string_view kGaussian = "gaussian";
constexpr absl::string_view kOwnPrefix = "npy/";
constexpr size_t kLongestOwnName = 64;

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

int64_t DatasetInfo::test_examples() const {
  return std::accumulate(test_per_class.begin(), test_per_class.end(), int64_t{0});
}

const std::vector<DatasetInfo>& KnownDatasets() {
  static const auto* const datasets = new std::vector<DatasetInfo>{
      {.name = "fashion-mnist",
       .height = 28,
       .width = 28,
       .train_per_class = std::vector<int64_t>(10, 6000),
       .test_per_class = std::vector<int64_t>(10, 1000),
       .how_to_get = "install it with `apt-get install dataset-fashion-mnist`"},
      {.name = "mnist",
       .height = 28,
       .width = 28,
       .train_per_class = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
       .test_per_class = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
       .how_to_get = "put its four IDX files (train-images-idx3-ubyte and so on, gzip or not) into "
                     "<dir>/mnist and give --data-dir <dir>"},
      {.name = "cifar-10",
       .channels = 3,
       .height = 32,
       .width = 32,
       .train_per_class = std::vector<int64_t>(10, 5000),
       .test_per_class = std::vector<int64_t>(10, 1000),
       .how_to_get = HowToGetCifar("cifar-10")},
      {.name = "cifar-100",
       .channels = 3,
       .height = 32,
       .width = 32,
       .train_per_class = std::vector<int64_t>(100, 500),
       .test_per_class = std::vector<int64_t>(100, 100),
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

bool IsGeneratedDataset(absl::string_view name) { return name == kBlobs || name == kGaussian; }

bool IsOwnDataset(absl::string_view name) { return absl::StartsWith(name, kOwnPrefix); }

absl::string_view OwnDatasetFolder(absl::string_view name) {
  return name.substr(kOwnPrefix.size());
}

std::vector<absl::string_view> DatasetNames() {
  std::vector<absl::string_view> names;
  for (const DatasetInfo& dataset : KnownDatasets()) names.push_back(dataset.name);
  names.insert(names.end(), {kBlobs, kGaussian, "npy/<name>"});
  return names;
}

absl::StatusOr<std::string> CanonicalDataset(absl::string_view name) {
  if (FindDataset(name) != nullptr || IsGeneratedDataset(name)) return std::string(name);
  if (!IsOwnDataset(name)) {
    return absl::InvalidArgumentError(absl::StrCat("must be one of ",
                                                   absl::StrJoin(DatasetNames(), ", "), ", not `",
                                                   name, "`", Hint(name, DatasetNames())));
  }
  const absl::string_view folder = OwnDatasetFolder(name);
  const bool is_plain = std::all_of(folder.begin(), folder.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
  if (folder.empty() || folder.size() > kLongestOwnName || folder[0] == '.' || !is_plain) {
    return absl::InvalidArgumentError(absl::StrCat(
        "of the form npy/<name> must have a name of letters, digits, - _ and ., not `", name, "`"));
  }
  return std::string(name);
}

DatasetInfo DatasetOf(const TrialConfig& config) {
  DatasetInfo info;
  if (const DatasetInfo* known = FindDataset(config.dataset)) {
    info = *known;
  } else {
    const auto classes = static_cast<size_t>(config.data_classes);
    const bool is_own = IsOwnDataset(config.dataset);
    info.name = config.dataset;
    info.height = is_own ? 0 : 1;
    info.width = is_own ? 0 : config.data_dimension;
    info.train_per_class.assign(classes, is_own ? 0 : config.data_train_per_class);
    info.test_per_class.assign(classes, is_own ? 0 : config.data_test_per_class);
    info.sizes_known = !is_own;
    if (is_own) {
      info.how_to_get = absl::StrCat(
          "make train/x.npy, train/y.npy, test/x.npy and test/y.npy with numpy.save in <dir>/",
          OwnDatasetFolder(config.dataset), " and give --data-dir <dir>");
    }
  }
  if (config.class_subset.empty()) return info;
  DatasetInfo subset = info;
  subset.train_per_class.clear();
  subset.test_per_class.clear();
  for (const int64_t c : Classes(config.class_subset)) {
    subset.train_per_class.push_back(info.train_per_class[static_cast<size_t>(c)]);
    subset.test_per_class.push_back(info.test_per_class[static_cast<size_t>(c)]);
  }
  return subset;
}

}  // namespace firstguess
