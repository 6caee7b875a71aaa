#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "worker/trainer/pack/pack_optimizer_base.h"

namespace firstguess::trainer {
namespace {

class Adam final : public PackOptimizerBase {
 public:
  Adam(const MlpShape& shape, const std::vector<TrialConfig>& configs,
       const PackParameters& parameters, const at::TensorOptions& options)
      : PackOptimizerBase(shape, configs, parameters, options),
        is_decoupled_(configs.front().optimizer == "adamw"),
        mean_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
        square_(shape, parameters.networks(), options.dtype().toScalarType(), options.device()),
        updates_(at::zeros({}, options.dtype(at::kFloat))) {
    Refresh();
  }

  void Copy(int64_t from, int64_t to) override {
    PackOptimizerBase::Copy(from, to);
    mean_.Copy(from, to);
    square_.Copy(from, to);
  }

  void Keep(const PackParameters& parameters) override {
    PackOptimizerBase::Keep(parameters);
    mean_ = mean_.First(parameters.networks());
    square_ = square_.First(parameters.networks());
    Refresh();
  }

  std::vector<PackParameters> State() const override { return {mean_, square_}; }

  void GoOnAfter(int64_t updates) override {
    PackOptimizerBase::GoOnAfter(updates);
    updates_.fill_(updates);
  }
  // The fused kernel takes the learning rate as a number.
  bool RepeatsItself() const override { return !has_schedule(); }

 private:
  void Fold(const PackNetwork::LayerGradient& layer) override {
    Penalise(layer.layer, Materialise(layer));
  }
  void Apply(size_t layer, PackParameters::Layer& gradient) override { Penalise(layer, gradient); }

  void Finish() override {
    updates_.add_(1);
    for (const Group& group : groups_) {
      const double learning_rate = LearningRate(group.first);
      const double weight_decay = configs()[group.first].weight_decay;
      if (is_decoupled_) {
        at::_fused_adamw_(group.parameters, group.gradients, group.means, group.squares, {},
                          group.updates, learning_rate, 0.9, 0.999, weight_decay, 1e-8, false,
                          false);
      } else {
        at::_fused_adam_(group.parameters, group.gradients, group.means, group.squares, {},
                         group.updates, learning_rate, 0.9, 0.999, weight_decay, 1e-8, false,
                         false);
      }
    }
  }

  // Networks that move alike, by the first of them, one tensor per parameter and network: the fused
  // kernel treats the last elements of a tensor apart, so a tensor over several networks would make
  // a network's numbers depend on its place.
  struct Group {
    size_t first = 0;
    std::vector<at::Tensor> parameters, gradients, means, squares, updates;
  };

  // All but the optimizer and what a pack shares.
  static bool MoveAlike(const TrialConfig& a, const TrialConfig& b) {
    const auto numbers = [](const TrialConfig& c) {
      return std::tie(c.learning_rate, c.weight_decay, c.schedule, c.warmup_steps, c.schedule_every,
                      c.schedule_factor);
    };
    return numbers(a) == numbers(b);
  }

  void Refresh() {
    groups_.clear();
    for (size_t k = 0; k < configs().size(); ++k) {
      const TrialConfig& config = configs()[k];
      auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) {
        return MoveAlike(configs()[g.first], config);
      });
      if (group == groups_.end()) {
        groups_.push_back({k, {}, {}, {}, {}, {}});
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

  const bool is_decoupled_;
  PackParameters mean_;
  PackParameters square_;
  at::Tensor updates_;  // scalar: how many
  std::vector<Group> groups_;
};

}  // namespace

std::unique_ptr<PackOptimizer> MakePackAdam(const MlpShape& shape,
                                            const std::vector<TrialConfig>& configs,
                                            const PackParameters& parameters,
                                            const at::TensorOptions& options) {
  return std::make_unique<Adam>(shape, configs, parameters, options);
}

}  // namespace firstguess::trainer
