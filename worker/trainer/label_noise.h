#pragma once

#include <ATen/core/Tensor.h>

#include "common/spec/trial.h"

namespace firstguess::trainer {

// The labels a trial trains on: `labels` (int64 [n_train], the examples that class_imbalance
// leaves) with `config.label_noise` applied. From the stream label_noise/<data_seed>, in this
// order: u = rand(n_train), r = randint(1, classes, (n_train,)). Where u < label_noise, in float32,
// the label becomes (y + r) mod C, or (y + 1) mod C for noise_kind pair_flip. Without noise nothing
// is drawn. Stable.
at::Tensor NoisyLabels(const at::Tensor& labels, int64_t classes, const TrialConfig& config);

}  // namespace firstguess::trainer
