#pragma once

#include <ATen/core/Tensor.h>

#include "common/spec/trial.h"

namespace firstguess::trainer {

// The labels a trial trains on: `labels` (int64 [n_train], the examples that class_imbalance
// leaves) with `config.label_noise` applied. From the stream label_noise/<data_seed>, in this
// order: u = rand(n_train), r = randint(1, classes, (n_train,)), and for noise_kind matrix
// v = rand(n_train). Where u < label_noise, in float32, the label becomes
//   symmetric  (y + r) mod C
//   pair_flip  (y + 1) mod C
//   matrix     the first class of y's row in noise_matrix, in rising order, at which the row's
//   shares
//              so far add up to more than v, in float64; y if they never do or there is no row.
// Without noise nothing is drawn. Stable. REQUIRES: the matrix has classes below `classes` alone.
at::Tensor NoisyLabels(const at::Tensor& labels, int64_t classes, const TrialConfig& config);

}  // namespace firstguess::trainer
