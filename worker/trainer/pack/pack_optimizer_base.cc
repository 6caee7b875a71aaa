#include "worker/trainer/pack/pack_optimizer_base.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

namespace firstguess::trainer {

PackOptimizerBase::PackOptimizerBase(const MlpShape& shape, const std::vector<TrialConfig>& configs,
                                     const PackParameters& parameters,
                                     const at::TensorOptions& options)
    : parameters_(parameters),
      gradient_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
      configs_(configs),
      options_(options),
      squared_norms_(at::zeros({parameters.networks()}, options.dtype(at::kDouble))) {
  Refresh();
}

const at::Tensor& PackOptimizerBase::Begin(bool measured, std::vector<double> l1_penalties) {
  measured_ = measured;
  l1_penalties_ = std::move(l1_penalties);
  if (measured) squared_norms_.zero_();
  return mean_scale_;
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
  learning_rate_ = PerNetwork([](const auto& c) { return c.learning_rate; });
  mean_scale_ = PerNetwork([](const auto& c) { return 1 / static_cast<double>(c.batch_size); });
  kept_ = PerNetwork([](const auto& c) { return 1 - c.learning_rate * c.weight_decay; });
  decays_ = std::any_of(configs_.begin(), configs_.end(),
                        [](const auto& c) { return c.weight_decay != 0; });
}

}  // namespace firstguess::trainer
