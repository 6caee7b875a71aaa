#include "worker/trainer/losses/generalized_cross_entropy.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/mul.h>

#include <cmath>

namespace firstguess::trainer {
namespace {

class GeneralizedCrossEntropy final : public LabelLoss {
 public:
  explicit GeneralizedCrossEntropy(double q) : q_(q) {}

  at::Tensor Value(const at::Tensor& l) const override { return at::mul(l, q_).expm1_().div_(-q_); }
  at::Tensor Weight(const at::Tensor& l) const override { return at::mul(l, q_).exp_(); }

 private:
  const double q_;
};

class Truncated final : public LabelLoss {
 public:
  Truncated(double q, double k) : whole_(q), k_(k), value_at_k_((1 - std::pow(k, q)) / q) {}

  at::Tensor Value(const at::Tensor& l) const override {
    return whole_.Value(l).masked_fill_(at::exp(l).le(k_), value_at_k_);
  }
  at::Tensor Weight(const at::Tensor& l) const override {
    return whole_.Weight(l).masked_fill_(at::exp(l).le(k_), 0);
  }

 private:
  const GeneralizedCrossEntropy whole_;
  const double k_;
  const double value_at_k_;
};

}  // namespace

std::unique_ptr<LabelLoss> MakeGeneralizedCrossEntropy(double q) {
  return std::make_unique<GeneralizedCrossEntropy>(q);
}

std::unique_ptr<LabelLoss> MakeTruncatedGeneralizedCrossEntropy(double q, double k) {
  return std::make_unique<Truncated>(q, k);
}

}  // namespace firstguess::trainer
