#include "worker/trainer/losses/weighted_sum.h"

#include <utility>

namespace firstguess::trainer {
namespace {

class WeightedSum final : public LossFunction {
 public:
  explicit WeightedSum(std::vector<WeightedSumTerm> terms) : terms_(std::move(terms)) {}

  LossValues Evaluate(const LabelledExamples& examples) const override {
    LossValues sum;
    for (const WeightedSumTerm& term : terms_) {
      LossValues values = term.loss->Evaluate(examples);
      if (!sum.value.defined()) {
        sum.value = values.value.mul_(term.factor);
        sum.logits_gradient = values.logits_gradient.mul_(term.factor);
        if (values.weight.defined()) sum.weight = values.weight.mul_(term.factor);
        continue;
      }
      sum.value.add_(values.value, term.factor);
      sum.logits_gradient.add_(values.logits_gradient, term.factor);
      if (sum.weight.defined() && values.weight.defined()) {
        sum.weight.add_(values.weight, term.factor);
      } else {
        sum.weight.reset();
      }
    }
    return sum;
  }

 private:
  const std::vector<WeightedSumTerm> terms_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeWeightedSum(std::vector<WeightedSumTerm> terms) {
  return std::make_unique<WeightedSum>(std::move(terms));
}

}  // namespace firstguess::trainer
