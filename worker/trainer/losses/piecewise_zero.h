#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Piecewise-zero loss: examples whose label has a probability below `cutoff` are left out
// (arXiv 2511.16512; formula from its author's code, DavidSzczecina/Loss_sens_analysis):
//
//   L and w of the kept loss   if p >= cutoff,   else both 0.
//
// `kept` is cross-entropy, or blurry for the combination of an older version of that code. p =
// cutoff is kept. Means stay over the whole batch, dropped examples included, so the step shrinks
// with the kept share. The mask is not differentiated.
std::unique_ptr<LabelLoss> MakePiecewiseZero(double cutoff, std::unique_ptr<LabelLoss> kept);

}  // namespace firstguess::trainer
