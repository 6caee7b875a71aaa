#include "common/spec/sweep_checks.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

const Axis* FindAxis(const Sweep& sweep, absl::string_view field) {
  for (const Axis& axis : sweep.axes) {
    if (axis.field() == field) return &axis;
  }
  return nullptr;
}

// The largest value of a number over all cells.
template <typename Number>
Number Largest(const Sweep& sweep, absl::string_view field, Number base) {
  const Axis* axis = FindAxis(sweep, field);
  if (axis == nullptr) return base;
  if (axis->range() != nullptr) return std::get<Number>(axis->at(axis->size() - 1));
  Number largest = std::get<Number>(axis->at(0));
  for (uint64_t i = 1; i < axis->size(); ++i) {
    largest = std::max(largest, std::get<Number>(axis->at(i)));
  }
  return largest;
}

std::vector<const DatasetInfo*> Datasets(const Sweep& sweep) {
  const Axis* axis = FindAxis(sweep, "dataset");
  if (axis == nullptr) return {FindDataset(sweep.base.dataset)};
  std::vector<const DatasetInfo*> datasets;
  for (uint64_t i = 0; i < axis->size(); ++i) {
    datasets.push_back(FindDataset(std::get<std::string>(axis->at(i))));
  }
  return datasets;
}

// The place of the first of `fields` that the file names.
Place PlaceOf(std::initializer_list<absl::string_view> fields, const FieldPlaces& places) {
  for (const absl::string_view field : fields) {
    const auto found = places.find(std::string(field));
    if (found != places.end()) return found->second;
  }
  return {};
}

}  // namespace

void CheckExamples(const Sweep& sweep, const FieldPlaces& places, SpecErrors& errors) {
  const int64_t batch_size = Largest(sweep, "batch_size", sweep.base.batch_size);
  const int64_t probe_size = Largest(sweep, "probe_size", sweep.base.probe_size);
  const double imbalance = Largest(sweep, "class_imbalance", sweep.base.class_imbalance);
  for (const DatasetInfo* dataset : Datasets(sweep)) {
    const int64_t train = dataset->TrainExamples(imbalance);
    if (batch_size > train) {
      errors.Add(PlaceOf({"batch_size", "class_imbalance", "dataset"}, places),
                 absl::StrCat("`batch_size` ", batch_size, " is more than the ", train,
                              " training examples of ", dataset->name,
                              imbalance == 1 ? ""
                                             : absl::StrCat(" that `class_imbalance` ",
                                                            ToText(imbalance), " leaves")));
    }
    if (probe_size > dataset->test_examples) {
      errors.Add(PlaceOf({"probe_size", "dataset"}, places),
                 absl::StrCat("`probe_size` ", probe_size, " is more than the ",
                              dataset->test_examples, " test examples of ", dataset->name));
    }
  }
}

}  // namespace firstguess
