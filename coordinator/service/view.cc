#include "coordinator/service/view.h"

namespace firstguess {

const SweepView* View::FindSweep(absl::string_view name) const {
  for (const SweepView& sweep : sweeps) {
    if (sweep.name == name) return &sweep;
  }
  return nullptr;
}

const SweepView* View::FindSweep(SweepId sweep_id) const {
  for (const SweepView& sweep : sweeps) {
    if (sweep.sweep_id == sweep_id) return &sweep;
  }
  return nullptr;
}

std::optional<View::Pace> View::PaceOf(const SweepView& sweep) const {
  const auto rate = trials_per_second.find(sweep.sweep_id);
  if (sweep.state != SweepState::kRunning || rate == trials_per_second.end()) return std::nullopt;
  const SweepCounters& counters = sweep.counters;
  const int64_t left = counters.cells - counters.done - counters.failed - counters.cancelled;
  return Pace{.trials_per_second = rate->second,
              .remaining_seconds = static_cast<double>(left) / rate->second};
}

}  // namespace firstguess
