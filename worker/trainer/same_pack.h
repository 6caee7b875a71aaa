#pragma once

#include "absl/status/status.h"
#include "common/spec/trial.h"

namespace firstguess::trainer {

// Ok when the two may be in one pack: their data, shape, optimizer and measured steps agree.
// Otherwise InvalidArgument names the field that differs.
absl::Status CheckSamePack(const TrialConfig& a, const TrialConfig& b);

}  // namespace firstguess::trainer
