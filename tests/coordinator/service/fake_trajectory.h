#pragma once

#include "common/spec/trial.h"
#include "common/trajectory.h"

namespace firstguess {

// A well-formed trajectory of this trial that follows from its configuration alone, made without
// training: the stand-in for a result wherever its values do not matter.
Trajectory FakeTrajectory(const TrialConfig& config);

}  // namespace firstguess
