#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "coordinator/state/state.h"

namespace firstguess {

// What people may see of the coordinator, at one moment. Immutable; shared between threads.
struct View {
  std::vector<SweepView> sweeps;
  std::vector<WorkerView> workers;
  std::map<SweepId, double> trials_per_second;  // over the last minute; absent: 0
  TrainerTime trainer_time;                     // of all workers, since the coordinator began
  double flops_per_second = 0;                  // of all workers that can work; 0: not known

  // Null if there is none.
  const SweepView* FindSweep(absl::string_view name) const;
  const SweepView* FindSweep(SweepId sweep_id) const;

  // Of a running sweep that advances; else nullopt.
  struct Pace {
    double trials_per_second = 0;
    double remaining_seconds = 0;
  };
  std::optional<Pace> PaceOf(const SweepView& sweep) const;
};

}  // namespace firstguess
