#include "worker/trainer/losses/asymmetric.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/logaddexp.h>

#include <cmath>

namespace firstguess::trainer {
namespace {

class AsymmetricGce final : public LabelLoss {
 public:
  AsymmetricGce(double a, double q) : a_(a), q_(q) {}

  at::Tensor Value(const at::Tensor& l) const override {
    return LogOfSum(l).mul_(q_).exp_().sub_(std::pow(a_ + 1, q_)).div_(-q_);
  }
  at::Tensor Weight(const at::Tensor& l) const override {
    return LogOfSum(l).mul_(q_ - 1).add_(l).exp_();
  }

 private:
  // ln(a + p). With a = 0 it is l, where p may underflow.
  at::Tensor LogOfSum(const at::Tensor& l) const {
    return at::logaddexp(l, at::full_like(l, std::log(a_)));
  }

  const double a_;
  const double q_;
};

class AsymmetricUnhinged final : public LabelLoss {
 public:
  AsymmetricUnhinged(double a, double q) : a_(a), q_(q) {}

  at::Tensor Value(const at::Tensor& l) const override {
    return Difference(l).pow_(q_).sub_(std::pow(a_ - 1, q_)).div_(q_);
  }
  at::Tensor Weight(const at::Tensor& l) const override {
    return Difference(l).pow_(q_ - 1).mul_(at::exp(l));
  }

 private:
  // a - p, at least a - 1.
  at::Tensor Difference(const at::Tensor& l) const { return at::expm1(l).neg_().add_(a_ - 1); }

  const double a_;
  const double q_;
};

class AsymmetricExponential final : public LabelLoss {
 public:
  explicit AsymmetricExponential(double a) : a_(a) {}

  at::Tensor Value(const at::Tensor& l) const override { return at::exp(l).div_(-a_).exp_(); }
  at::Tensor Weight(const at::Tensor& l) const override {
    return Value(l).mul_(at::exp(l)).div_(a_);
  }

 private:
  const double a_;
};

}  // namespace

std::unique_ptr<LossFunction> MakeAsymmetricGce(double a, double q) {
  return std::make_unique<AsymmetricGce>(a, q);
}

std::unique_ptr<LossFunction> MakeAsymmetricUnhinged(double a, double q) {
  return std::make_unique<AsymmetricUnhinged>(a, q);
}

std::unique_ptr<LossFunction> MakeAsymmetricExponential(double a) {
  return std::make_unique<AsymmetricExponential>(a);
}

}  // namespace firstguess::trainer
