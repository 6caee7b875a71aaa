#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// A loss divided by its sum over all classes in the label's place (arXiv 2006.13554):
//
//   L = F(p_y) / S,    S = sum_k F(p_k),    dL/d ln p_k = w_F(p_k) (L - [k = y]) / S.
//
// NCE of cross-entropy, NFL of focal loss, NGCE of generalized cross-entropy. Where F takes a
// factor as a constant, so does this. Not a function of p_y. Computed in float64, for S overflows
// float32 where F does not.
std::unique_ptr<LossFunction> MakeNormalized(std::unique_ptr<LabelLoss> loss);

}  // namespace firstguess::trainer
