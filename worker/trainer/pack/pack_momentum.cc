#include <ATen/ops/mul.h>

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

  void Copy(int64_t from, int64_t to) override {
    PackOptimizerBase::Copy(from, to);
    buffer_.Copy(from, to);
  }

  void Keep(const PackParameters& parameters) override {
    PackOptimizerBase::Keep(parameters);
    buffer_ = buffer_.First(parameters.networks());
    Refresh();
  }

  std::vector<PackParameters> State() const override { return {buffer_}; }

 private:
  void Fold(const PackNetwork::LayerGradient& layer) override {
    if (looks_ahead_) {
      Apply(layer.layer, Materialise(layer));
      return;
    }
    // The buffer takes the gradient from the product itself; alone it is only needed to be
    // measured.
    if (measured()) Materialise(layer);
    PackParameters::Layer& buffer = buffer_.layers()[layer.layer];
    Fade(buffer);
    layer.Accumulate(buffer, 1, 1);
    Penalise(layer.layer, buffer);
    Decay(layer.layer, buffer);
    Move(layer.layer, buffer, learning_rate_);
  }

  void Apply(size_t layer, PackParameters::Layer& gradient) override {
    Penalise(layer, gradient);
    Decay(layer, gradient);
    PackParameters::Layer& buffer = buffer_.layers()[layer];
    Fade(buffer);
    buffer.weight.add_(gradient.weight);
    buffer.bias.add_(gradient.bias);
    if (looks_ahead_) {
      Move(layer, gradient, learning_rate_);
      Move(layer, buffer, at::mul(learning_rate_, momentum_));
    } else {
      Move(layer, buffer, learning_rate_);
    }
  }

  void Fade(PackParameters::Layer& buffer) const {
    buffer.weight.mul_(momentum_);
    buffer.bias.mul_(momentum_);
  }

  // parameters -= rate direction.
  void Move(size_t layer, const PackParameters::Layer& direction, const at::Tensor& rate) {
    PackParameters::Layer& weights = parameters_.layers()[layer];
    weights.weight.addcmul_(direction.weight, rate, -1);
    weights.bias.addcmul_(direction.bias, rate, -1);
  }

  void Refresh() {
    momentum_ = PerNetwork([](const auto& c) { return c.momentum; });
  }

  const bool looks_ahead_;
  PackParameters buffer_;
  at::Tensor momentum_;  // [K, 1, 1]
};

}  // namespace

std::unique_ptr<PackOptimizer> MakePackMomentum(const MlpShape& shape,
                                                const std::vector<TrialConfig>& configs,
                                                const PackParameters& parameters,
                                                const at::TensorOptions& options) {
  return std::make_unique<Momentum>(shape, configs, parameters, options);
}

}  // namespace firstguess::trainer
