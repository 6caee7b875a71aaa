#pragma once

#include <ATen/core/Tensor.h>

#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/batches.h"
#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// The fixed training examples that group noise is measured on: the first min(probe_size, n_train)
// of randperm(n_train) from the stream noise_probe/<data_seed>. Stable.
struct NoiseProbe {
  at::Tensor rows;    // int64 [m], on the CPU: positions among the kept training examples
  at::Tensor inputs;  // float32 [m, inputs], on the training device
  at::Tensor labels;  // int64 [m], on the CPU; true ones
};

NoiseProbe MakeNoiseProbe(const Batches& batches, const TrialConfig& config);

// How a network that gives `logits` ([m, C], any type and device) on a noise probe treats examples
// whose label in training, `given` (int64 [m], on the CPU), is the true one, and the others. In
// float64. Only the counts when a logit is not finite.
NoiseState MeasureNoise(const at::Tensor& logits, const at::Tensor& given, const at::Tensor& truth,
                        const LossFunction& loss);

}  // namespace firstguess::trainer
