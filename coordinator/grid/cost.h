#pragma once

#include <cstdint>

#include "common/spec/trial.h"

namespace firstguess {

// What one trial costs, from its configuration alone. All of it depends only on shape fields.
// REQUIRES: a validated configuration (its data set is known).

// Entries of the weight matrices of an MLP of `depth` hidden layers: inputs x width, width x width,
// width x classes. Biases are not counted.
double MlpWeights(const TrialConfig& config);

// Snapshots of a trial that does not diverge: step 0 and min(points, steps) later ones.
int64_t SnapshotCount(const TrialConfig& config);

// Floating-point operations: a multiplication and an addition per weight and example, once forward
// and twice backward in an update, once forward in a probe:
//   steps * 6 * batch_size * weights + snapshots * 2 * probe_size * weights
// and what the groups cost (group_cost.h).
double TrialFlops(const TrialConfig& config);

// Bytes of the finished trial in the database, from the measured size of the whole file per class
// row (a row is one class of one snapshot), and of the rows of its groups.
double TrialBytes(const TrialConfig& config);

}  // namespace firstguess
