#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Polynomials in 1 - p around cross-entropy, -ln p = sum_{i >= 1} (1 - p)^i / i.

// The first t terms, Taylor cross-entropy (Feng et al., IJCAI 2020, 10.24963/ijcai.2020/305): mean
// absolute error at t = 1, cross-entropy in the limit.
//
//   L = sum_{i=1..t} (1 - p)^i / i,    w(p) = 1 - (1 - p)^t,    t >= 1.
std::unique_ptr<LossFunction> MakeTaylorCrossEntropy(int t);

// All terms, the first of them raised, Poly-1 (arXiv 2204.12511):
//
//   L = -ln p + epsilon (1 - p),    w(p) = 1 + epsilon p.
std::unique_ptr<LossFunction> MakePoly1(double epsilon);

}  // namespace firstguess::trainer
