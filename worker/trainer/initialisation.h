#pragma once

#include <ATen/core/Tensor.h>

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "worker/trainer/models/parameter.h"

namespace firstguess::trainer {

// The standard deviation of a parameter at the start, for init he, lecun and glorot, and of the
// biases for orthogonal:
//
//   he       init_scale sqrt(2 / fan_in), for every layer, the read-out too
//   lecun    init_scale sqrt(1 / fan_in)
//   glorot   init_scale sqrt(2 / (fan_in + fan_out))
//
// and bias_scale for biases; the read-out's weights' times readout_scale. In float64. Stable.
// REQUIRES: a weight or a bias.
double InitialDeviation(const ParameterSpec& parameter, const TrialConfig& config);

// InvalidArgument for an `init` that is not known.
absl::Status CheckInit(const TrialConfig& config);

// The initial value of a parameter: float32, its own shape, on the CPU, from the stream
// init/<seed>/<name>, by `init`:
//
//   he, lecun, glorot   randn with InitialDeviation, rounded once to float32
//   torch               (2 rand - 1) init_scale / sqrt(fan_in) for weights and biases alike;
//                       bias_scale is ignored
//   orthogonal          weights: init_scale Q with randn(shape) = Q R, the diagonal of R positive,
//                       in float64, rounded once to float32; of the transpose where a layer has
//                       more inputs than outputs; a convolution's as (out, the rest) (arXiv
//                       1312.6120; PyTorch's orthogonal_ with gain init_scale). Biases as the first
//                       three.
//
// The read-out's weights are times readout_scale. Always drawn by itself: a stacked draw gives
// other numbers. A normalisation's scale is 1 and its shift 0, in every init. Stable. REQUIRES:
// CheckInit is ok.
at::Tensor InitialParameter(const ParameterSpec& parameter, const TrialConfig& config);

}  // namespace firstguess::trainer
