#include "worker/trainer/losses/label_smoothing.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/mul.h>

namespace firstguess::trainer {
namespace {

class LabelSmoothing final : public LossFunction {
 public:
  explicit LabelSmoothing(double epsilon) : epsilon_(epsilon) {}

  LossValues Evaluate(const LabelledExamples& examples) const override {
    const at::Tensor& l = examples.label_log_probs;
    const double share = epsilon_ / static_cast<double>(examples.log_probs.size(1));
    const at::Tensor evenly = at::mul(examples.log_probs, -share).sum(1, /*keepdim=*/true);
    return {.value = at::mul(l, -(1 - epsilon_)).add_(evenly),
            .weight = {},
            .logits_gradient =
                at::exp(examples.log_probs)
                    .sub_(share)
                    .scatter_add_(1, examples.labels, at::full_like(l, -(1 - epsilon_)))};
  }

 private:
  const double epsilon_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeLabelSmoothing(double epsilon) {
  return std::make_unique<LabelSmoothing>(epsilon);
}

}  // namespace firstguess::trainer
