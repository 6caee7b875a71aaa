#include "common/spec/sweep_checks.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"
#include "common/spec/fields.h"
#include "common/spec/list_fields.h"
#include "common/trajectory.h"

namespace firstguess {
namespace {

// Whether the classes of the subset exist; adds an error unless they do.
bool CheckSubset(const TrialConfig& config, const FieldPlaces& places, SpecErrors& errors) {
  TrialConfig all = config;
  all.class_subset.clear();
  const int64_t classes = DatasetOf(all).classes();
  for (const int64_t c : Classes(config.class_subset)) {
    if (c < classes) continue;
    errors.Add(PlaceOf({"class_subset", "dataset"}, places),
               absl::StrCat("`class_subset` has class ", c, ", and ", config.dataset, " has ",
                            classes, " classes, counted from 0"));
    return false;
  }
  return true;
}

void CheckNoiseClasses(const CellValues& cells, const TrialConfig& config,
                       const FieldPlaces& places, SpecErrors& errors) {
  const int64_t classes = DatasetOf(config).classes();
  for (const FieldValue& matrix : ValuesOf(cells, "noise_matrix")) {
    for (const NoiseEntry& entry : NoiseMatrix(std::get<std::string>(matrix))) {
      if (entry.from < classes && entry.to < classes) continue;
      errors.Add(PlaceOf({"noise_matrix"}, places),
                 absl::StrCat("`noise_matrix` has ", entry.from, ">", entry.to, ", and ", classes,
                              " classes are used, counted from 0"));
      return;
    }
  }
}

void CheckCounts(const TrialConfig& config, const FieldPlaces& places, SpecErrors& errors) {
  const DatasetInfo dataset = DatasetOf(config);
  if (!dataset.sizes_known) return;
  const int64_t train = dataset.TrainExamples(config.class_imbalance);
  if (config.batch_size > train) {
    errors.Add(PlaceOf({"batch_size", "class_imbalance", "class_subset", "data_train_per_class",
                        "dataset"},
                       places),
               absl::StrCat("`batch_size` ", config.batch_size, " is more than the ", train,
                            " training examples of ", dataset.name,
                            config.class_imbalance == 1
                                ? ""
                                : absl::StrCat(" that `class_imbalance` ",
                                               ToText(config.class_imbalance), " leaves")));
  }
  if (config.probe_size > dataset.test_examples()) {
    errors.Add(PlaceOf({"probe_size", "class_subset", "data_test_per_class", "dataset"}, places),
               absl::StrCat("`probe_size` ", config.probe_size, " is more than the ",
                            dataset.test_examples(), " test examples of ", dataset.name));
  }
}

}  // namespace

const std::vector<absl::string_view>& FieldsOfExamples() {
  static const auto* const fields = new std::vector<absl::string_view>{"dataset",
                                                                       "batch_size",
                                                                       "probe_size",
                                                                       "class_imbalance",
                                                                       "class_subset",
                                                                       "noise_matrix",
                                                                       "data_classes",
                                                                       "data_dimension",
                                                                       "data_train_per_class",
                                                                       "data_test_per_class"};
  return *fields;
}

void CheckExamples(const CellValues& cells, const FieldPlaces& places, SpecErrors& errors) {
  // Where there are fewest examples of all, for the largest batch and probe set.
  TrialConfig config = cells.base;
  config.data_classes = Smallest<int64_t>(cells, "data_classes");
  config.data_train_per_class = Smallest<int64_t>(cells, "data_train_per_class");
  config.data_test_per_class = Smallest<int64_t>(cells, "data_test_per_class");
  config.class_imbalance = Largest<double>(cells, "class_imbalance");
  config.batch_size = Largest<int64_t>(cells, "batch_size");
  config.probe_size = Largest<int64_t>(cells, "probe_size");
  for (const FieldValue& dataset : ValuesOf(cells, "dataset")) {
    config.dataset = std::get<std::string>(dataset);
    for (const FieldValue& subset : ValuesOf(cells, "class_subset")) {
      config.class_subset = std::get<std::string>(subset);
      if (!CheckSubset(config, places, errors)) continue;
      CheckNoiseClasses(cells, config, places, errors);
      CheckCounts(config, places, errors);
    }
  }
}

const std::vector<absl::string_view>& FieldsOfTogether() {
  static const auto* const fields = new std::vector<absl::string_view>{"noise_kind",
                                                                       "noise_matrix",
                                                                       "init_max_guess_min",
                                                                       "init_max_guess_max",
                                                                       "confusion_steps",
                                                                       "steps",
                                                                       "points",
                                                                       "spacing"};
  return *fields;
}

void CheckTogether(const CellValues& cells, const FieldPlaces& places, SpecErrors& errors) {
  const std::vector<std::string> kinds = All<std::string>(cells, "noise_kind");
  const bool needs_matrix = std::find(kinds.begin(), kinds.end(), "matrix") != kinds.end();
  if (needs_matrix && cells.base.noise_matrix.empty() &&
      FindColumn(cells, "noise_matrix") == nullptr) {
    errors.Add(PlaceOf({"noise_kind"}, places),
               "`noise_kind` matrix needs a `noise_matrix`, such as [3>5, 5>3]");
  }
  if (Largest<double>(cells, "init_max_guess_min") >
      Smallest<double>(cells, "init_max_guess_max")) {
    errors.Add(PlaceOf({"init_max_guess_min", "init_max_guess_max"}, places),
               "`max_guess` of `init_condition` must have min <= max");
  }
  if (!cells.base.confusion_steps.empty() && FindColumn(cells, "steps") == nullptr &&
      FindColumn(cells, "points") == nullptr && FindColumn(cells, "spacing") == nullptr) {
    const std::vector<int64_t> snapshots =
        SnapshotSteps(cells.base.steps, cells.base.points, cells.base.spacing);
    for (const int64_t step : Steps(cells.base.confusion_steps)) {
      if (std::binary_search(snapshots.begin(), snapshots.end(), step)) continue;
      errors.Add(PlaceOf({"confusion_steps"}, places),
                 absl::StrCat("`confusion_steps` has ", step, ", where no snapshot is taken"));
    }
  }
}

}  // namespace firstguess
