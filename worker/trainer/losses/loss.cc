#include "worker/trainer/losses/loss.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/log_softmax.h>

namespace firstguess::trainer {

LabelledExamples MakeExamples(const at::Tensor& logits, const at::Tensor& labels) {
  LabelledExamples examples;
  examples.log_probs = at::log_softmax(logits, 1);
  examples.labels = labels.unsqueeze(1);
  examples.label_log_probs = examples.log_probs.gather(1, examples.labels);
  return examples;
}

LossValues LabelLoss::Evaluate(const LabelledExamples& examples) const {
  const at::Tensor& l = examples.label_log_probs;
  LossValues result{.value = Value(l), .weight = Weight(l), .logits_gradient = {}};
  result.logits_gradient = at::exp(examples.log_probs)
                               .scatter_add_(1, examples.labels, at::full_like(l, -1))
                               .mul_(result.weight);
  return result;
}

BatchLoss EvaluateBatch(const LossFunction& loss, const at::Tensor& logits,
                        const at::Tensor& labels) {
  LossValues values = loss.Evaluate(MakeExamples(logits, labels));
  return {.mean = values.value.mean(at::kDouble).item<double>(),
          .logits_gradient = values.logits_gradient.div_(static_cast<double>(logits.size(0)))};
}

}  // namespace firstguess::trainer
