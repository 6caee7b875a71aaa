#pragma once

#include "common/spec/trial.h"

namespace firstguess {

// What the measured groups of a trial cost beyond the rest of it; 0 without groups.

// Floating-point operations, of a model with so many weights: one more forward pass of the probe
// set for each of noise and layers; for sharpness, in each iteration, three backward passes of its
// batch.
double GroupFlops(const TrialConfig& config, double weights);

// Bytes in the database, from the measured sizes of rows. A confusion matrix counts with as many
// entries as it may have. REQUIRES: a validated configuration.
double GroupBytes(const TrialConfig& config);

}  // namespace firstguess
