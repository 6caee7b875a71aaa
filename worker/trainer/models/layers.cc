#include "worker/trainer/models/layers.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/layer_norm.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
LinearLayer LayerList::AddLinear(const std::string& name, int64_t in, int64_t out,
                                 bool is_readout) {
  const size_t next = parameters_.size();
  parameters_.push_back(
      {absl::StrCat(name, ".weight"), {out, in}, in, out, ParameterRole::kWeight, is_readout});
  parameters_.push_back(
      {absl::StrCat(name, ".bias"), {out}, in, out, ParameterRole::kBias, is_readout});
  return {name, next, next + 1};
}

ConvolutionLayer LayerList::AddConvolution(const std::string& name, int64_t in, int64_t out,
                                           int64_t kernel, int64_t stride, bool has_bias) {
  ConvolutionLayer layer{.name = name,
                         .weight = parameters_.size(),
                         .bias = std::nullopt,
                         .stride = stride,
                         .padding = kernel / 2};
  const int64_t fan_in = in * kernel * kernel;
  const int64_t fan_out = out * kernel * kernel;
  parameters_.push_back({.name = absl::StrCat(name, ".weight"),
                         .shape = {out, in, kernel, kernel},
                         .fan_in = fan_in,
                         .fan_out = fan_out});
  if (has_bias) {
    layer.bias = parameters_.size();
    parameters_.push_back(
        {absl::StrCat(name, ".bias"), {out}, fan_in, fan_out, ParameterRole::kBias});
  }
  return layer;
}

NormLayer LayerList::AddScaleAndShift(const std::string& name, std::vector<int64_t> shape) {
  const size_t next = parameters_.size();
  parameters_.push_back(
      {.name = absl::StrCat(name, ".weight"), .shape = shape, .role = ParameterRole::kNormScale});
  parameters_.push_back(
      {.name = absl::StrCat(name, ".bias"), .shape = shape, .role = ParameterRole::kNormShift});
  return {
      .shape = std::move(shape), .scale = next, .shift = next + 1, .running_mean = std::nullopt};
}

NormLayer LayerList::AddBatchNorm(const std::string& name, int64_t channels) {
  NormLayer layer = AddScaleAndShift(name, {channels});
  layer.running_mean = buffers_.size();
  buffers_.push_back({absl::StrCat(name, ".running_mean"), channels, 0});
  buffers_.push_back({absl::StrCat(name, ".running_var"), channels, 1});
  return layer;
}

NormLayer LayerList::AddLayerNorm(const std::string& name, std::vector<int64_t> shape) {
  return AddScaleAndShift(name, std::move(shape));
}

at::Tensor ForwardPass::Apply(const LinearLayer& layer, const at::Tensor& x) const {
  return at::addmm(parameters_[layer.bias], x, parameters_[layer.weight].t());
}

at::Tensor ForwardPass::Apply(const ConvolutionLayer& layer, const at::Tensor& x) const {
  const std::optional<at::Tensor> bias =
      layer.bias.has_value() ? std::optional(parameters_[*layer.bias]) : std::nullopt;
  return at::conv2d(x, parameters_[layer.weight], bias, layer.stride, layer.padding);
}

at::Tensor ForwardPass::Apply(const NormLayer& layer, const at::Tensor& x) const {
  const at::Tensor& scale = parameters_[layer.scale];
  const at::Tensor& shift = parameters_[layer.shift];
  if (!layer.running_mean.has_value()) {
    return at::layer_norm(x, layer.shape, scale, shift, kNormEpsilon);
  }
  const bool of_batch = mode_ != ForwardMode::kRunningStatistics;
  if (mode_ == ForwardMode::kBatchStatistics) {
    return at::batch_norm(x, scale, shift, std::nullopt, std::nullopt, of_batch, kNormMomentum,
                          kNormEpsilon, true);
  }
  return at::batch_norm(x, scale, shift, buffers_[*layer.running_mean],
                        buffers_[*layer.running_mean + 1], of_batch, kNormMomentum, kNormEpsilon,
                        true);
}

at::Tensor ForwardPass::ActivateLayer(const std::string& name, const at::Tensor& x,
                                      Activation activation) {
  at::Tensor result = Activate(x, activation);
  if (tap_ != nullptr) tap_->OnLayer(layer_, name, x, result);
  ++layer_;
  return result;
}

at::Tensor ForwardPass::ReadOut(const LinearLayer& layer, const at::Tensor& x) {
  at::Tensor logits = Apply(layer, x);
  if (tap_ != nullptr) tap_->OnLayer(layer_, layer.name, logits, logits);
  ++layer_;
  return logits;
}

}  // namespace firstguess::trainer
