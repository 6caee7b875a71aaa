#include "worker/trainer/losses/symmetric.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>

namespace firstguess::trainer {
namespace {

class Linear final : public LabelLoss {
 public:
  explicit Linear(double scale) : scale_(scale) {}

  at::Tensor Value(const at::Tensor& l) const override { return at::expm1(l).mul_(-scale_); }
  at::Tensor Weight(const at::Tensor& l) const override { return at::exp(l).mul_(scale_); }

 private:
  const double scale_;
};

}  // namespace

std::unique_ptr<LabelLoss> MakeMeanAbsoluteError(double scale) {
  return std::make_unique<Linear>(scale);
}

std::unique_ptr<LabelLoss> MakeReverseCrossEntropy(double A) {
  return std::make_unique<Linear>(-A);
}

}  // namespace firstguess::trainer
