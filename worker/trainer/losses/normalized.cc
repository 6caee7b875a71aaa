#include "worker/trainer/losses/normalized.h"

#include <ATen/ops/div.h>
#include <ATen/ops/full_like.h>

#include <utility>

#include "worker/trainer/losses/log_prob_gradient.h"

namespace firstguess::trainer {
namespace {

class Normalized final : public LossFunction {
 public:
  explicit Normalized(std::unique_ptr<LabelLoss> loss) : loss_(std::move(loss)) {}

  LossValues Evaluate(const LabelledExamples& examples) const override {
    const at::ScalarType type = examples.log_probs.scalar_type();
    const at::Tensor log_probs = examples.log_probs.to(at::kDouble);
    const at::Tensor of_classes = loss_->Value(log_probs);
    const at::Tensor sum = of_classes.sum(1, /*keepdim=*/true);
    const at::Tensor value = of_classes.gather(1, examples.labels).div_(sum);
    // L - [k = y], in every row.
    const at::Tensor differences = value.expand_as(log_probs).clone().scatter_add_(
        1, examples.labels, at::full_like(value, -1));
    const at::Tensor gradient = loss_->Weight(log_probs).mul_(differences).div_(sum);
    return {.value = value.to(type),
            .weight = {},
            .logits_gradient = LogitsGradient(log_probs, gradient).to(type)};
  }

 private:
  const std::unique_ptr<LabelLoss> loss_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeNormalized(std::unique_ptr<LabelLoss> loss) {
  return std::make_unique<Normalized>(std::move(loss));
}

}  // namespace firstguess::trainer
