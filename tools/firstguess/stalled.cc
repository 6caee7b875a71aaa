#include "tools/firstguess/stalled.h"

#include "absl/strings/match.h"

namespace firstguess {
namespace {

// How the coordinator's reasons begin that only other workers can remove.
constexpr absl::string_view kNoWorker = "no connected worker can";

}  // namespace

std::optional<std::string> StallDetector::Look(const v1::ListWorkersResponse& workers,
                                               const SweepNumbers& numbers, absl::Duration now) {
  int present = 0;
  int cannot_work = 0;
  std::string reason = numbers.waiting_reason;
  for (const v1::WorkerStatus& worker : workers.workers()) {
    if (worker.state() == "cannot work") {
      ++cannot_work;
      reason = worker.reason();
    }
    if (worker.state() == "cannot work" || worker.state() == "connected") ++present;
  }
  const bool all_there = present >= expected_;
  const bool hopeless =
      cannot_work >= expected_ ||
      (numbers.leased == 0 && absl::StartsWith(numbers.waiting_reason, kNoWorker));
  if (!all_there || !hopeless) {
    stalled_since_.reset();
    return std::nullopt;
  }
  if (!stalled_since_.has_value()) stalled_since_ = now;
  if (now - *stalled_since_ < kPatience) return std::nullopt;
  return reason;
}

}  // namespace firstguess
