#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Piecewise-zero loss: examples whose label has a probability below `cutoff` are left out
// (arXiv 2511.16512; formula from its author's code, DavidSzczecina/Loss_sens_analysis):
//
//   L = -ln p   and  w(p) = 1   if p >= cutoff,   else both 0.
//
// p = cutoff is kept. Means stay over the whole batch, dropped examples included, so the step
// shrinks with the kept share. The mask is not differentiated.
std::unique_ptr<LossFunction> MakePiecewiseZero(double cutoff);

}  // namespace firstguess::trainer
