#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/trial.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/models/model.h"

namespace firstguess::trainer {

// One network and its gradient, by plain autograd. All parameters lie one after another in one flat
// tensor, and so do their gradients: norms and optimizers then take a few operations instead of a
// few per parameter. Thread-compatible.
class Network {
 public:
  // Initial parameters of `config` (initialisation.h), drawn in float32, then brought to `type` and
  // `device`. REQUIRES: CheckInit(config) is ok.
  Network(std::shared_ptr<const Model> model, const TrialConfig& config, at::ScalarType type,
          const at::Device& device, int64_t draw = 1);

  // [B, classes], without a graph: what a probe sees. `inputs`: [B, inputs], of the network's type
  // and device. Batch normalisation takes its moments as the trial's norm_statistics says. Those of
  // the batch belong to the very examples that are asked for, so these go through in one pass,
  // whatever memory that takes; others go in parts, unless `tap` wants to see them together.
  at::Tensor Logits(const at::Tensor& inputs, LayerTap* tap = nullptr) const;

  // The parameters' values in `type`, each in its own shape and memory.
  std::vector<at::Tensor> Copies(at::ScalarType type) const;
  // Logits(inputs), in one pass, if the parameters were `parameters`: in the order of Copies and of
  // the type of `inputs`. Differentiable in the parameters.
  at::Tensor LogitsAt(const std::vector<at::Tensor>& parameters, const at::Tensor& inputs) const;

  // Mean loss over a batch; fills gradient(), and moves the running moments of batch normalisation.
  // The loss's own gradient comes from its weights (losses/loss.h), autograd takes it from the
  // logits down. `logit_bias` is added to each label's logit first (arXiv 2306.05497).
  double Backward(const at::Tensor& inputs, const at::Tensor& labels, const LossFunction& loss,
                  double logit_bias = 0);

  const Model& model() const { return *model_; }

  // [P]: every parameter in the order of Model::parameters.
  at::Tensor& parameters() { return parameters_; }
  at::Tensor& gradient() { return gradient_; }
  // The parameters as they began, drawn anew: [P], of the network's type and device.
  at::Tensor InitialParameters() const;
  // The part of `flat`, which is [P] as the three above, that belongs to parameter `name`, in its
  // own shape and in the same memory. REQUIRES: the model has it.
  at::Tensor Part(const at::Tensor& flat, absl::string_view name) const;

  // In the order of Model::buffers.
  const std::vector<at::Tensor>& buffers() const { return buffers_; }

  // Euclidean norm of gradient(), summed in float64.
  double GradientNorm() const;

 private:
  const std::shared_ptr<const Model> model_;
  const TrialConfig config_;
  const int64_t draw_;
  const ForwardMode probe_mode_;
  at::Tensor parameters_;
  at::Tensor gradient_;
  std::vector<at::Tensor> leaves_;  // views of parameters_, by parameter, that autograd tracks
  std::vector<at::Tensor> buffers_;
};

}  // namespace firstguess::trainer
