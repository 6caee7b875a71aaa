#include <utility>

#include "worker/trainer/pack/pack_optimizer_base.h"

namespace firstguess::trainer {
namespace {

class Sgd final : public PackOptimizerBase {
 public:
  Sgd(const MlpShape& shape, const std::vector<TrialConfig>& configs,
      const PackParameters& parameters, const at::TensorOptions& options)
      : PackOptimizerBase(shape, configs, parameters, options) {}

  const at::Tensor& Begin(bool measured, std::vector<double> l1_penalties) override {
    const at::Tensor& mean_scale = PackOptimizerBase::Begin(measured, std::move(l1_penalties));
    return this->measured() ? mean_scale : folded_scale_;
  }

 private:
  void Fold(const PackNetwork::LayerGradient& layer) override {
    if (measured()) {
      Apply(layer.layer, Materialise(layer));
      return;
    }
    Shrink(layer.layer);
    layer.Accumulate(parameters_.layers()[layer.layer], 1, -1);
  }

  void Apply(size_t layer, PackParameters::Layer& gradient) override {
    Shrink(layer);
    PackParameters::Layer& weights = parameters_.layers()[layer];
    weights.weight.addcmul_(gradient.weight, learning_rate_, -1);
    weights.bias.addcmul_(gradient.bias, learning_rate_, -1);
  }

  // Penalties and weight decay, which need no gradient.
  void Shrink(size_t layer) {
    PackParameters::Layer& weights = parameters_.layers()[layer];
    std::vector<std::pair<at::Tensor, at::Tensor>> penalties;  // of what, and how much
    ForEachPenalised([&](int64_t k, double penalty) {
      const double factor = -penalty * LearningRate(static_cast<size_t>(k));
      for (const at::Tensor& part : {weights.weight.select(0, k), weights.bias.select(0, k)}) {
        penalties.emplace_back(part, part.sign().mul_(factor));
      }
    });
    if (decays()) {
      weights.weight.mul_(kept_);
      weights.bias.mul_(kept_);
    }
    for (auto& [part, change] : penalties) part.add_(change);
  }
};

}  // namespace

std::unique_ptr<PackOptimizer> MakePackSgd(const MlpShape& shape,
                                           const std::vector<TrialConfig>& configs,
                                           const PackParameters& parameters,
                                           const at::TensorOptions& options) {
  return std::make_unique<Sgd>(shape, configs, parameters, options);
}

}  // namespace firstguess::trainer
