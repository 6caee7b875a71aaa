#include "worker/trainer/losses/blurry.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/mul.h>

namespace firstguess::trainer {
namespace {

class Blurry final : public LabelLoss {
 public:
  Blurry(double gamma, ModulatingFactor gradient) : gamma_(gamma), gradient_(gradient) {}

  at::Tensor Value(const at::Tensor& l) const override { return Factor(l).mul_(l).neg_(); }

  at::Tensor Weight(const at::Tensor& l) const override {
    if (gradient_ == ModulatingFactor::kDetached) return Factor(l);
    // Bounded where the factor is 0 already: 0 times infinity would be NaN.
    const at::Tensor log_factor = at::mul(l, gamma_).clamp_min_(-1e4);
    return at::exp(log_factor).mul_(log_factor.add(1));
  }

 private:
  at::Tensor Factor(const at::Tensor& l) const { return at::mul(l, gamma_).exp_(); }

  const double gamma_;
  const ModulatingFactor gradient_;
};

}  // namespace

std::unique_ptr<LabelLoss> MakeBlurry(double gamma, ModulatingFactor gradient) {
  return std::make_unique<Blurry>(gamma, gradient);
}

}  // namespace firstguess::trainer
