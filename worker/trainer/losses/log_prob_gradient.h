#pragma once

#include <ATen/core/Tensor.h>

namespace firstguess::trainer {

// From a gradient with respect to the log-probabilities to that with respect to the logits:
//
//   dL/dz_j = g_j - p_j sum_k g_k,    g_k = dL/d ln p_k.
//
// Both [N, C].
at::Tensor LogitsGradient(const at::Tensor& log_probs, const at::Tensor& gradient);

}  // namespace firstguess::trainer
