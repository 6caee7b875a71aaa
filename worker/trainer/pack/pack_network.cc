#include "worker/trainer/pack/pack_network.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tanh_backward.h>
#include <ATen/ops/threshold_backward.h>

#include <algorithm>
#include <cmath>

#include "worker/trainer/pack/aligned.h"

namespace firstguess::trainer {
namespace {

// Whether phi' needs more than the activations.
bool NeedsPreActivations(Activation activation) {
  return activation == Activation::kGelu || activation == Activation::kErf;
}

// `h` <- phi(`x`), which may be one and the same.
void Activate(at::Tensor& h, const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      h.relu_();
      return;
    case Activation::kTanh:
      h.tanh_();
      return;
    case Activation::kLinear:
      return;
    case Activation::kLeakyRelu:
      at::leaky_relu_(h, kLeakyReluSlope);
      return;
    case Activation::kGelu:
      at::gelu_out(h, x);
      return;
    case Activation::kErf:
      at::erf_out(h, x);
      return;
  }
}

// delta *= phi'(pre-activation). From the activations alone, but for gelu and erf; erf's
// pre-activations are overwritten.
void ThroughActivation(at::Tensor& delta, const at::Tensor& hidden, at::Tensor& pre_activation,
                       Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      at::threshold_backward_out(delta, delta, hidden, 0);
      return;
    case Activation::kTanh:
      at::tanh_backward_out(delta, delta, hidden);
      return;
    case Activation::kLinear:
      return;
    case Activation::kLeakyRelu:
      at::leaky_relu_backward_out(delta, delta, hidden, kLeakyReluSlope, /*self_is_result=*/true);
      return;
    case Activation::kGelu:
      at::gelu_backward_out(delta, delta, pre_activation);
      return;
    case Activation::kErf:
      pre_activation.square_().neg_().exp_().mul_(2 / std::sqrt(M_PI));
      delta.mul_(pre_activation);
      return;
  }
}

// [K, out, ·] as [K * out, ·].
at::Tensor Rows(const at::Tensor& tensor) {
  return tensor.view({tensor.size(0) * tensor.size(1), tensor.size(2)});
}

}  // namespace

PackNetwork::PackNetwork(const MlpShape& shape, int64_t networks, int64_t examples,
                         at::ScalarType type, const at::Device& device)
    : shape_(shape) {
  const auto options = at::TensorOptions().dtype(type).device(device);
  const int64_t wide = networks * shape.width * Aligned(examples);
  for (int64_t layer = 0; layer < shape.depth; ++layer) {
    hidden_.push_back(at::empty({wide}, options));
    if (NeedsPreActivations(shape.activation)) {
      pre_activations_.push_back(at::empty({wide}, options));
    }
  }
  for (at::Tensor& delta : deltas_) delta = at::empty({wide}, options);
  logits_ = at::empty({networks * shape.classes * Aligned(examples)}, options);
  bias_gradient_ = at::empty({networks * std::max(shape.width, shape.classes)}, options);
}

at::Tensor PackNetwork::Shaped(const at::Tensor& buffer, int64_t networks, int64_t features,
                               int64_t examples) {
  const int64_t row = Aligned(examples);
  return buffer.as_strided({networks, features, examples}, {features * row, row, 1});
}

at::Tensor PackNetwork::Forward(const PackParameters& parameters, const at::Tensor& inputs) {
  const int64_t networks = parameters.networks();
  const int64_t examples = inputs.size(0);
  at::Tensor below;
  for (size_t layer = 0; layer < parameters.layers().size(); ++layer) {
    const bool last = layer == hidden_.size();
    const PackParameters::Layer& weights = parameters.layers()[layer];
    const auto shaped = [&](const at::Tensor& buffer) {
      return Shaped(buffer, networks, weights.weight.size(1), examples);
    };
    at::Tensor h = shaped(last ? logits_ : hidden_[layer]);
    at::Tensor x = last || pre_activations_.empty() ? h : shaped(pre_activations_[layer]);
    if (layer == 0) {
      at::Tensor rows = Rows(x);
      at::mm_out(rows, Rows(weights.weight), inputs.t());
    } else {
      at::bmm_out(x, weights.weight, below);
    }
    x.add_(weights.bias);
    if (!last) Activate(h, x, shape_.activation);
    below = h;
  }
  return below;
}

at::Tensor PackNetwork::Hidden(size_t layer, const at::Tensor& delta) const {
  return Shaped(hidden_[layer], delta.size(0), shape_.width, delta.size(2));
}

at::Tensor PackNetwork::PreActivation(size_t layer, const at::Tensor& delta) const {
  if (pre_activations_.empty()) return {};
  return Shaped(pre_activations_[layer], delta.size(0), shape_.width, delta.size(2));
}

at::Tensor PackNetwork::DeltaBelow(const PackParameters& parameters, size_t layer,
                                   const at::Tensor& delta) {
  at::Tensor below = Shaped(deltas_[layer % 2], delta.size(0), shape_.width, delta.size(2));
  at::bmm_out(below, parameters.layers()[layer].weight.transpose(1, 2), delta);
  at::Tensor pre_activation = PreActivation(layer - 1, delta);
  ThroughActivation(below, Hidden(layer - 1, delta), pre_activation, shape_.activation);
  return below;
}

at::Tensor PackNetwork::BiasGradient(const at::Tensor& delta) {
  at::Tensor bias = bias_gradient_.narrow(0, 0, delta.size(0) * delta.size(1))
                        .view({delta.size(0), delta.size(1), 1});
  return at::sum_out(bias, delta, 2, true);
}

void PackNetwork::LayerGradient::Accumulate(PackParameters::Layer& into, double scale,
                                            double factor) const {
  if (layer == 0) {
    at::Tensor rows = Rows(into.weight);
    at::addmm_out(rows, rows, Rows(delta), input, scale, factor);
  } else {
    at::baddbmm_out(into.weight, into.weight, delta, input.transpose(1, 2), scale, factor);
  }
  if (scale == 0) {
    into.bias.zero_();
  } else if (scale != 1) {
    into.bias.mul_(scale);
  }
  into.bias.add_(bias, factor);
}

}  // namespace firstguess::trainer
