#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Asymmetric losses (Zhou et al., ICML 2021, arXiv 2106.03110; code
// Virusdoll/Active-Negative-Loss).

// Asymmetric generalized cross-entropy, AGCE:
//
//   L = ((a + 1)^q - (a + p)^q) / q,    w(p) = p (a + p)^(q - 1),    a >= 0, q > 0.
std::unique_ptr<LossFunction> MakeAsymmetricGce(double a, double q);

// Asymmetric unhinged loss, AUL:
//
//   L = ((a - p)^q - (a - 1)^q) / q,    w(p) = p (a - p)^(q - 1),    a > 1, q > 0.
std::unique_ptr<LossFunction> MakeAsymmetricUnhinged(double a, double q);

// Asymmetric exponential loss, AEL:
//
//   L = exp(-p / a),    w(p) = (p / a) exp(-p / a),    a > 0.
std::unique_ptr<LossFunction> MakeAsymmetricExponential(double a);

}  // namespace firstguess::trainer
