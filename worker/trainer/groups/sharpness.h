#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/network.h"
#include "worker/trainer/probe_set.h"

namespace firstguess::trainer {

// Products with the Hessian H of a network's mean loss on a batch, in float64: the derivative, with
// respect to all parameters, of the gradient that an update would take (without weight decay, L1
// terms and logit_bias). With logits z(parameters), J their Jacobian and d = dL/dz from the loss's
// own weights,
//
//   H v = J^T (dd/dz) (J v) + sum_i d_i (Hessian of z_i) v.
//
// J v, J^T and the second term come from autograd applied twice, exactly, with the derivatives that
// it takes at kinks (relu: 0 beyond the first). d is a closed form and is differenced in the
// direction J v, at relative error 1e-9; where it jumps (a weight's cutoff), the side without the
// jump counts. For every loss whose d is the gradient of its value H is the Hessian and symmetric.
// With a `detached` factor d is no gradient: H is then the Jacobian of what updates follow, as
// stability asks for, and need not be symmetric.
//
// Thread-compatible. `network` and `loss` must outlive it.
class HessianProduct {
 public:
  // `inputs`: [n, inputs]; `labels`: int64 [n]; both on the network's device.
  HessianProduct(const Network& network, const at::Tensor& inputs, const at::Tensor& labels,
                 const LossFunction& loss);

  int64_t parameters() const { return count_; }
  // H v for v float64 [P], parameters in the order of the network's.
  at::Tensor operator()(const at::Tensor& v) const;

 private:
  // (dd/dz) direction.
  at::Tensor GradientChange(const at::Tensor& direction) const;
  at::Tensor LogitsGradient(const at::Tensor& logits) const;

  const LossFunction& loss_;
  const at::Tensor labels_;
  std::vector<at::Tensor> leaves_;  // the parameters in float64
  int64_t count_ = 0;
  at::Tensor logits_;                  // with a graph
  at::Tensor cotangent_;               // d, as a variable
  std::vector<at::Tensor> gradients_;  // J^T d, with a graph
};

// The eigenvalue of largest magnitude, of the trial's loss on the first min(probe_size, 512) probe
// examples: sharpness_iterations steps of power iteration from randn(P), float64, of the stream
// sharpness/<seed>. Rayleigh quotient and residual are those of the last step's vector. Stops early
// only when H v is 0, which makes it 0.
SharpnessState MeasureSharpness(const Network& network, const ProbeSet& probe,
                                const LossFunction& loss, const TrialConfig& config);

}  // namespace firstguess::trainer
