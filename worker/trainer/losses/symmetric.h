#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Losses that are linear in p. Summed over all labels they are constant, which makes them robust to
// symmetric label noise, and leaves them no force that undoes an initial bias.

// Mean absolute error (arXiv 1712.09482):
//
//   L = scale (1 - p),    w(p) = scale p.
//
// Scale 1 is that of benchmarks (HanxunH/Active-Passive-Losses); scale 2 is the sum over classes of
// |p_j - [j = y]|.
std::unique_ptr<LabelLoss> MakeMeanAbsoluteError(double scale);

// Reverse cross-entropy (arXiv 1908.06112), the labels' zeros taken as exp(A) in their logarithm:
//
//   L = -A (1 - p),    w(p) = -A p.
//
// A = ln(1e-4) in the code of YisenWang/symmetric_cross_entropy_for_noisy_labels. Its clipping of
// the prediction at 1e-7 is left out.
std::unique_ptr<LabelLoss> MakeReverseCrossEntropy(double A);

}  // namespace firstguess::trainer
