#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/spec/trial.h"

namespace firstguess {

// What is known of a data set without reading it: enough to validate a sweep at submit.
struct DatasetInfo {
  std::string name;
  int64_t channels = 1;
  int64_t height = 0;
  int64_t width = 0;
  std::vector<int64_t> train_per_class = {};  // training examples of each class
  std::vector<int64_t> test_per_class = {};   // test examples of each class
  // What to do where its files are not found; <dir> is a folder given with --data-dir.
  std::string how_to_get = "";
  bool sizes_known = true;

  int64_t classes() const { return static_cast<int64_t>(train_per_class.size()); }
  int64_t inputs() const { return channels * height * width; }
  int64_t test_examples() const;
  // Training examples left when class c keeps the first max(1, floor(n_c * r^(-c/(C-1)))).
  int64_t TrainExamples(double class_imbalance) const;
};

// How many examples of class `c` stay under `class_imbalance` (r >= 1); the one place of the
// formula.
int64_t KeptExamples(int64_t examples, int64_t c, int64_t classes, double class_imbalance);

// Those that come as published files.
const std::vector<DatasetInfo>& KnownDatasets();

// Null when the name is not one of KnownDatasets().
const DatasetInfo* FindDataset(absl::string_view name);

// "blobs" (Gaussian classes) and "gaussian" (white noise whose labels say nothing of it): made by
// the worker, as `data_seed` and the fields `data_…` of the trial say.
bool IsGeneratedDataset(absl::string_view name);

// "npy/<name>": arrays that a user made. Only its number of classes is known here, from
// `data_classes`.
bool IsOwnDataset(absl::string_view name);

// The <name> of npy/<name>. REQUIRES: IsOwnDataset(name).
absl::string_view OwnDatasetFolder(absl::string_view name);

// Names that people may choose from; npy/<name> stands for all of its kind.
std::vector<absl::string_view> DatasetNames();

// `name` if it is a data set's; else InvalidArgument that goes on from "`dataset`".
absl::StatusOr<std::string> CanonicalDataset(absl::string_view name);

// The data set that a trial trains on, with its `class_subset` alone. Of one's own arrays, what the
// files hold is not known: sizes_known is false, and all but the number of classes is 0.
// REQUIRES: CanonicalDataset(config.dataset) is ok, and the classes of the subset exist.
DatasetInfo DatasetOf(const TrialConfig& config);

}  // namespace firstguess
