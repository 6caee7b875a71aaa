#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Cross-entropy with a softened target (arXiv 1512.00567):
//
//   L = -sum_k t_k ln p_k,    t = (1 - epsilon) e_y + epsilon / C,    dL/dz = p - t.
//
// Not a function of p_y alone.
std::unique_ptr<LossFunction> MakeLabelSmoothing(double epsilon);

}  // namespace firstguess::trainer
