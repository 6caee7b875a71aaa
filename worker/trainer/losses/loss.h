#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"

namespace firstguess::trainer {

// What a loss is given: examples as log-probabilities, which stay finite where probabilities
// underflow. float32 or float64, any device. [N, C] may also be [K, C, B], [N, 1] then [K, 1, B].
struct LabelledExamples {
  at::Tensor log_probs;        // [N, C], log_softmax of the logits
  at::Tensor labels;           // int64 [N, 1]
  at::Tensor label_log_probs;  // [N, 1], l = ln p_y
};

// `logits`: [N, C]; `labels`: int64 [N] on the same device.
LabelledExamples MakeExamples(const at::Tensor& logits, const at::Tensor& labels);

// Per example, in the type and on the device of the examples.
struct LossValues {
  at::Tensor value;            // [N, 1]
  at::Tensor weight;           // [N, 1], w(p_y); undefined for losses that aren't functions of p_y
  at::Tensor logits_gradient;  // [N, C]
};

// A loss on logits. Values and gradients are finite for all logits whose differences are, and are
// never left to autograd: through pow(p, 1/2) that gives NaN where p underflows. NaN gives NaN.
// Immutable; thread-safe.
class LossFunction {
 public:
  virtual ~LossFunction() = default;
  virtual LossValues Evaluate(const LabelledExamples& examples) const = 0;
  // Factor of the sum of all parameters' absolute values that belongs to the loss. Like weight
  // decay, it acts on updates alone and is no part of the values above.
  virtual double l1_penalty() const { return 0; }
};

// A loss that depends on the logits z only through p_y, the softmax probability of the label y. Its
// gradient then is
//
//   dL/dz_j = w(p_y) (p_j - [j = y]),    w(p) = -p dL/dp,
//
// so value and weight are all there is to it.
class LabelLoss : public LossFunction {
 public:
  LossValues Evaluate(const LabelledExamples& examples) const final;
  // L and w of each example as functions of l = ln p. `l`: any shape, float32 or float64; the
  // results have its shape, type and device and no memory in common with it.
  virtual at::Tensor Value(const at::Tensor& l) const = 0;
  virtual at::Tensor Weight(const at::Tensor& l) const = 0;
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
