#include "worker/trainer/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/trainer/learning_rate.h"

namespace firstguess::trainer {
namespace {

class WithWeightDecay : public Optimizer {
 public:
  explicit WithWeightDecay(const TrialConfig& config)
      : config_(config),
        weight_decay_(config.weight_decay),
        is_decoupled_(config.optimizer == "adamw") {}

  void Update(at::Tensor& parameters, at::Tensor& gradient) final {
    const at::NoGradGuard no_grad;
    learning_rate_ = LearningRateAt(config_, ++update_);
    if (is_decoupled_) {
      parameters.mul_(1 - learning_rate_ * weight_decay_);
    } else if (weight_decay_ != 0) {
      gradient.add_(parameters, weight_decay_);
    }
    Step(parameters, gradient);
  }

  void GoOnAfter(int64_t updates, const at::Tensor& parameters) final {
    update_ = updates;
    MakeState(parameters);
  }

 protected:
  virtual void MakeState(const at::Tensor& /*parameters*/) {}
  virtual void Step(at::Tensor& parameters, const at::Tensor& gradient) = 0;

  int64_t update() const { return update_; }
  double learning_rate() const { return learning_rate_; }  // of this update

 private:
  const TrialConfig config_;
  double learning_rate_ = 0;
  int64_t update_ = 0;
  const double weight_decay_;
  const bool is_decoupled_;
};

class Sgd final : public WithWeightDecay {
 public:
  using WithWeightDecay::WithWeightDecay;

 private:
  void Step(at::Tensor& parameters, const at::Tensor& gradient) override {
    parameters.sub_(gradient, learning_rate());
  }
};

class Momentum final : public WithWeightDecay {
 public:
  explicit Momentum(const TrialConfig& config)
      : WithWeightDecay(config),
        momentum_(config.momentum),
        looks_ahead_(config.optimizer == "nesterov") {}

  std::vector<at::Tensor> State() const override {
    return buffer_.defined() ? std::vector{buffer_} : std::vector<at::Tensor>();
  }

 private:
  void MakeState(const at::Tensor& parameters) override { buffer_ = at::empty_like(parameters); }

  void Step(at::Tensor& parameters, const at::Tensor& gradient) override {
    if (!buffer_.defined()) {
      buffer_ = gradient.clone();
    } else {
      buffer_.mul_(momentum_).add_(gradient);
    }
    if (looks_ahead_) {
      parameters.sub_(gradient, learning_rate()).sub_(buffer_, learning_rate() * momentum_);
    } else {
      parameters.sub_(buffer_, learning_rate());
    }
  }

  const double momentum_;
  const bool looks_ahead_;
  at::Tensor buffer_;
};

class Adam final : public WithWeightDecay {
 public:
  using WithWeightDecay::WithWeightDecay;

  std::vector<at::Tensor> State() const override {
    return mean_.defined() ? std::vector{mean_, square_} : std::vector<at::Tensor>();
  }

 private:
  static constexpr double kBeta1 = 0.9;
  static constexpr double kBeta2 = 0.999;
  static constexpr double kEpsilon = 1e-8;

  void Step(at::Tensor& parameters, const at::Tensor& gradient) override {
    if (update() == 1) MakeState(gradient);
    const auto t = static_cast<double>(update());
    const double step = learning_rate() / (1 - std::pow(kBeta1, t));
    mean_.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    square_.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    at::sqrt_out(denominator_, square_);
    denominator_.div_(std::sqrt(1 - std::pow(kBeta2, t))).add_(kEpsilon);
    parameters.addcdiv_(mean_, denominator_, -step);
  }

  void MakeState(const at::Tensor& parameters) override {
    mean_ = at::zeros_like(parameters);
    square_ = at::zeros_like(parameters);
    denominator_ = at::empty_like(parameters);
  }

  at::Tensor mean_;
  at::Tensor square_;
  at::Tensor denominator_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Optimizer>> MakeOptimizer(const TrialConfig& config) {
  if (config.optimizer == "sgd") return std::make_unique<Sgd>(config);
  if (config.optimizer == "momentum" || config.optimizer == "nesterov") {
    return std::make_unique<Momentum>(config);
  }
  if (config.optimizer == "adam" || config.optimizer == "adamw") {
    return std::make_unique<Adam>(config);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown optimizer \"", config.optimizer,
                   "\": this trainer has sgd, momentum, nesterov, adam, adamw"));
}

}  // namespace firstguess::trainer
