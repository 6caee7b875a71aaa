#pragma once

#include <cstdint>
#include <optional>

#include "common/spec/trial.h"
#include "coordinator/grid/pack_plan.h"

namespace firstguess {

// About how many networks a trainer on a GPU takes at once (worker/trainer/pack/tile_size.h): as
// many as fit in 2 GiB, up to 1,024. 1 for those that it trains one by one.
int64_t NetworksAtOnce(const TrialConfig& config);

// What `pack` of a sweep file leaves of that.
struct GpuPacks {
  int64_t networks_at_once = 1;  // of the shape that would gain most
  int64_t pack_trials = 1;       // whole packs of that shape
  // With these, packs of every shape hold as many as go at once, or all that there are; nothing
  // when they do already.
  std::optional<PackLimits> enough;
};

// Looks at the first 1,000 shapes of the plan.
GpuPacks LookAtGpuPacks(const PackPlan& plan);

}  // namespace firstguess
