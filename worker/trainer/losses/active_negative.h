#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

struct ActiveNegativeParameters {
  double alpha = 5;
  double beta = 5;
  double delta = 5e-5;
  double min_prob = 1e-7;
};

// The active negative loss of cross-entropy, ANL-CE (Ye et al., NeurIPS 2023; code
// Virusdoll/Active-Negative-Loss):
//
//   L = alpha NCE + beta NNCE + delta sum |parameters|
//   NNCE = 1 - a_y / sum_k a_k,    a_k = ln max(p_k, min_prob) - ln min_prob.
//
// NCE as in normalized.h. With S = sum_k a_k, NNCE has dL/d ln p_k = (a_y / S - [k = y]) / S where
// p_k >= min_prob, else 0. Some p_k is at least 1 / C, so S > 0 while min_prob < 1 / C. Not a
// function of p_y. The last term is this loss's l1_penalty.
std::unique_ptr<LossFunction> MakeActiveNegative(const ActiveNegativeParameters& parameters);

}  // namespace firstguess::trainer
