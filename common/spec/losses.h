#pragma once

#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/spec/trial.h"

namespace firstguess {

// One parameter of a loss: a number within [min, max], or one of `words`.
struct LossParameter {
  absl::string_view name;
  Loss::Parameter default_value =
      0.0;  // a default may never change: keys of stored trials depend on it
  double min = 0;
  double max = std::numeric_limits<double>::infinity();
  bool is_integer = false;
  std::vector<absl::string_view> words = {};
  absl::string_view description = {};

  bool is_word() const { return !words.empty(); }
};

// A training loss, with p the softmax probability of the label.
struct LossInfo {
  absl::string_view name;
  std::vector<LossParameter> parameters = {};
  absl::string_view formula = {};
  absl::string_view source = {};

  const LossParameter* FindParameter(absl::string_view parameter) const;
  // The loss with all its defaults.
  Loss Default() const;
};

// Every loss that a trial may name. Static; thread-safe.
const std::vector<LossInfo>& KnownLosses();

// Null when the name is unknown.
const LossInfo* FindLoss(absl::string_view name);

// InvalidArgument unless `value` is of the parameter's type and within its limits.
absl::Status CheckLossParameter(const LossParameter& parameter, const Loss::Parameter& value);

// InvalidArgument, naming the loss or parameter, unless the loss is known, has exactly its
// parameters, and each is valid.
absl::Status CheckLoss(const Loss& loss);

}  // namespace firstguess
