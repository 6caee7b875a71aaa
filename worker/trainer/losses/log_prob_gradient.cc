#include "worker/trainer/losses/log_prob_gradient.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/sub.h>

namespace firstguess::trainer {

at::Tensor LogitsGradient(const at::Tensor& log_probs, const at::Tensor& gradient) {
  return at::sub(gradient, at::exp(log_probs).mul_(gradient.sum(1, /*keepdim=*/true)));
}

}  // namespace firstguess::trainer
