#pragma once

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"

namespace firstguess {

// Whether a trajectory can be one of this trial: its steps are the trial's snapshot steps (those
// before the divergence), every vector has one entry per class of the data set, and what is counted
// on the probe set adds up to its size; it has the groups that the trial asks for (groups_check.h).
// InvalidArgument names the first thing that is wrong. Values are not judged.
absl::Status CheckResult(const TrialConfig& config, const Trajectory& trajectory);

}  // namespace firstguess
