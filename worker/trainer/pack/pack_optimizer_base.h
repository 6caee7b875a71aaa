#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "worker/trainer/pack/pack_optimizer.h"

namespace firstguess::trainer {

// What the optimizers of a pack share: learning rates, decay, and measured gradients. Whatever not
// every network has is done for each network by itself: a product with 0 would be a touch, if only
// of a zero's sign, and a network's numbers must not depend on the others.
class PackOptimizerBase : public PackOptimizer {
 public:
  PackOptimizerBase(const MlpShape& shape, const std::vector<TrialConfig>& configs,
                    const PackParameters& parameters, const at::TensorOptions& options);

  const at::Tensor& Begin(bool measured, std::vector<double> l1_penalties) override;
  void Layer(const PackNetwork::LayerGradient& layer) final;
  void End() final;
  const at::Tensor& SquaredNorms() const final { return squared_norms_; }
  void Copy(int64_t from, int64_t to) override;
  void Keep(const PackParameters& parameters) override;
  void GoOnAfter(int64_t updates) override { update_ = updates; }
  bool RepeatsItself() const override { return !has_schedule_ || l1_penalties_.empty(); }

 protected:
  // Takes a layer's parameters along its gradient: at once, or from the gradient as such, which may
  // be overwritten.
  virtual void Fold(const PackNetwork::LayerGradient& layer) = 0;
  virtual void Apply(size_t layer, PackParameters::Layer& gradient) = 0;
  // After all layers.
  virtual void Finish() {}

  // One number per network, [K, 1, 1].
  at::Tensor PerNetwork(const std::function<double(const TrialConfig&)>& value) const;

  // The layer's gradient as such, into gradient_; its share of the norms if measured.
  PackParameters::Layer& Materialise(const PackNetwork::LayerGradient& layer);

  // Calls use(k, penalty) for each network whose loss has an L1 penalty now.
  template <typename Use>
  void ForEachPenalised(const Use& use) const {
    for (size_t k = 0; k < configs_.size() && !l1_penalties_.empty(); ++k) {
      if (l1_penalties_[k] != 0) use(static_cast<int64_t>(k), l1_penalties_[k]);
    }
  }

  // Adds the penalties' gradients, and weight_decay times the parameters, to `gradient` of the
  // layer, before its weights change.
  void Penalise(size_t layer, PackParameters::Layer& gradient) const;
  void Decay(size_t layer, PackParameters::Layer& gradient) const;

  bool decays() const { return decays_; }
  bool has_schedule() const { return has_schedule_; }
  bool measured() const { return measured_; }
  int64_t update() const { return update_; }  // 1 for the first
  // Of this update, of network k.
  double LearningRate(size_t k) const;
  const std::vector<TrialConfig>& configs() const { return configs_; }

  PackParameters parameters_;
  PackParameters gradient_;
  // One number per network, [K, 1, 1]; in the same memory until Keep.
  at::Tensor learning_rate_;  // of this update
  at::Tensor mean_scale_;     // 1 / B
  at::Tensor folded_scale_;   // learning_rate / B
  at::Tensor kept_;           // 1 - learning_rate weight_decay

 private:
  void Refresh();
  void RefreshRates();
  void Clip();

  std::vector<TrialConfig> configs_;
  const at::TensorOptions options_;
  at::Tensor squared_norms_;
  at::Tensor max_grad_norm_;
  int64_t update_ = 0;
  bool decays_ = false;
  bool has_schedule_ = false;
  const bool clips_;
  bool measured_ = false;
  std::vector<double> l1_penalties_;  // empty: none
};

// One file an optimizer; arguments as the class's constructor.
std::unique_ptr<PackOptimizer> MakePackSgd(const MlpShape& shape,
                                           const std::vector<TrialConfig>& configs,
                                           const PackParameters& parameters,
                                           const at::TensorOptions& options);
// momentum and nesterov.
std::unique_ptr<PackOptimizer> MakePackMomentum(const MlpShape& shape,
                                                const std::vector<TrialConfig>& configs,
                                                const PackParameters& parameters,
                                                const at::TensorOptions& options);
// adam and adamw.
std::unique_ptr<PackOptimizer> MakePackAdam(const MlpShape& shape,
                                            const std::vector<TrialConfig>& configs,
                                            const PackParameters& parameters,
                                            const at::TensorOptions& options);

}  // namespace firstguess::trainer
