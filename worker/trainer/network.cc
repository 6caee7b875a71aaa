#include "worker/trainer/network.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <utility>

#include "worker/trainer/initialisation.h"

namespace firstguess::trainer {
namespace {

// Examples that go through a network at once where their number has no effect: what bounds the
// memory of a large probe set.
constexpr int64_t kChunk = 512;

at::Tensor DrawParameters(const Model& model, const TrialConfig& config, int64_t draw) {
  std::vector<at::Tensor> initial;
  initial.reserve(model.parameters().size());
  for (const ParameterSpec& spec : model.parameters()) {
    initial.push_back(InitialParameter(spec, config, draw).flatten());
  }
  return at::cat(initial);
}

}  // namespace

Network::Network(std::shared_ptr<const Model> model, const TrialConfig& config, at::ScalarType type,
                 const at::Device& device, int64_t draw)
    : model_(std::move(model)),
      config_(config),
      draw_(draw),
      probe_mode_(config.norm_statistics == "running" ? ForwardMode::kRunningStatistics
                                                      : ForwardMode::kBatchStatistics),
      parameters_(DrawParameters(*model_, config, draw).to(device, type)),
      gradient_(at::empty_like(parameters_)) {
  int64_t offset = 0;
  for (const ParameterSpec& spec : model_->parameters()) {
    leaves_.push_back(parameters_.narrow(0, offset, spec.elements())
                          .view(spec.shape)
                          .detach()
                          .requires_grad_(true));
    offset += spec.elements();
  }
  for (const BufferSpec& spec : model_->buffers()) {
    buffers_.push_back(
        at::full({spec.size}, spec.initial, at::TensorOptions().dtype(type).device(device)));
  }
}

at::Tensor Network::Logits(const at::Tensor& inputs, LayerTap* tap) const {
  const at::NoGradGuard no_grad;
  const bool together = tap != nullptr || (!model_->buffers().empty() &&
                                           probe_mode_ == ForwardMode::kBatchStatistics);
  const int64_t examples = inputs.size(0);
  if (together || examples <= kChunk) {
    return model_->Forward(leaves_, buffers_, inputs, probe_mode_, tap);
  }
  std::vector<at::Tensor> parts;
  for (int64_t begin = 0; begin < examples; begin += kChunk) {
    parts.push_back(model_->Forward(leaves_, buffers_,
                                    inputs.narrow(0, begin, std::min(kChunk, examples - begin)),
                                    probe_mode_, nullptr));
  }
  return at::cat(parts);
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
  std::vector<at::Tensor> buffers;
  buffers.reserve(buffers_.size());
  for (const at::Tensor& buffer : buffers_) buffers.push_back(buffer.to(inputs.scalar_type()));
  return model_->Forward(parameters, buffers, inputs, probe_mode_, nullptr);
}

double Network::Backward(const at::Tensor& inputs, const at::Tensor& labels,
                         const LossFunction& loss, double logit_bias) {
  const at::Tensor logits =
      model_->Forward(leaves_, buffers_, inputs, ForwardMode::kTraining, nullptr);
  at::Tensor seen = logits.detach();
  if (logit_bias != 0) {
    const at::Tensor index = labels.unsqueeze(1);
    seen = seen.scatter_add(1, index, at::full_like(index, logit_bias, seen.options()));
  }
  const BatchLoss batch = EvaluateBatch(loss, seen, labels);
  std::vector<at::Tensor> gradients =
      torch::autograd::grad({logits}, leaves_, {batch.logits_gradient});
  for (at::Tensor& gradient : gradients) gradient = gradient.flatten();
  at::cat_out(gradient_, gradients);
  return batch.mean;
}

at::Tensor Network::InitialParameters() const {
  return DrawParameters(*model_, config_, draw_)
      .to(parameters_.device(), parameters_.scalar_type());
}

at::Tensor Network::Part(const at::Tensor& flat, absl::string_view name) const {
  int64_t offset = 0;
  for (const ParameterSpec& spec : model_->parameters()) {
    if (spec.name == name) return flat.narrow(0, offset, spec.elements()).view(spec.shape);
    offset += spec.elements();
  }
  return {};
}

double Network::GradientNorm() const {
  return at::linalg_vector_norm(gradient_, 2, std::nullopt, false, at::kDouble).item<double>();
}

}  // namespace firstguess::trainer
