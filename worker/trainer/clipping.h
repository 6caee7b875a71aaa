#pragma once

namespace firstguess::trainer {

// What a gradient of Euclidean norm `norm` is multiplied by under max_grad_norm > 0, as PyTorch's
// clip_grad_norm_ has it. Before weight decay and penalties, which are not clipped. Not a number if
// the norm is none. Stable.
inline double ClippingFactor(double norm, double max_grad_norm) {
  const double factor = max_grad_norm / (norm + 1e-6);
  return factor > 1 ? 1 : factor;
}

}  // namespace firstguess::trainer
