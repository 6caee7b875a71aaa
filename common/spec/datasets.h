#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// What is known of a data set without reading it: enough to validate a sweep at submit.
struct DatasetInfo {
  std::string name;
  int64_t channels = 1;
  int64_t height = 0;
  int64_t width = 0;
  std::vector<int64_t> train_per_class = {};  // training examples of each class
  int64_t test_examples = 0;
  // What to do where its files are not found; <dir> is a folder given with --data-dir.
  std::string how_to_get = "";

  int64_t classes() const { return static_cast<int64_t>(train_per_class.size()); }
  int64_t inputs() const { return channels * height * width; }
  // Training examples left when class c keeps the first max(1, floor(n_c * r^(-c/(C-1)))).
  int64_t TrainExamples(double class_imbalance) const;
};

// How many examples of class `c` stay under `class_imbalance` (r >= 1); the one place of the
// formula.
int64_t KeptExamples(int64_t examples, int64_t c, int64_t classes, double class_imbalance);

const std::vector<DatasetInfo>& KnownDatasets();

// Null when the name is unknown.
const DatasetInfo* FindDataset(absl::string_view name);

}  // namespace firstguess
