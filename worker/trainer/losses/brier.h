#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// The Brier score, summed over the classes (Brier 1950):
//
//   L = sum_k d_k^2,    d = p - e_y,    dL/dz_j = 2 p_j (d_j - sum_k p_k d_k).
//
// Not a function of p_y alone.
std::unique_ptr<LossFunction> MakeBrier();

}  // namespace firstguess::trainer
