#include "worker/trainer/losses/brier.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

namespace firstguess::trainer {
namespace {

class Brier final : public LossFunction {
 public:
  LossValues Evaluate(const LabelledExamples& examples) const override {
    const at::Tensor p = at::exp(examples.log_probs);
    const at::Tensor d =
        p.clone().scatter_(1, examples.labels, at::expm1(examples.label_log_probs));
    const at::Tensor mean = at::mul(p, d).sum(1, /*keepdim=*/true);
    return {.value = at::mul(d, d).sum(1, /*keepdim=*/true),
            .weight = {},
            .logits_gradient = at::sub(d, mean).mul_(p).mul_(2)};
  }
};

}  // namespace

std::unique_ptr<LossFunction> MakeBrier() { return std::make_unique<Brier>(); }

}  // namespace firstguess::trainer
