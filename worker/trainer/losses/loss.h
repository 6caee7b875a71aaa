#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"

namespace firstguess::trainer {

// A loss that depends on the logits z only through p_y, the softmax probability of the label y. Its
// gradient then is
//
//   dL/dz_j = w(p_y) (p_j - [j = y]),    w(p) = -p dL/dp,
//
// so value and weight are all there is to it. Both are functions of l = ln p_y, which stays finite
// where p_y underflows, and are never differentiated by autograd: through pow(p, 1/2) that gives
// NaN where p underflows. NaN gives NaN. Immutable; thread-safe.
class LossFunction {
 public:
  virtual ~LossFunction() = default;
  // L and w of each example. `label_log_prob`: l, any shape, float32 or float64; the results have
  // its shape, type and device.
  virtual at::Tensor Value(const at::Tensor& label_log_prob) const = 0;
  virtual at::Tensor Weight(const at::Tensor& label_log_prob) const = 0;
};

// The loss that a trial's `loss` names. InvalidArgument as CheckLoss (common/spec/losses.h).
absl::StatusOr<std::unique_ptr<LossFunction>> MakeLoss(const Loss& loss);

// A loss and its gradient on a batch.
struct BatchLoss {
  double mean = 0;             // over the examples, summed in float64
  at::Tensor logits_gradient;  // [B, C], of the mean with respect to the logits
};

// `logits`: [B, C]; `labels`: int64 [B] on the same device.
BatchLoss EvaluateBatch(const LossFunction& loss, const at::Tensor& logits,
                        const at::Tensor& labels);

}  // namespace firstguess::trainer
