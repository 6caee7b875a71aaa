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

// into <- scale * into + factor * gradient; what is not a number is forgotten at scale 0.
void AddScaled(at::Tensor& into, const at::Tensor& gradient, double scale, double factor) {
  if (scale == 0) {
    into.zero_();
  } else if (scale != 1) {
    into.mul_(scale);
  }
  into.add_(gradient, factor);
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
  const bool has_norm = shape.norm.kind != Normalisation::Kind::kNone;
  const at::Tensor scratch = has_norm ? at::empty({wide}, options) : at::Tensor();
  for (int64_t layer = 0; layer < shape.depth; ++layer) {
    hidden_.push_back(at::empty({wide}, options));
    if (NeedsPreActivations(shape.activation)) {
      pre_activations_.push_back(at::empty({wide}, options));
    }
    if (!has_norm) continue;
    norms_.emplace_back(shape.norm.kind, networks, shape.width, examples, scratch);
    if (!shape.norm.before_activation) outputs_.push_back(at::empty({wide}, options));
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

at::Tensor PackNetwork::Forward(const PackParameters& parameters, const at::Tensor& inputs,
                                ForwardMode mode) {
  const int64_t networks = parameters.networks();
  const int64_t examples = inputs.size(0);
  at::Tensor below;
  for (size_t layer = 0; layer <= hidden_.size(); ++layer) {
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
    below = h;
    if (last) break;
    if (norms_.empty()) {
      Activate(h, x, shape_.activation);
      continue;
    }
    const PackParameters::Layer& norm = parameters.layers()[NormLayer(layer)];
    if (shape_.norm.before_activation) {
      norms_[layer].Forward(norm, x, x, mode);
      Activate(h, x, shape_.activation);
    } else {
      Activate(h, x, shape_.activation);
      below = shaped(outputs_[layer]);
      norms_[layer].Forward(norm, h, below, mode);
    }
  }
  return below;
}

at::Tensor PackNetwork::Hidden(size_t layer, const at::Tensor& delta) const {
  return Shaped(hidden_[layer], delta.size(0), shape_.width, delta.size(2));
}

at::Tensor PackNetwork::Output(size_t layer, const at::Tensor& delta) const {
  if (outputs_.empty()) return Hidden(layer, delta);
  return Shaped(outputs_[layer], delta.size(0), shape_.width, delta.size(2));
}

at::Tensor PackNetwork::DeltaBelow(const PackParameters& parameters, size_t layer,
                                   const at::Tensor& delta, LayerGradient& norm) {
  const auto shaped = [&](const at::Tensor& buffer) {
    return Shaped(buffer, delta.size(0), shape_.width, delta.size(2));
  };
  at::Tensor below = shaped(deltas_[layer % 2]);
  at::bmm_out(below, parameters.layers()[layer].weight.transpose(1, 2), delta);
  const auto through_norm = [&] {
    norm.layer = NormLayer(layer - 1);
    const PackParameters::Layer gradient =
        norms_[layer - 1].Backward(parameters.layers()[norm.layer], below);
    norm.weight = gradient.weight;
    norm.bias = gradient.bias;
  };
  if (!norms_.empty() && !shape_.norm.before_activation) through_norm();
  at::Tensor pre_activation =
      pre_activations_.empty() ? at::Tensor() : shaped(pre_activations_[layer - 1]);
  ThroughActivation(below, Hidden(layer - 1, delta), pre_activation, shape_.activation);
  if (!norms_.empty() && shape_.norm.before_activation) through_norm();
  return below;
}

at::Tensor PackNetwork::BiasGradient(const at::Tensor& delta) {
  at::Tensor bias = bias_gradient_.narrow(0, 0, delta.size(0) * delta.size(1))
                        .view({delta.size(0), delta.size(1), 1});
  return at::sum_out(bias, delta, 2, true);
}

void PackNetwork::LayerGradient::Accumulate(PackParameters::Layer& into, double scale,
                                            double factor) const {
  if (weight.defined()) {
    AddScaled(into.weight, weight, scale, factor);
  } else if (layer == 0) {
    at::Tensor rows = Rows(into.weight);
    at::addmm_out(rows, rows, Rows(delta), input, scale, factor);
  } else {
    at::baddbmm_out(into.weight, into.weight, delta, input.transpose(1, 2), scale, factor);
  }
  AddScaled(into.bias, bias, scale, factor);
}

void PackNetwork::Copy(int64_t from, int64_t to) {
  for (PackNorm& norm : norms_) norm.Copy(from, to);
}

std::vector<at::Tensor> PackNetwork::RunningMoments(int64_t k) const {
  std::vector<at::Tensor> moments;
  for (const PackNorm& norm : norms_) {
    for (at::Tensor& moment : norm.RunningMoments(k)) moments.push_back(std::move(moment));
  }
  return moments;
}

}  // namespace firstguess::trainer
