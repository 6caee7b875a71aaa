#include "tools/firstguess/watched.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

// What follows the count: rate, time left, how many are in training, or why nothing is.
std::string Pace(const SweepNumbers& numbers) {
  std::vector<std::string> parts;
  if (numbers.failed > 0) parts.push_back(absl::StrCat(FormatCount(numbers.failed), " failed"));
  if (!numbers.all_ended()) {
    if (numbers.trials_per_second > 0) parts.push_back(FormatRate(numbers.trials_per_second));
    if (numbers.remaining_seconds.has_value()) {
      const absl::Duration left = absl::Seconds(*numbers.remaining_seconds);
      parts.push_back(absl::StrCat("ETA ", DurationInWords(left)));
    }
    if (numbers.leased > 0) {
      parts.push_back(absl::StrCat(FormatCount(numbers.leased), " in training"));
    } else if (!numbers.waiting_reason.empty()) {
      parts.push_back(absl::StrCat("waiting: ", Visible(numbers.waiting_reason)));
    }
  }
  return absl::StrJoin(parts, ", ");
}

std::string Counted(const std::map<std::string, int64_t>& counts) {
  return absl::StrJoin(counts, ", ", [](std::string* out, const auto& count) {
    absl::StrAppend(out, FormatCount(count.second), " ", Visible(count.first));
  });
}

}  // namespace

std::string ProgressLine(const SweepNumbers& numbers) {
  const std::string pace = Pace(numbers);
  return absl::StrCat(Visible(numbers.name), ": ", FormatCount(numbers.ended()), "/",
                      FormatCountOf(numbers.cells, "trial"), ", ",
                      FormatPercent(numbers.ended(), numbers.cells), pace.empty() ? "" : ", ",
                      pace);
}

std::vector<std::string> AroundLines(const Watched::Around& around) {
  std::vector<std::string> lines;
  if (!around.workers.empty()) lines.push_back(absl::StrCat("workers: ", Counted(around.workers)));
  if (!around.failures.empty()) lines.push_back(absl::StrCat("failed: ", Counted(around.failures)));
  return lines;
}

}  // namespace firstguess
