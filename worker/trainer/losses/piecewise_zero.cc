#include "worker/trainer/losses/piecewise_zero.h"

#include <ATen/ops/exp.h>

#include <utility>

namespace firstguess::trainer {
namespace {

class PiecewiseZero final : public LabelLoss {
 public:
  PiecewiseZero(double cutoff, std::unique_ptr<LabelLoss> kept)
      : cutoff_(cutoff), kept_(std::move(kept)) {}

  // Zeroes what is below the cutoff, rather than keeping what is above it: NaN is neither, and must
  // come through.
  at::Tensor Value(const at::Tensor& l) const override {
    return kept_->Value(l).masked_fill_(at::exp(l).lt(cutoff_), 0);
  }
  at::Tensor Weight(const at::Tensor& l) const override {
    return kept_->Weight(l).masked_fill_(at::exp(l).lt(cutoff_), 0);
  }

 private:
  const double cutoff_;
  const std::unique_ptr<LabelLoss> kept_;
};

}  // namespace

std::unique_ptr<LabelLoss> MakePiecewiseZero(double cutoff, std::unique_ptr<LabelLoss> kept) {
  return std::make_unique<PiecewiseZero>(cutoff, std::move(kept));
}

}  // namespace firstguess::trainer
