#include <memory>

#include "worker/trainer/pack/pack_optimizer_base.h"

namespace firstguess::trainer {
namespace {

class Momentum final : public PackOptimizerBase {
 public:
  Momentum(const MlpShape& shape, const std::vector<TrialConfig>& configs,
           const PackParameters& parameters, const at::TensorOptions& options)
      : PackOptimizerBase(shape, configs, parameters, options),
        looks_ahead_(configs.front().optimizer == "nesterov"),
        buffer_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()) {
    Refresh();
  }

  void Layer(const PackNetwork::LayerGradient& layer) override {
    PackParameters::Layer& buffer = buffer_.layers()[layer.layer];
    PackParameters::Layer& weights = parameters_.layers()[layer.layer];
    buffer.weight.mul_(momentum_);
    buffer.bias.mul_(momentum_);
    if (looks_ahead_) {
      PackParameters::Layer& gradient = Materialise(layer);
      Penalise(layer.layer, gradient);
      Decay(layer.layer, gradient);
      buffer.weight.add_(gradient.weight);
      buffer.bias.add_(gradient.bias);
      weights.weight.addcmul_(gradient.weight, learning_rate_, -1);
      weights.bias.addcmul_(gradient.bias, learning_rate_, -1);
      weights.weight.addcmul_(buffer.weight, momentum_step_, -1);
      weights.bias.addcmul_(buffer.bias, momentum_step_, -1);
      return;
    }
    // The buffer takes the gradient from the product itself; alone it is only needed to be
    // measured.
    if (measured()) Materialise(layer);
    layer.Accumulate(buffer, 1, 1);
    Penalise(layer.layer, buffer);
    Decay(layer.layer, buffer);
    weights.weight.addcmul_(buffer.weight, learning_rate_, -1);
    weights.bias.addcmul_(buffer.bias, learning_rate_, -1);
  }

  void Copy(int64_t from, int64_t to) override {
    PackOptimizerBase::Copy(from, to);
    buffer_.Copy(from, to);
  }

  void Keep(const PackParameters& parameters) override {
    PackOptimizerBase::Keep(parameters);
    buffer_ = buffer_.First(parameters.networks());
    Refresh();
  }

 private:
  void Refresh() {
    momentum_ = PerNetwork([](const auto& c) { return c.momentum; });
    momentum_step_ = PerNetwork([](const auto& c) { return c.momentum * c.learning_rate; });
  }

  const bool looks_ahead_;
  PackParameters buffer_;
  at::Tensor momentum_;       // [K, 1, 1]
  at::Tensor momentum_step_;  // momentum learning_rate
};

}  // namespace

std::unique_ptr<PackOptimizer> MakePackMomentum(const MlpShape& shape,
                                                const std::vector<TrialConfig>& configs,
                                                const PackParameters& parameters,
                                                const at::TensorOptions& options) {
  return std::make_unique<Momentum>(shape, configs, parameters, options);
}

}  // namespace firstguess::trainer
