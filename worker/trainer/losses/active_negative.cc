#include "worker/trainer/losses/active_negative.h"

#include <ATen/ops/full_like.h>
#include <ATen/ops/sub.h>

#include <cmath>
#include <utility>
#include <vector>

#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/losses/log_prob_gradient.h"
#include "worker/trainer/losses/normalized.h"
#include "worker/trainer/losses/weighted_sum.h"

namespace firstguess::trainer {
namespace {

class NormalizedNegative final : public LossFunction {
 public:
  explicit NormalizedNegative(double min_prob) : log_min_prob_(std::log(min_prob)) {}

  LossValues Evaluate(const LabelledExamples& examples) const override {
    const at::ScalarType type = examples.log_probs.scalar_type();
    const at::Tensor log_probs = examples.log_probs.to(at::kDouble);
    const at::Tensor a = at::sub(log_probs, log_min_prob_).clamp_min_(0);
    const at::Tensor sum = a.sum(1, /*keepdim=*/true);
    const at::Tensor share = a.gather(1, examples.labels).div_(sum);
    const at::Tensor gradient = share.expand_as(a)
                                    .clone()
                                    .scatter_add_(1, examples.labels, at::full_like(share, -1))
                                    .div_(sum)
                                    .masked_fill_(log_probs.lt(log_min_prob_), 0);
    return {.value = share.neg().add_(1).to(type),
            .weight = {},
            .logits_gradient = LogitsGradient(log_probs, gradient).to(type)};
  }

 private:
  const double log_min_prob_;
};

// The loss on the logits with the penalty on the parameters.
class ActiveNegative final : public LossFunction {
 public:
  ActiveNegative(std::unique_ptr<LossFunction> on_logits, double delta)
      : on_logits_(std::move(on_logits)), delta_(delta) {}

  LossValues Evaluate(const LabelledExamples& examples) const override {
    return on_logits_->Evaluate(examples);
  }
  double l1_penalty() const override { return delta_; }

 private:
  const std::unique_ptr<LossFunction> on_logits_;
  const double delta_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeActiveNegative(const ActiveNegativeParameters& parameters) {
  std::vector<WeightedSumTerm> terms;
  terms.push_back({parameters.alpha, MakeNormalized(MakeCrossEntropy())});
  terms.push_back({parameters.beta, std::make_unique<NormalizedNegative>(parameters.min_prob)});
  return std::make_unique<ActiveNegative>(MakeWeightedSum(std::move(terms)), parameters.delta);
}

}  // namespace firstguess::trainer
