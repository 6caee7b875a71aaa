#include "worker/trainer/losses/polynomial.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/zeros_like.h>

namespace firstguess::trainer {
namespace {

class TaylorCrossEntropy final : public LabelLoss {
 public:
  explicit TaylorCrossEntropy(int t) : t_(t) {}

  at::Tensor Value(const at::Tensor& l) const override {
    const at::Tensor u = at::expm1(l).neg_();  // 1 - p
    at::Tensor sum = at::zeros_like(l);
    for (int i = t_; i >= 1; --i) sum.add_(1.0 / i).mul_(u);
    return sum;
  }
  // Through ln(1 - p), which keeps the digits of a small p.
  at::Tensor Weight(const at::Tensor& l) const override {
    return at::exp(l).neg_().log1p_().mul_(t_).expm1_().neg_();
  }

 private:
  const int t_;
};

class Poly1 final : public LabelLoss {
 public:
  explicit Poly1(double epsilon) : epsilon_(epsilon) {}

  at::Tensor Value(const at::Tensor& l) const override {
    return at::expm1(l).mul_(-epsilon_).sub_(l);
  }
  at::Tensor Weight(const at::Tensor& l) const override {
    return at::exp(l).mul_(epsilon_).add_(1);
  }

 private:
  const double epsilon_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeTaylorCrossEntropy(int t) {
  return std::make_unique<TaylorCrossEntropy>(t);
}

std::unique_ptr<LossFunction> MakePoly1(double epsilon) { return std::make_unique<Poly1>(epsilon); }

}  // namespace firstguess::trainer
