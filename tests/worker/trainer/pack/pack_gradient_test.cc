// The pack's hand-written backward pass and updates, against autograd and one network at a time.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sin.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/losses.h"
#include "worker/trainer/clipping.h"
#include "worker/trainer/initialisation.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/network.h"
#include "worker/trainer/optimizer.h"
#include "worker/trainer/pack/pack_loss.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack/pack_optimizer.h"
#include "worker/trainer/pack/pack_parameters.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kExamples = 24;
constexpr int kUpdates = 6;

using Kind = Normalisation::Kind;

MlpShape Shape(Activation activation, const Normalisation& norm = {}) {
  return {
      .inputs = 16, .width = 20, .depth = 3, .classes = 7, .activation = activation, .norm = norm};
}

std::vector<Normalisation> Norms() {
  return {{.kind = Kind::kLayer, .before_activation = true},
          {.kind = Kind::kLayer, .before_activation = false},
          {.kind = Kind::kBatch, .before_activation = true},
          {.kind = Kind::kBatch, .before_activation = false}};
}

// Irregular inputs of about unit size.
at::Tensor Inputs(at::ScalarType type) {
  return at::sin(at::arange(kExamples * 16, at::kDouble).mul(0.7)).view({kExamples, 16}).to(type);
}

at::Tensor Labels() { return at::arange(kExamples, at::kLong).remainder(7); }

// One network for each loss with each of its parameters' defaults, and blurry's other gradient, all
// different in seed, scale and whatever else may differ in a pack.
std::vector<TrialConfig> Configs(const std::string& optimizer, double max_grad_norm = 0) {
  std::vector<Loss> losses;
  for (const LossInfo& info : KnownLosses()) losses.push_back(info.Default());
  losses.push_back(FindLoss("blurry")->Default());
  losses.back().parameters["gradient"] = "full";
  losses.push_back(losses.front());
  std::vector<TrialConfig> configs;
  for (const Loss& loss : losses) {
    TrialConfig config;
    const auto k = static_cast<int64_t>(configs.size());
    config.loss = loss;
    config.optimizer = optimizer;
    config.seed = k;
    config.bias_scale = 0.3;
    config.init_scale = 1 + 0.02 * static_cast<double>(k);
    config.learning_rate = 0.01 * static_cast<double>(1 + k % 3);
    config.weight_decay = k % 2 == 0 ? 0 : 0.05;
    config.momentum = 0.9 - 0.2 * static_cast<double>(k % 2);
    config.batch_size = kExamples;
    config.steps = kUpdates;
    config.schedule = std::vector{"constant", "cosine", "step"}[static_cast<size_t>(k) % 3];
    config.schedule_every = 2;
    config.warmup_steps = k % 4 == 3 ? 2 : 0;
    config.max_grad_norm = max_grad_norm * static_cast<double>(1 + k % 2);
    config.loss_delay_steps = k % 3;
    config.logit_bias = k % 4 == 1 ? 0 : 0.4 * static_cast<double>(k % 4 - 1);
    config.norm_statistics = "running";
    configs.push_back(config);
  }
  std::vector<TrialConfig> ordered;
  for (const size_t index : PackLoss::Order(configs)) ordered.push_back(configs[index]);
  return ordered;
}

// Every sixth of them: for what has nothing to do with the loss.
std::vector<TrialConfig> Some(const std::vector<TrialConfig>& configs) {
  std::vector<TrialConfig> some;
  for (size_t k = 0; k < configs.size(); k += 6) some.push_back(configs[k]);
  return some;
}

// A pack of networks on one batch.
class Pack {
 public:
  Pack(const MlpShape& shape, const std::vector<TrialConfig>& configs, at::ScalarType type)
      : parameters_(shape, Count(configs), type, at::kCPU),
        network_(shape, Count(configs), kExamples, type, at::kCPU),
        loss_(configs, shape.classes, kExamples, type, at::kCPU),
        optimizer_(MakePackOptimizer(shape, configs, parameters_, type, at::kCPU)),
        inputs_(Inputs(type)),
        mean_(at::empty({Count(configs)}, at::kDouble)) {
    for (int64_t k = 0; k < Count(configs); ++k) {
      parameters_.Initialise(k, shape, configs[static_cast<size_t>(k)]);
    }
  }

  void Update(int64_t step, bool measured) {
    const at::NoGradGuard no_grad;
    const at::Tensor logits = network_.Forward(parameters_, inputs_);
    const at::Tensor gradient =
        loss_.Gradient(step, logits, Labels().view({1, 1, kExamples}),
                       optimizer_->Begin(measured, loss_.L1Penalties(step)), mean_);
    network_.Backward(parameters_, inputs_, gradient,
                      [&](const PackNetwork::LayerGradient& layer) { optimizer_->Layer(layer); });
    optimizer_->End();
  }

  // Gradients of every network at `step`, without an update.
  PackParameters Gradient(const MlpShape& shape, int64_t step) {
    const at::NoGradGuard no_grad;
    const at::ScalarType type = inputs_.scalar_type();
    PackParameters gradient(shape, parameters_.networks(), type, at::kCPU);
    const at::Tensor scale = at::full({1, 1, 1}, 1.0 / kExamples, type);
    const at::Tensor logits = network_.Forward(parameters_, inputs_);
    const at::Tensor into_logits =
        loss_.Gradient(step, logits, Labels().view({1, 1, kExamples}), scale, mean_);
    network_.Backward(parameters_, inputs_, into_logits,
                      [&](const PackNetwork::LayerGradient& layer) {
                        layer.Accumulate(gradient.layers()[layer.layer], 0, 1);
                      });
    return gradient;
  }

  // Of every network, by running moments where there are any: [K, classes, B].
  at::Tensor Logits() {
    return network_.Forward(parameters_, inputs_, ForwardMode::kRunningStatistics);
  }

  PackParameters& parameters() { return parameters_; }
  const PackOptimizer& optimizer() const { return *optimizer_; }
  double mean(int64_t k) const { return mean_[k].item<double>(); }

 private:
  static int64_t Count(const std::vector<TrialConfig>& configs) {
    return static_cast<int64_t>(configs.size());
  }

  PackParameters parameters_;
  PackNetwork network_;
  PackLoss loss_;
  std::unique_ptr<PackOptimizer> optimizer_;
  const at::Tensor inputs_;
  at::Tensor mean_;
};

// The same network by autograd.
class Single {
 public:
  Single(const MlpShape& shape, const TrialConfig& config, at::ScalarType type)
      : config_(config),
        network_(MakeMlp(shape), config, type, at::kCPU),
        loss_(*MakeLoss(config.loss)),
        cross_entropy_(MakeCrossEntropy()),
        optimizer_(*MakeOptimizer(config)),
        inputs_(Inputs(type)) {}

  double Backward(int64_t step) {
    return network_.Backward(inputs_, Labels(), InForce(step), config_.logit_bias);
  }
  void Update(int64_t step) {
    if (config_.max_grad_norm > 0) {
      network_.gradient().mul_(ClippingFactor(network_.GradientNorm(), config_.max_grad_norm));
    }
    network_.gradient().add_(network_.parameters().sign(), InForce(step).l1_penalty());
    optimizer_->Update(network_.parameters(), network_.gradient());
  }
  Network& network() { return network_; }
  at::Tensor Logits() const { return network_.Logits(inputs_); }

 private:
  const LossFunction& InForce(int64_t step) const {
    return step <= config_.loss_delay_steps ? *cross_entropy_ : *loss_;
  }

  const TrialConfig config_;
  Network network_;
  const std::unique_ptr<LossFunction> loss_, cross_entropy_;
  const std::unique_ptr<Optimizer> optimizer_;
  const at::Tensor inputs_;
};

// Slice k in the order of Network::parameters().
at::Tensor Flat(const PackParameters& parameters, int64_t k) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& part : parameters.Slice(k)) parts.push_back(part.flatten());
  return at::cat(parts);
}

// Of what is 0 throughout, only 0 is near.
double RelativeError(const at::Tensor& got, const at::Tensor& expected) {
  return got.sub(expected).abs().max().item<double>() /
         std::max(expected.abs().max().item<double>(), std::numeric_limits<double>::min());
}

double Tolerance(at::ScalarType type) { return type == at::kDouble ? 1e-12 : 1e-5; }

// Of parameters on their way, in float64. Before a batch normalisation a bias has no effect: its
// gradient is what rounding leaves of 0, which adam takes for a direction of some 1e-9.
double PathTolerance(const MlpShape& shape, const std::string& optimizer) {
  const bool idle_biases = shape.norm.kind == Kind::kBatch && shape.norm.before_activation;
  return idle_biases && optimizer.starts_with("adam") ? 1e-7 : 1e-12;
}

constexpr const char* kOptimizers[] = {"sgd", "momentum", "nesterov", "adam", "adamw"};
constexpr Activation kActivations[] = {Activation::kRelu,      Activation::kTanh,
                                       Activation::kLinear,    Activation::kGelu,
                                       Activation::kLeakyRelu, Activation::kErf};

// Norm and activation, for a failure's message.
std::string Words(const MlpShape& shape) {
  return absl::StrCat("norm ", static_cast<int>(shape.norm.kind),
                      shape.norm.before_activation ? " before" : " after", " activation ",
                      static_cast<int>(shape.activation));
}

void ExpectAutogradsGradients(const MlpShape& shape, const std::vector<TrialConfig>& configs) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    Pack pack(shape, configs, type);
    const PackParameters gradient = pack.Gradient(shape, /*step=*/100);
    for (size_t k = 0; k < configs.size(); ++k) {
      SCOPED_TRACE(testing::Message()
                   << configs[k].loss.name << " in " << type << ", " << Words(shape));
      const auto slice = static_cast<int64_t>(k);
      Single single(shape, configs[k], type);
      const double mean = single.Backward(100);
      EXPECT_NEAR(pack.mean(slice) / mean, 1, Tolerance(type));
      EXPECT_LT(RelativeError(Flat(gradient, slice), single.network().gradient()), Tolerance(type));
    }
  }
}

TEST(PackGradient, EqualsAutogradsForEveryLossAndActivation) {
  for (const Activation activation : kActivations) {
    ExpectAutogradsGradients(Shape(activation), Configs("sgd"));
  }
}

TEST(PackGradient, EqualsAutogradsForEveryActivationAndNorm) {
  for (const Normalisation& norm : Norms()) {
    for (const Activation activation : kActivations) {
      ExpectAutogradsGradients(Shape(activation, norm), Some(Configs("sgd")));
    }
  }
}

void ExpectThePathOfOneAtATime(const std::vector<TrialConfig>& configs, const MlpShape& shape) {
  // In float64: float32's rounding grows with every update.
  Pack pack(shape, configs, at::kDouble);
  std::vector<std::unique_ptr<Single>> singles;
  for (const TrialConfig& config : configs) {
    singles.push_back(std::make_unique<Single>(shape, config, at::kDouble));
  }
  for (int step = 1; step <= kUpdates; ++step) {
    const bool measured = step % 2 == 0;
    pack.Update(step, measured);
    for (size_t k = 0; k < configs.size(); ++k) {
      SCOPED_TRACE(testing::Message()
                   << configs[k].optimizer << ", " << configs[k].loss.name << ", network " << k
                   << ", update " << step << ", " << Words(shape));
      const auto slice = static_cast<int64_t>(k);
      singles[k]->Backward(step);
      if (measured) {
        const double norm = singles[k]->network().GradientNorm();
        EXPECT_NEAR(pack.optimizer().SquaredNorms()[slice].item<double>(), norm * norm,
                    1e-11 * norm * norm);
      }
      singles[k]->Update(step);
      EXPECT_LT(RelativeError(Flat(pack.parameters(), slice), singles[k]->network().parameters()),
                PathTolerance(shape, configs[k].optimizer));
    }
  }
  const at::Tensor logits = pack.Logits();
  for (size_t k = 0; k < configs.size(); ++k) {
    EXPECT_LT(RelativeError(logits.select(0, static_cast<int64_t>(k)).t(), singles[k]->Logits()),
              10 * PathTolerance(shape, configs[k].optimizer))
        << Words(shape);
  }
}

TEST(PackOptimizer, TakesThePathOfOneNetworkAtATimeForEveryLossActivationAndOptimizer) {
  for (const char* optimizer : kOptimizers) {
    for (const Activation activation : kActivations) {
      ExpectThePathOfOneAtATime(Configs(optimizer), Shape(activation));
    }
  }
}

TEST(PackOptimizer, TakesThePathOfOneNetworkAtATimeForEveryNormAndOptimizer) {
  for (const char* optimizer : kOptimizers) {
    for (const Normalisation& norm : Norms()) {
      ExpectThePathOfOneAtATime(Some(Configs(optimizer)), Shape(Activation::kTanh, norm));
    }
  }
}

TEST(PackOptimizer, TakesThePathOfOneNetworkAtATimeWhereGradientsAreClipped) {
  for (const char* optimizer : kOptimizers) {
    const std::vector<TrialConfig> configs = Configs(optimizer, /*max_grad_norm=*/0.2);
    ExpectThePathOfOneAtATime(configs, Shape(Activation::kTanh));
    ExpectThePathOfOneAtATime(Some(configs), Shape(Activation::kTanh, Norms().front()));
  }
}

TEST(PackParameters, DrawsEachParameterFromItsOwnStream) {
  const MlpShape shape = Shape(Activation::kRelu, Norms().front());
  const std::vector<TrialConfig> configs = Configs("sgd");
  Pack pack(shape, configs, at::kFloat);
  for (size_t k = 0; k < configs.size(); ++k) {
    const std::vector<at::Tensor> slice = pack.parameters().Slice(static_cast<int64_t>(k));
    const std::vector<ParameterSpec> specs = shape.Parameters();
    ASSERT_EQ(slice.size(), specs.size());
    for (size_t i = 0; i < specs.size(); ++i) {
      EXPECT_TRUE(slice[i].flatten().equal(InitialParameter(specs[i], configs[k]).flatten()))
          << specs[i].name;
    }
  }
}

// One network's parameters become `poison`; after some updates the others must have the bits that
// they have without it.
void ExpectOthersUntouched(const std::vector<TrialConfig>& configs, const MlpShape& shape,
                           double poison) {
  constexpr int64_t kPoisoned = 1;
  Pack healthy(shape, configs, at::kFloat), ill(shape, configs, at::kFloat);
  for (const at::Tensor& part : ill.parameters().Slice(kPoisoned)) part.fill_(poison);
  for (int step = 1; step <= kUpdates; ++step) {
    healthy.Update(step, step % 2 == 0);
    ill.Update(step, step % 2 == 0);
  }
  EXPECT_FALSE(Flat(ill.parameters(), kPoisoned).isfinite().all().item<bool>());
  for (size_t k = 0; k < configs.size(); ++k) {
    const auto slice = static_cast<int64_t>(k);
    if (slice == kPoisoned) continue;
    EXPECT_TRUE(Flat(ill.parameters(), slice).equal(Flat(healthy.parameters(), slice)))
        << configs[k].optimizer << ", network " << k << " beside one of " << poison << ", "
        << Words(shape);
    EXPECT_EQ(ill.mean(slice), healthy.mean(slice));
  }
}

TEST(Pack, ANetworkThatIsNotFiniteLeavesTheOthersBitsAlone) {
  for (const char* optimizer : kOptimizers) {
    std::vector<MlpShape> shapes;
    for (const Activation activation : kActivations) shapes.push_back(Shape(activation));
    for (const Normalisation& norm : Norms()) shapes.push_back(Shape(Activation::kRelu, norm));
    for (const MlpShape& shape : shapes) {
      const std::vector<TrialConfig> configs = Some(Configs(optimizer));
      ExpectOthersUntouched(configs, shape, std::numeric_limits<double>::quiet_NaN());
      ExpectOthersUntouched(configs, shape, std::numeric_limits<double>::infinity());
    }
  }
}

}  // namespace
}  // namespace firstguess::trainer
