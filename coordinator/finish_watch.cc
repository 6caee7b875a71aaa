#include "coordinator/finish_watch.h"

namespace firstguess {
namespace {

double UnixSeconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

EndedSweep Ended(const SweepView& sweep) {
  return {.name = sweep.name,
          .revision = sweep.revision,
          .state = std::string(SweepStateName(sweep.state)),
          .cells = sweep.counters.cells,
          .done = sweep.counters.done,
          .failed = sweep.counters.failed,
          .cancelled = sweep.counters.cancelled,
          .diverged = sweep.counters.diverged,
          .created_at = UnixSeconds(sweep.created_at),
          .finished_at = UnixSeconds(sweep.finished_at.value_or(sweep.created_at))};
}

}  // namespace

bool FinishWatch::OnView(const View& view) {
  for (const SweepView& sweep : view.sweeps) {
    const End now = {sweep.state, sweep.finished_at};
    End& seen = seen_[sweep.sweep_id];
    if (seen == now) continue;
    seen = now;
    const bool ended = sweep.state == SweepState::kDone || sweep.state == SweepState::kCancelled;
    if (!ended || first_view_) continue;
    for (const std::unique_ptr<Notifier>& notifier : notifiers_) notifier->Tell(Ended(sweep));
  }
  first_view_ = false;
  return true;
}

}  // namespace firstguess
