#include "tools/firstguess/sweep_numbers.h"

#include "absl/strings/str_cat.h"
#include "tools/firstguess/format.h"

namespace firstguess {

ExitCode EndCode(const SweepNumbers& numbers) {
  const bool all_done = numbers.failed + numbers.cancelled == 0 && numbers.state == "done";
  return all_done ? kExitDone : kExitTrialsFailed;
}

nlohmann::ordered_json ToJson(const SweepNumbers& numbers) {
  const auto or_null = [](const std::optional<double>& value) {
    return value.has_value() ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  };
  return {{"name", numbers.name},
          {"revision", numbers.revision},
          {"state", numbers.state},
          {"priority", numbers.priority},
          {"cells", numbers.cells},
          {"done", numbers.done},
          {"failed", numbers.failed},
          {"cancelled", numbers.cancelled},
          {"leased", numbers.leased},
          {"pending", numbers.pending},
          {"diverged", numbers.diverged},
          {"created_at", numbers.created_at},
          {"finished_at", or_null(numbers.finished_at)},
          {"trials_per_second", numbers.trials_per_second},
          {"remaining_seconds", or_null(numbers.remaining_seconds)},
          {"waiting_reason", numbers.waiting_reason}};
}

std::string InWords(const SweepNumbers& numbers) {
  std::string text = absl::StrCat(FormatCount(numbers.done), " of ",
                                  FormatCountOf(numbers.cells, "trial"), " done");
  const auto add = [&text](int64_t count, const char* what) {
    if (count > 0) absl::StrAppend(&text, ", ", FormatCount(count), " ", what);
  };
  add(numbers.diverged, "of them diverged");
  add(numbers.failed, "failed");
  add(numbers.cancelled, "cancelled");
  add(numbers.leased, "in training");
  add(numbers.pending, "waiting");
  return text;
}

}  // namespace firstguess
