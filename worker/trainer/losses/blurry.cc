#include "worker/trainer/losses/blurry.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/mul.h>

namespace firstguess::trainer {
namespace {

class Blurry final : public LossFunction {
 public:
  Blurry(double gamma, BlurryGradient gradient) : gamma_(gamma), gradient_(gradient) {}

  at::Tensor Value(const at::Tensor& l) const override { return Factor(l).mul_(l).neg_(); }

  at::Tensor Weight(const at::Tensor& l) const override {
    if (gradient_ == BlurryGradient::kDetached) return Factor(l);
    return Factor(l).mul_(at::mul(l, gamma_).add_(1));
  }

 private:
  at::Tensor Factor(const at::Tensor& l) const { return at::mul(l, gamma_).exp_(); }

  const double gamma_;
  const BlurryGradient gradient_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeBlurry(double gamma, BlurryGradient gradient) {
  return std::make_unique<Blurry>(gamma, gradient);
}

}  // namespace firstguess::trainer
