#include "worker/trainer/losses/focal.h"

#include <ATen/ops/div.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>

namespace firstguess::trainer {
namespace {

class Focal final : public LabelLoss {
 public:
  Focal(double gamma, ModulatingFactor gradient) : gamma_(gamma), gradient_(gradient) {}

  at::Tensor Value(const at::Tensor& l) const override { return Factor(l).mul_(l).neg_(); }

  // With full gradient, (1 - p)^gamma (1 - gamma p ln p / (1 - p)): the quotient stays within 0 and
  // 1, and is 1 at p = 1.
  at::Tensor Weight(const at::Tensor& l) const override {
    if (gradient_ == ModulatingFactor::kDetached) return Factor(l);
    const at::Tensor quotient = at::div(l, at::expm1(l)).masked_fill_(l.eq(0), 1).mul_(at::exp(l));
    return Factor(l).mul_(quotient.mul_(gamma_).add_(1));
  }

 private:
  at::Tensor Factor(const at::Tensor& l) const { return at::expm1(l).neg_().pow_(gamma_); }

  const double gamma_;
  const ModulatingFactor gradient_;
};

}  // namespace

std::unique_ptr<LabelLoss> MakeFocal(double gamma, ModulatingFactor gradient) {
  return std::make_unique<Focal>(gamma, gradient);
}

}  // namespace firstguess::trainer
