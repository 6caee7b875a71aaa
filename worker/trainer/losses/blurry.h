#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"
#include "worker/trainer/losses/modulating_factor.h"

namespace firstguess::trainer {

// Blurry loss: the inverse of focal loss, trusting hard examples less because they are likely
// mislabelled (arXiv 2511.16512; formula from its author's code,
// DavidSzczecina/Loss_sens_analysis):
//
//   L = -p^gamma ln p,    gamma >= 0; gamma = 0 is cross-entropy.
//
// Its code differentiates the factor p^gamma in one version and not in another, and these are
// different optimisers; `gradient` chooses:
//
//   full:      w(p) = p^gamma (1 + gamma ln p), negative for p < exp(-1/gamma): there a step
//              lowers the label's probability;
//   detached:  w(p) = p^gamma, never negative.
std::unique_ptr<LabelLoss> MakeBlurry(double gamma, ModulatingFactor gradient);

}  // namespace firstguess::trainer
