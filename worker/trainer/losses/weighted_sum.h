#pragma once

#include <memory>
#include <vector>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

struct WeightedSumTerm {
  double factor = 1;
  std::unique_ptr<LossFunction> loss;
};

// The sum of `terms`, one at least, each times its factor: of values and gradients, and of weights
// if every term has one. REQUIRES: no term has an L1 penalty.
//
//   SCE      alpha CE + beta RCE     (arXiv 1908.06112)
//   NCE+MAE  alpha NCE + beta MAE    (arXiv 2006.13554)
//   NCE+RCE  alpha NCE + beta RCE    (arXiv 2006.13554)
std::unique_ptr<LossFunction> MakeWeightedSum(std::vector<WeightedSumTerm> terms);

}  // namespace firstguess::trainer
