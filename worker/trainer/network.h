#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "common/spec/trial.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/model_mlp.h"

namespace firstguess::trainer {

// One network and its gradient, by plain autograd. All parameters lie one after another in one flat
// tensor, and so do their gradients: norms and optimizers then take a few operations instead of a
// few per parameter. Thread-compatible.
class Network {
 public:
  // Initial parameters of `config` (initialisation.h), drawn in float32, then brought to `type` and
  // `device`. REQUIRES: CheckInit(config) is ok.
  Network(const MlpShape& shape, const TrialConfig& config, at::ScalarType type,
          const at::Device& device);

  // [B, classes], without a graph. `inputs`: [B, inputs], of the network's type and device.
  at::Tensor Logits(const at::Tensor& inputs) const;

  // The parameters' values in `type`, each in its own shape and memory.
  std::vector<at::Tensor> Copies(at::ScalarType type) const;
  // Logits(inputs) if the parameters were `parameters`, in the order of Copies and of the type of
  // `inputs`. Differentiable in the parameters.
  at::Tensor LogitsAt(const std::vector<at::Tensor>& parameters, const at::Tensor& inputs) const;

  // Mean loss over a batch; fills gradient(). The loss's own gradient comes from its weights
  // (losses/loss.h), autograd takes it from the logits down.
  double Backward(const at::Tensor& inputs, const at::Tensor& labels, const LossFunction& loss);

  // [P]: every parameter in the order of MlpShape::Parameters.
  at::Tensor& parameters() { return parameters_; }
  at::Tensor& gradient() { return gradient_; }

  // Euclidean norm of gradient(), summed in float64.
  double GradientNorm() const;

 private:
  const Activation activation_;
  at::Tensor parameters_;
  at::Tensor gradient_;
  std::vector<at::Tensor> leaves_;  // views of parameters_, by parameter, that autograd tracks
};

}  // namespace firstguess::trainer
