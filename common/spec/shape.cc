#include "common/spec/shape.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/spec/fields.h"

namespace firstguess {

const std::vector<absl::string_view>& ShapeFields() {
  static const auto* const fields = new std::vector<absl::string_view>{
      "dataset", "class_imbalance", "model", "width", "depth", "activation", "batch_size", "steps",
      "optimizer", "data_seed", "probe_size", "points", "spacing",
      // Newer ones at the end: the plans of earlier sweeps depend on the order.
      "norm", "norm_position", "norm_statistics", "pool", "stem", "class_subset", "input_shift",
      "data_classes", "data_dimension", "data_separation", "data_train_per_class",
      "data_test_per_class", "groups", "confusion_steps", "sharpness_iterations"};
  return *fields;
}

bool IsShapeField(absl::string_view field) {
  const auto& fields = ShapeFields();
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

std::string ShapeKey(const TrialConfig& config) {
  static const auto* const fields = [] {
    auto* found = new std::vector<const Field*>;
    for (const absl::string_view name : ShapeFields()) found->push_back(FindField(name));
    return found;
  }();
  std::string key;
  for (const Field* field : *fields) {
    absl::StrAppend(&key, key.empty() ? "" : ",", field->name, "=",
                    ToText(GetField(config, *field)));
  }
  return key;
}

}  // namespace firstguess
