#include "worker/trainer/losses/piecewise_zero.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/ones_like.h>

namespace firstguess::trainer {
namespace {

class PiecewiseZero final : public LossFunction {
 public:
  explicit PiecewiseZero(double cutoff) : cutoff_(cutoff) {}

  // Zeroes what is below the cutoff, rather than keeping what is above it: NaN is neither, and must
  // come through.
  at::Tensor Value(const at::Tensor& l) const override {
    return at::neg(l).masked_fill_(at::exp(l).lt(cutoff_), 0);
  }
  at::Tensor Weight(const at::Tensor& l) const override {
    return at::ones_like(l).masked_fill_(at::exp(l).lt(cutoff_), 0);
  }

 private:
  const double cutoff_;
};

}  // namespace

std::unique_ptr<LossFunction> MakePiecewiseZero(double cutoff) {
  return std::make_unique<PiecewiseZero>(cutoff);
}

}  // namespace firstguess::trainer
