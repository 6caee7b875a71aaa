#include "common/spec/limits.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/canonical_json.h"
#include "common/spec/hint.h"

namespace firstguess {
std::string NumberText(double value) {
  if (!std::isfinite(value)) return absl::StrCat(value);
  std::string text;
  AppendJsonNumber(value, &text);
  return text;
}

std::string LimitsText(double min, double max) {
  if (std::isinf(min) && std::isinf(max)) return "a finite number";
  if (std::isinf(max)) return absl::StrCat("at least ", NumberText(min));
  if (std::isinf(min)) return absl::StrCat("at most ", NumberText(max));
  return absl::StrCat("from ", NumberText(min), " to ", NumberText(max));
}

absl::Status CheckNumber(absl::string_view name, double value, double min, double max) {
  if (std::isfinite(value) && value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("`", name, "` must be ", LimitsText(min, max), ", not ", NumberText(value)));
}

absl::Status CheckWord(absl::string_view name, absl::string_view value,
                       const std::vector<absl::string_view>& words) {
  if (std::find(words.begin(), words.end(), value) != words.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("`", name, "` must be ", words.size() == 1 ? "" : "one of ",
                   absl::StrJoin(words, ", "), ", not `", value, "`", Hint(value, words)));
}

}  // namespace firstguess
