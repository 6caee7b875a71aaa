#pragma once

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"

namespace firstguess {

// Whether the snapshots of `trajectory` have the measured groups that `config` asks for, and no
// others, in the right lengths and ranges. InvalidArgument says what is wrong. Values that are not
// finite are left to be stored as NULL. REQUIRES: the rest of the trajectory is well formed.
absl::Status CheckGroups(const TrialConfig& config, const Trajectory& trajectory);

}  // namespace firstguess
