#include "common/spec/list_fields.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/spec/fields.h"
#include "common/spec/hint.h"
#include "common/spec/limits.h"
#include "common/spec/scalar_text.h"

namespace firstguess {
namespace {

constexpr int64_t kMostClasses = 1000;

const std::vector<absl::string_view>& GroupNames() {
  static const auto* const names =
      new std::vector<absl::string_view>{"confusion", "layers", "logits", "noise", "sharpness"};
  return *names;
}

template <typename... Words>
absl::Status Wrong(const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

// The items of a list, without the spaces around them; none of an empty one.
std::vector<absl::string_view> Items(absl::string_view text) {
  if (absl::StripAsciiWhitespace(text).empty()) return {};
  std::vector<absl::string_view> items = absl::StrSplit(text, ',');
  for (absl::string_view& item : items) item = absl::StripAsciiWhitespace(item);
  return items;
}

// Distinct integers from 0 to `max`, in rising order.
absl::StatusOr<std::set<int64_t>> DistinctIntegers(absl::string_view text, absl::string_view what,
                                                   int64_t max) {
  std::set<int64_t> numbers;
  for (const absl::string_view item : Items(text)) {
    const absl::StatusOr<int64_t> number = ParseInteger(item);
    if (!number.ok() || *number < 0 || *number > max) {
      return Wrong("must be a list of ", what, ", from 0 to ", max, ": not `", item, "`");
    }
    if (!numbers.insert(*number).second) return Wrong("has ", *number, " twice");
  }
  return numbers;
}

std::vector<int64_t> Integers(absl::string_view text) {
  std::vector<int64_t> numbers;
  for (const absl::string_view item : Items(text)) numbers.push_back(*ParseInteger(item));
  return numbers;
}

std::optional<NoiseEntry> ParseNoiseEntry(absl::string_view item) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(item, absl::MaxSplits(':', 1));
  const std::vector<absl::string_view> classes = absl::StrSplit(parts.first, '>');
  if (classes.size() != 2) return std::nullopt;
  const absl::StatusOr<int64_t> from = ParseInteger(absl::StripAsciiWhitespace(classes[0]));
  const absl::StatusOr<int64_t> to = ParseInteger(absl::StripAsciiWhitespace(classes[1]));
  if (!from.ok() || !to.ok()) return std::nullopt;
  for (const int64_t c : {*from, *to}) {
    if (c < 0 || c >= kMostClasses) return std::nullopt;
  }
  if (parts.first.size() == item.size()) return NoiseEntry{*from, *to, 1};
  const absl::StatusOr<double> share = ParseReal(absl::StripAsciiWhitespace(parts.second));
  if (!share.ok() || *share <= 0 || *share > 1) return std::nullopt;
  return NoiseEntry{*from, *to, *share};
}

}  // namespace

absl::StatusOr<std::string> CanonicalClasses(absl::string_view text) {
  const absl::StatusOr<std::set<int64_t>> classes =
      DistinctIntegers(text, "classes", kMostClasses - 1);
  if (!classes.ok()) return classes.status();
  if (classes->size() == 1) return Wrong("must have at least two classes");
  return absl::StrJoin(*classes, ",");
}

std::vector<int64_t> Classes(absl::string_view class_subset) { return Integers(class_subset); }

absl::StatusOr<std::string> CanonicalNoiseMatrix(absl::string_view text) {
  std::map<std::pair<int64_t, int64_t>, double> shares;
  std::map<int64_t, double> sums;
  for (const absl::string_view item : Items(text)) {
    const std::optional<NoiseEntry> entry = ParseNoiseEntry(item);
    if (!entry.has_value()) {
      return Wrong(
          "must be a list of class>other, or class>other:share with a share above 0 and "
          "at most 1: not `",
          item, "`");
    }
    if (entry->from == entry->to) return Wrong("has `", item, "`, which changes nothing");
    if (!shares.emplace(std::make_pair(entry->from, entry->to), entry->share).second) {
      return Wrong("has ", entry->from, ">", entry->to, " twice");
    }
    sums[entry->from] += entry->share;
  }
  constexpr double kRounding = 1e-9;
  for (const auto& [from, sum] : sums) {
    if (sum > 1 + kRounding) {
      return Wrong("has shares of class ", from, " that add up to ", NumberText(sum));
    }
  }
  std::vector<std::string> items;
  for (const auto& [classes, share] : shares) {
    items.push_back(absl::StrCat(classes.first, ">", classes.second,
                                 share == 1 ? "" : absl::StrCat(":", NumberText(share))));
  }
  return absl::StrJoin(items, ",");
}

std::vector<NoiseEntry> NoiseMatrix(absl::string_view noise_matrix) {
  std::vector<NoiseEntry> entries;
  for (const absl::string_view item : Items(noise_matrix)) {
    entries.push_back(*ParseNoiseEntry(item));
  }
  return entries;
}

absl::StatusOr<std::string> CanonicalSteps(absl::string_view text) {
  const absl::StatusOr<std::set<int64_t>> steps = DistinctIntegers(text, "steps", 1'000'000'000);
  if (!steps.ok()) return steps.status();
  return absl::StrJoin(*steps, ",");
}

std::vector<int64_t> Steps(absl::string_view confusion_steps) { return Integers(confusion_steps); }

absl::StatusOr<std::string> CanonicalGroups(absl::string_view text) {
  std::set<absl::string_view> groups;
  for (const absl::string_view item : Items(text)) {
    const auto& names = GroupNames();
    if (std::find(names.begin(), names.end(), item) == names.end()) {
      return Wrong("must be a list of ", absl::StrJoin(names, ", "), ": not `", item, "`",
                   Hint(item, names));
    }
    if (!groups.insert(item).second) return Wrong("has ", item, " twice");
  }
  return absl::StrJoin(groups, ",");
}

bool HasGroup(const TrialConfig& config, absl::string_view name) {
  const std::vector<absl::string_view> groups = Items(config.groups);
  return std::find(groups.begin(), groups.end(), name) != groups.end();
}

}  // namespace firstguess
