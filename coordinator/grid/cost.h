#pragma once

#include <cstdint>

#include "common/spec/trial.h"

namespace firstguess {

// What one trial costs, from its configuration alone. All of it depends only on shape fields.
// REQUIRES: a validated configuration (its data set is known).

// Entries of the model's weight matrices and convolutions. Biases and normalisation are not
// counted. One's own arrays, whose shape is not known here, are taken for images of 3 x 32 x 32.
double ModelWeights(const TrialConfig& config);

// Multiplications by a weight in one example's way through the model: each weight of a convolution
// takes part at every place that it puts out.
double ModelMultiplications(const TrialConfig& config);

// Snapshots of a trial that does not diverge: step 0 and min(points, steps) later ones.
int64_t SnapshotCount(const TrialConfig& config);

// Floating-point operations: a multiplication and an addition for each of an example's m =
// ModelMultiplications, once forward and twice backward in an update, once forward in a probe:
//   steps * 6 * batch_size * m + snapshots * 2 * probe_size * m
// and what the groups cost (group_cost.h).
double TrialFlops(const TrialConfig& config);

// Bytes of the finished trial in the database, from the measured size of the whole file per class
// row (a row is one class of one snapshot), and of the rows of its groups.
double TrialBytes(const TrialConfig& config);

}  // namespace firstguess
