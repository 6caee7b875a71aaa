#pragma once

#include <cstdint>

#include "common/spec/trial.h"

namespace firstguess {

// Whether group confusion measures `config` at `step`, if there is a snapshot: at the steps that
// confusion_steps names, or at step 0 and the last.
bool HasConfusionAt(const TrialConfig& config, int64_t step);

}  // namespace firstguess
