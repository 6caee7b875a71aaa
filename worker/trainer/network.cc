#include "worker/trainer/network.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/csrc/autograd/autograd.h>

#include "worker/trainer/initialisation.h"

namespace firstguess::trainer {

Network::Network(const MlpShape& shape, const TrialConfig& config, at::ScalarType type,
                 const at::Device& device)
    : activation_(shape.activation) {
  const std::vector<ParameterSpec> specs = shape.Parameters();
  std::vector<at::Tensor> initial;
  initial.reserve(specs.size());
  for (const ParameterSpec& spec : specs) {
    initial.push_back(InitialParameter(spec, config).flatten());
  }
  parameters_ = at::cat(initial).to(device, type);
  gradient_ = at::empty_like(parameters_);

  int64_t offset = 0;
  for (const ParameterSpec& spec : specs) {
    leaves_.push_back(parameters_.narrow(0, offset, spec.elements())
                          .view(spec.shape)
                          .detach()
                          .requires_grad_(true));
    offset += spec.elements();
  }
}

at::Tensor Network::Logits(const at::Tensor& inputs) const {
  const at::NoGradGuard no_grad;
  return MlpForward(leaves_, activation_, inputs);
}

std::vector<at::Tensor> Network::Copies(at::ScalarType type) const {
  std::vector<at::Tensor> copies;
  copies.reserve(leaves_.size());
  for (const at::Tensor& leaf : leaves_) {
    copies.push_back(leaf.detach().to(leaf.device(), type, /*non_blocking=*/false, /*copy=*/true));
  }
  return copies;
}

at::Tensor Network::LogitsAt(const std::vector<at::Tensor>& parameters,
                             const at::Tensor& inputs) const {
  return MlpForward(parameters, activation_, inputs);
}

double Network::Backward(const at::Tensor& inputs, const at::Tensor& labels,
                         const LossFunction& loss) {
  const at::Tensor logits = MlpForward(leaves_, activation_, inputs);
  const BatchLoss batch = EvaluateBatch(loss, logits.detach(), labels);
  std::vector<at::Tensor> gradients =
      torch::autograd::grad({logits}, leaves_, {batch.logits_gradient});
  for (at::Tensor& gradient : gradients) gradient = gradient.flatten();
  at::cat_out(gradient_, gradients);
  return batch.mean;
}

double Network::GradientNorm() const {
  return at::linalg_vector_norm(gradient_, 2, std::nullopt, false, at::kDouble).item<double>();
}

}  // namespace firstguess::trainer
