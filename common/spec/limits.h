#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// A number as messages show it: the shortest digits, or "nan", "inf", "-inf".
std::string NumberText(double value);

// What a number within [min, max], both included, must be: "at least 0", "from 0 to 1", …
std::string LimitsText(double min, double max);

// InvalidArgument "`name` must be from 0 to 1, not 2" unless `value` is finite and within
// [min, max].
absl::Status CheckNumber(absl::string_view name, double value, double min, double max);

// InvalidArgument "`name` must be one of relu, tanh, not `rely` (did you mean `relu`?)" unless
// `value` is one of `words`.
absl::Status CheckWord(absl::string_view name, absl::string_view value,
                       const std::vector<absl::string_view>& words);

}  // namespace firstguess
