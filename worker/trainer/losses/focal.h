#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"
#include "worker/trainer/losses/modulating_factor.h"

namespace firstguess::trainer {

// Focal loss: examples that are learned already count less (arXiv 1708.02002).
//
//   L = -(1 - p)^gamma ln p,    gamma >= 0; gamma = 0 is cross-entropy.
//
//   full:      w(p) = (1 - p)^gamma - gamma p (1 - p)^(gamma - 1) ln p
//   detached:  w(p) = (1 - p)^gamma, as in the code of label-noise benchmarks
//              (HanxunH/Active-Passive-Losses).
//
// At p = 1 the weight is its limit, 0 for gamma > 0.
std::unique_ptr<LabelLoss> MakeFocal(double gamma, ModulatingFactor gradient);

}  // namespace firstguess::trainer
