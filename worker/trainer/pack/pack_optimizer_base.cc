#include "worker/trainer/pack/pack_optimizer_base.h"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

#include "worker/trainer/learning_rate.h"

namespace firstguess::trainer {

PackOptimizerBase::PackOptimizerBase(const MlpShape& shape, const std::vector<TrialConfig>& configs,
                                     const PackParameters& parameters,
                                     const at::TensorOptions& options)
    : parameters_(parameters),
      gradient_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
      configs_(configs),
      options_(options),
      squared_norms_(at::zeros({parameters.networks()}, options.dtype(at::kDouble))),
      clips_(configs.front().max_grad_norm > 0) {
  Refresh();
}

const at::Tensor& PackOptimizerBase::Begin(bool measured, std::vector<double> l1_penalties) {
  measured_ = measured || clips_;
  l1_penalties_ = std::move(l1_penalties);
  if (measured_) squared_norms_.zero_();
  ++update_;
  if (has_schedule_) RefreshRates();
  return mean_scale_;
}

void PackOptimizerBase::Layer(const PackNetwork::LayerGradient& layer) {
  if (clips_) {
    Materialise(layer);
  } else {
    Fold(layer);
  }
}

void PackOptimizerBase::End() {
  if (clips_) {
    Clip();
    for (size_t layer = 0; layer < gradient_.layers().size(); ++layer) {
      Apply(layer, gradient_.layers()[layer]);
    }
  }
  Finish();
}

// clipping.h, for every network.
void PackOptimizerBase::Clip() {
  const at::Tensor factor = at::reciprocal(at::sqrt(squared_norms_).add_(1e-6))
                                .view({-1, 1, 1})
                                .mul_(max_grad_norm_)
                                .clamp_max_(1)
                                .to(gradient_.layers().front().weight.scalar_type());
  for (PackParameters::Layer& layer : gradient_.layers()) {
    layer.weight.mul_(factor);
    layer.bias.mul_(factor);
  }
}

double PackOptimizerBase::LearningRate(size_t k) const {
  return LearningRateAt(configs_[k], update_);
}

void PackOptimizerBase::Copy(int64_t from, int64_t to) {
  configs_[static_cast<size_t>(to)] = configs_[static_cast<size_t>(from)];
}

void PackOptimizerBase::Keep(const PackParameters& parameters) {
  parameters_ = parameters;
  const int64_t networks = parameters.networks();
  gradient_ = gradient_.First(networks);
  squared_norms_ = squared_norms_.narrow(0, 0, networks);
  configs_.resize(static_cast<size_t>(networks));
  Refresh();
}

at::Tensor PackOptimizerBase::PerNetwork(
    const std::function<double(const TrialConfig&)>& value) const {
  std::vector<double> values;
  values.reserve(configs_.size());
  for (const TrialConfig& config : configs_) values.push_back(value(config));
  return at::tensor(values, at::kDouble)
      .to(options_.device(), options_.dtype().toScalarType())
      .view({static_cast<int64_t>(values.size()), 1, 1});
}

PackParameters::Layer& PackOptimizerBase::Materialise(const PackNetwork::LayerGradient& layer) {
  PackParameters::Layer& gradient = gradient_.layers()[layer.layer];
  layer.Accumulate(gradient, 0, 1);
  if (measured_) {
    for (const at::Tensor& part : {gradient.weight, gradient.bias}) {
      squared_norms_.add_(
          at::linalg_vector_norm(part, 2, at::IntArrayRef({1, 2}), false, at::kDouble).square_());
    }
  }
  return gradient;
}

void PackOptimizerBase::Penalise(size_t layer, PackParameters::Layer& gradient) const {
  const PackParameters::Layer& weights = parameters_.layers()[layer];
  ForEachPenalised([&](int64_t k, double penalty) {
    gradient.weight.select(0, k).add_(weights.weight.select(0, k).sign(), penalty);
    gradient.bias.select(0, k).add_(weights.bias.select(0, k).sign(), penalty);
  });
}

void PackOptimizerBase::Decay(size_t layer, PackParameters::Layer& gradient) const {
  const PackParameters::Layer& weights = parameters_.layers()[layer];
  for (size_t k = 0; k < configs_.size(); ++k) {
    const double decay = configs_[k].weight_decay;
    if (decay == 0) continue;
    const auto slice = static_cast<int64_t>(k);
    gradient.weight.select(0, slice).add_(weights.weight.select(0, slice), decay);
    gradient.bias.select(0, slice).add_(weights.bias.select(0, slice), decay);
  }
}

void PackOptimizerBase::Refresh() {
  mean_scale_ = PerNetwork([](const auto& c) { return 1 / static_cast<double>(c.batch_size); });
  max_grad_norm_ = PerNetwork([](const auto& c) { return c.max_grad_norm; });
  learning_rate_ = at::empty_like(mean_scale_);
  folded_scale_ = at::empty_like(mean_scale_);
  kept_ = at::empty_like(mean_scale_);
  decays_ = std::any_of(configs_.begin(), configs_.end(),
                        [](const auto& c) { return c.weight_decay != 0; });
  has_schedule_ = std::any_of(configs_.begin(), configs_.end(), HasSchedule);
  RefreshRates();
}

void PackOptimizerBase::RefreshRates() {
  const auto rate = [this](const auto& c) {
    return LearningRateAt(c, std::max<int64_t>(update_, 1));
  };
  learning_rate_.copy_(PerNetwork(rate));
  kept_.copy_(PerNetwork([&](const auto& c) { return 1 - rate(c) * c.weight_decay; }));
  at::mul_out(folded_scale_, learning_rate_, mean_scale_);
}

}  // namespace firstguess::trainer
