#include "worker/trainer/pack/pack_optimizer.h"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace firstguess::trainer {
namespace {

// One number per network, [K, 1, 1].
at::Tensor PerNetwork(const std::vector<TrialConfig>& configs, const at::TensorOptions& options,
                      const std::function<double(const TrialConfig&)>& value) {
  std::vector<double> values;
  values.reserve(configs.size());
  for (const TrialConfig& config : configs) values.push_back(value(config));
  return at::tensor(values, at::kDouble)
      .to(options.device(), options.dtype().toScalarType())
      .view({static_cast<int64_t>(values.size()), 1, 1});
}

// What all of them share: learning rates, decay, and measured gradients.
class Base : public PackOptimizer {
 public:
  Base(const MlpShape& shape, const std::vector<TrialConfig>& configs,
       const PackParameters& parameters, const at::TensorOptions& options)
      : parameters_(parameters),
        gradient_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
        configs_(configs),
        options_(options),
        squared_norms_(at::zeros({parameters.networks()}, options.dtype(at::kDouble))) {
    Refresh();
  }

  const at::Tensor& Begin(bool measured, std::vector<double> l1_penalties) override {
    measured_ = measured;
    l1_penalties_ = std::move(l1_penalties);
    if (measured) squared_norms_.zero_();
    return mean_scale_;
  }

  void End() override {}
  const at::Tensor& SquaredNorms() const final { return squared_norms_; }

  void Copy(int64_t from, int64_t to) override {
    configs_[static_cast<size_t>(to)] = configs_[static_cast<size_t>(from)];
  }

  void Keep(const PackParameters& parameters) override {
    parameters_ = parameters;
    const int64_t networks = parameters.networks();
    gradient_ = gradient_.First(networks);
    squared_norms_ = squared_norms_.narrow(0, 0, networks);
    configs_.resize(static_cast<size_t>(networks));
    Refresh();
  }

 protected:
  // The layer's gradient as such, into gradient_; its share of the norms if measured.
  PackParameters::Layer& Materialise(const PackNetwork::LayerGradient& layer) {
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

  // Calls use(k, penalty) for each network whose loss has an L1 penalty now. Each by itself, as all
  // that not every network has: a product with 0 would be a touch, if only of a zero's sign.
  template <typename Use>
  void ForEachPenalised(const Use& use) const {
    for (size_t k = 0; k < configs_.size() && !l1_penalties_.empty(); ++k) {
      if (l1_penalties_[k] != 0) use(static_cast<int64_t>(k), l1_penalties_[k]);
    }
  }

  // Adds the penalties' gradients to those of the layer, before its weights change.
  void Penalise(size_t layer, PackParameters::Layer& gradient) const {
    const PackParameters::Layer& weights = parameters_.layers()[layer];
    ForEachPenalised([&](int64_t k, double penalty) {
      gradient.weight.select(0, k).add_(weights.weight.select(0, k).sign(), penalty);
      gradient.bias.select(0, k).add_(weights.bias.select(0, k).sign(), penalty);
    });
  }

  bool decays() const { return decays_; }
  bool measured() const { return measured_; }
  const std::vector<TrialConfig>& configs() const { return configs_; }

  PackParameters parameters_;
  PackParameters gradient_;
  at::Tensor learning_rate_;  // [K, 1, 1]
  at::Tensor mean_scale_;     // 1 / B
  at::Tensor kept_;           // 1 - learning_rate weight_decay

 private:
  void Refresh() {
    learning_rate_ = PerNetwork(configs_, options_, [](const auto& c) { return c.learning_rate; });
    mean_scale_ = PerNetwork(configs_, options_,
                             [](const auto& c) { return 1 / static_cast<double>(c.batch_size); });
    kept_ = PerNetwork(configs_, options_,
                       [](const auto& c) { return 1 - c.learning_rate * c.weight_decay; });
    decays_ = std::any_of(configs_.begin(), configs_.end(),
                          [](const auto& c) { return c.weight_decay != 0; });
  }

  std::vector<TrialConfig> configs_;
  const at::TensorOptions options_;
  at::Tensor squared_norms_;
  bool decays_ = false;
  bool measured_ = false;
  std::vector<double> l1_penalties_;  // empty: none
};

class Sgd final : public Base {
 public:
  Sgd(const MlpShape& shape, const std::vector<TrialConfig>& configs,
      const PackParameters& parameters, const at::TensorOptions& options)
      : Base(shape, configs, parameters, options) {
    folded_scale_ = at::mul(learning_rate_, mean_scale_);
  }

  const at::Tensor& Begin(bool measured, std::vector<double> l1_penalties) override {
    const at::Tensor& mean_scale = Base::Begin(measured, std::move(l1_penalties));
    return measured ? mean_scale : folded_scale_;
  }

  void Layer(const PackNetwork::LayerGradient& layer) override {
    PackParameters::Layer& weights = parameters_.layers()[layer.layer];
    std::vector<std::pair<at::Tensor, at::Tensor>> penalties;  // of what, and how much
    ForEachPenalised([&](int64_t k, double penalty) {
      const double factor = -penalty * configs()[static_cast<size_t>(k)].learning_rate;
      for (const at::Tensor& part : {weights.weight.select(0, k), weights.bias.select(0, k)}) {
        penalties.emplace_back(part, part.sign().mul_(factor));
      }
    });
    if (decays()) {
      weights.weight.mul_(kept_);
      weights.bias.mul_(kept_);
    }
    for (auto& [part, change] : penalties) part.add_(change);
    if (!measured()) {
      layer.Accumulate(weights, 1, -1);
      return;
    }
    const PackParameters::Layer& gradient = Materialise(layer);
    weights.weight.addcmul_(gradient.weight, learning_rate_, -1);
    weights.bias.addcmul_(gradient.bias, learning_rate_, -1);
  }

  void Keep(const PackParameters& parameters) override {
    Base::Keep(parameters);
    folded_scale_ = at::mul(learning_rate_, mean_scale_);
  }

 private:
  at::Tensor folded_scale_;  // learning_rate / B
};

class Momentum final : public Base {
 public:
  Momentum(const MlpShape& shape, const std::vector<TrialConfig>& configs,
           const PackParameters& parameters, const at::TensorOptions& options)
      : Base(shape, configs, parameters, options),
        options_(options),
        buffer_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()) {
    Refresh();
  }

  void Layer(const PackNetwork::LayerGradient& layer) override {
    if (measured()) Materialise(layer);
    PackParameters::Layer& buffer = buffer_.layers()[layer.layer];
    PackParameters::Layer& weights = parameters_.layers()[layer.layer];
    buffer.weight.mul_(momentum_);
    buffer.bias.mul_(momentum_);
    layer.Accumulate(buffer, 1, 1);
    Penalise(layer.layer, buffer);
    for (size_t k = 0; k < configs().size(); ++k) {
      const double decay = configs()[k].weight_decay;
      if (decay == 0) continue;
      const auto slice = static_cast<int64_t>(k);
      buffer.weight.select(0, slice).add_(weights.weight.select(0, slice), decay);
      buffer.bias.select(0, slice).add_(weights.bias.select(0, slice), decay);
    }
    weights.weight.addcmul_(buffer.weight, learning_rate_, -1);
    weights.bias.addcmul_(buffer.bias, learning_rate_, -1);
  }

  void Copy(int64_t from, int64_t to) override {
    Base::Copy(from, to);
    buffer_.Copy(from, to);
  }

  void Keep(const PackParameters& parameters) override {
    Base::Keep(parameters);
    buffer_ = buffer_.First(parameters.networks());
    Refresh();
  }

 private:
  void Refresh() {
    momentum_ = PerNetwork(configs(), options_, [](const auto& c) { return c.momentum; });
  }

  const at::TensorOptions options_;
  PackParameters buffer_;
  at::Tensor momentum_;  // [K, 1, 1]
};

class Adam final : public Base {
 public:
  Adam(const MlpShape& shape, const std::vector<TrialConfig>& configs,
       const PackParameters& parameters, const at::TensorOptions& options)
      : Base(shape, configs, parameters, options),
        mean_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
        square_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
        updates_(at::zeros({}, options.dtype(at::kFloat))) {
    Refresh();
  }

  void Layer(const PackNetwork::LayerGradient& layer) override {
    Penalise(layer.layer, Materialise(layer));
  }

  void End() override {
    updates_.add_(1);
    for (const Group& group : groups_) {
      at::_fused_adam_(group.parameters, group.gradients, group.means, group.squares, {},
                       group.updates, group.learning_rate, 0.9, 0.999, group.weight_decay, 1e-8,
                       false, false);
    }
  }

  void Copy(int64_t from, int64_t to) override {
    Base::Copy(from, to);
    mean_.Copy(from, to);
    square_.Copy(from, to);
  }

  void Keep(const PackParameters& parameters) override {
    Base::Keep(parameters);
    mean_ = mean_.First(parameters.networks());
    square_ = square_.First(parameters.networks());
    Refresh();
  }

 private:
  // Networks with the same numbers, one tensor per parameter and network: the fused kernel treats
  // the last elements of a tensor apart, so a tensor over several networks would make a network's
  // numbers depend on its place.
  struct Group {
    double learning_rate = 0;
    double weight_decay = 0;
    std::vector<at::Tensor> parameters, gradients, means, squares, updates;
  };

  void Refresh() {
    groups_.clear();
    for (size_t k = 0; k < configs().size(); ++k) {
      const TrialConfig& config = configs()[k];
      auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) {
        return g.learning_rate == config.learning_rate && g.weight_decay == config.weight_decay;
      });
      if (group == groups_.end()) {
        groups_.push_back({config.learning_rate, config.weight_decay, {}, {}, {}, {}, {}});
        group = std::prev(groups_.end());
      }
      const auto append = [k](std::vector<at::Tensor>& to, const PackParameters& from) {
        for (at::Tensor& tensor : from.Slice(static_cast<int64_t>(k))) {
          to.push_back(std::move(tensor));
        }
      };
      append(group->parameters, parameters_);
      append(group->gradients, gradient_);
      append(group->means, mean_);
      append(group->squares, square_);
      group->updates.resize(group->parameters.size(), updates_);
    }
  }

  PackParameters mean_;
  PackParameters square_;
  at::Tensor updates_;  // scalar: how many
  std::vector<Group> groups_;
};

}  // namespace

std::unique_ptr<PackOptimizer> MakePackOptimizer(const MlpShape& shape,
                                                 const std::vector<TrialConfig>& configs,
                                                 const PackParameters& parameters,
                                                 at::ScalarType type, const at::Device& device) {
  const auto options = at::TensorOptions().dtype(type).device(device);
  const std::string& optimizer = configs.front().optimizer;
  if (optimizer == "adam") return std::make_unique<Adam>(shape, configs, parameters, options);
  if (optimizer == "momentum") {
    return std::make_unique<Momentum>(shape, configs, parameters, options);
  }
  return std::make_unique<Sgd>(shape, configs, parameters, options);
}

}  // namespace firstguess::trainer
