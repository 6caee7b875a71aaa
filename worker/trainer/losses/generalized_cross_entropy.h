#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Generalized cross-entropy, between cross-entropy (q -> 0) and mean absolute error (q = 1)
// (arXiv 1805.07836):
//
//   L = (1 - p^q) / q,    w(p) = p^q,    q > 0.
std::unique_ptr<LabelLoss> MakeGeneralizedCrossEntropy(double q);

// Its truncated version, which leaves out examples whose label has a probability of at most k:
//
//   L = (1 - p^q) / q  and  w(p) = p^q   if p > k,   else  L = (1 - k^q) / q  and  w(p) = 0.
//
// The published code prunes from epoch 40 on, weights kept until the next pruning; here every batch
// decides by itself, and a trial's delay says from which step on.
std::unique_ptr<LabelLoss> MakeTruncatedGeneralizedCrossEntropy(double q, double k);

}  // namespace firstguess::trainer
