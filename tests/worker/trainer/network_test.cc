// Forward, backward and update of one network.

#include "worker/trainer/network.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>
#include <string>

#include "common/spec/losses.h"
#include "tests/worker/trainer/pytorch_values.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/optimizer.h"

namespace firstguess::trainer {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Irregular inputs of about unit size.
at::Tensor Inputs(int64_t rows, int64_t columns) {
  return at::sin(at::arange(rows * columns, at::kDouble).mul(0.7)).mul(1.5).view({rows, columns});
}

constexpr Activation kActivations[] = {Activation::kRelu,      Activation::kTanh,
                                       Activation::kLinear,    Activation::kGelu,
                                       Activation::kLeakyRelu, Activation::kErf};

std::unique_ptr<LossFunction> MakeOrDie(const Loss& loss) { return *MakeLoss(loss); }

// The largest difference between the gradient and central differences of the loss, over all
// parameters, relative to the largest gradient. The loss's own gradient, into the logits, is taken
// as it is: losses_test holds it.
double LargestGradientError(Activation activation, const Loss& spec) {
  const MlpShape shape{.inputs = 5, .width = 7, .depth = 2, .classes = 4, .activation = activation};
  TrialConfig config;
  config.bias_scale = 0.3;
  Network network(MakeMlp(shape), config, at::kDouble, at::kCPU);
  const at::Tensor inputs = Inputs(6, 5);
  const at::Tensor labels = at::arange(6, at::kLong).remainder(4);
  const std::unique_ptr<LossFunction> loss = MakeOrDie(spec);
  network.Backward(inputs, labels, *loss);
  const at::Tensor gradient = network.gradient().clone();

  const at::Tensor into_logits =
      EvaluateBatch(*loss, network.Logits(inputs), labels).logits_gradient;
  const auto surrogate = [&] {
    return network.Logits(inputs).mul(into_logits).sum().item<double>();
  };
  constexpr double kStep = 1e-6;
  double largest = 0;
  for (int64_t i = 0; i < network.parameters().size(0); ++i) {
    at::Tensor parameter = network.parameters()[i];
    const double value = parameter.item<double>();
    parameter.fill_(value + kStep);
    const double above = surrogate();
    parameter.fill_(value - kStep);
    const double below = surrogate();
    parameter.fill_(value);
    largest =
        std::max(largest, std::abs((above - below) / (2 * kStep) - gradient[i].item<double>()));
  }
  // Truncated losses have none at all here, and then there must be none.
  return largest /
         std::max(gradient.abs().max().item<double>(), std::numeric_limits<double>::min());
}

TEST(Network, GradientEqualsCentralDifferencesForEveryLossAndActivation) {
  for (const Activation activation : kActivations) {
    for (const LossInfo& info : KnownLosses()) {
      EXPECT_LT(LargestGradientError(activation, info.Default()), 1e-7) << info.name;
    }
    Loss full = FindLoss("blurry")->Default();
    full.parameters["gradient"] = "full";
    EXPECT_LT(LargestGradientError(activation, full), 1e-7) << "blurry, full";
  }
}

TEST(Network, ForwardIsTheWrittenFormula) {
  const MlpShape shape{.inputs = 2, .width = 2, .depth = 1, .classes = 2};
  Network network(MakeMlp(shape), TrialConfig{}, at::kDouble, at::kCPU);
  // W0 = [[1, 2], [-3, 1]], b0 = [0.5, 0], W1 = [[1, 1], [2, -1]], b1 = [0, 10]; x = [1, -1].
  network.parameters().copy_(
      at::tensor({1.0, 2.0, -3.0, 1.0, 0.5, 0.0, 1.0, 1.0, 2.0, -1.0, 0.0, 10.0}));
  // h = relu([-0.5, -4]) = 0 and relu([1.5, -3 + ...]): second row x = [1, 0] gives [1.5, 0].
  const at::Tensor logits = network.Logits(at::tensor({1.0, -1.0, 1.0, 0.0}).view({2, 2}));
  EXPECT_TRUE(logits.equal(at::tensor({0.0, 10.0, 1.5, 13.0}).view({2, 2}))) << logits;
}

TEST(Network, GradientNormIsEuclideanOverAllParametersAndDoesNotOverflow) {
  const MlpShape shape{.inputs = 2, .width = 2, .depth = 1, .classes = 2};
  Network network(MakeMlp(shape), TrialConfig{}, at::kFloat, at::kCPU);
  network.gradient().zero_();
  network.gradient().narrow(0, 0, 2).copy_(at::tensor({3e30, 4e30}));
  EXPECT_NEAR(network.GradientNorm() / 5e30, 1, 1e-6);
}

TEST(Network, ActivationsAndTheirDerivativesKeepNan) {
  for (const Activation activation : kActivations) {
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
      const MlpShape shape{
          .inputs = 16, .width = 16, .depth = 1, .classes = 4, .activation = activation};
      Network network(MakeMlp(shape), TrialConfig{}, type, at::kCPU);
      const at::Tensor inputs = at::full({8, 16}, kNan, type);
      EXPECT_TRUE(network.Logits(inputs).isnan().all().item<bool>());
      const double loss =
          network.Backward(inputs, at::arange(8, at::kLong).remainder(4), *MakeOrDie(Loss{}));
      EXPECT_TRUE(std::isnan(loss));
      EXPECT_TRUE(network.gradient().isnan().all().item<bool>());
    }
  }
}

TEST(Network, ReluPassesNanGradientsThroughInactiveUnits) {
  // A NaN that arrives from above at units whose own pre-activation is NaN must not be masked.
  const at::Tensor x = at::tensor({kNan, 1.0, -1.0}).requires_grad_(true);
  const at::Tensor y = x.relu();
  EXPECT_TRUE(std::isnan(y[0].item<double>()));
  const at::Tensor gradient = torch::autograd::grad({y}, {x}, {at::ones({3}, at::kDouble)})[0];
  EXPECT_NE(gradient[0].item<double>(), 0);
  EXPECT_EQ(gradient[1].item<double>(), 1);
  EXPECT_EQ(gradient[2].item<double>(), 0);
}

TEST(Network, ActivationsAreTheWrittenFormulas) {
  // One hidden unit with weight 1 and read-outs 1 and 0: the first logit is the activation.
  const auto activated = [](const char* name, double x) {
    const MlpShape shape{
        .inputs = 1, .width = 1, .depth = 1, .classes = 2, .activation = *ActivationFromName(name)};
    Network network(MakeMlp(shape), TrialConfig{}, at::kDouble, at::kCPU);
    network.parameters().copy_(at::tensor({1.0, 0.0, 1.0, 0.0, 0.0, 0.0}));
    return network.Logits(at::tensor({x}).view({1, 1}))[0][0].item<double>();
  };
  for (const double x : {-1.3, 0.0, 0.7}) {
    EXPECT_NEAR(activated("relu", x), std::max(x, 0.0), 1e-15);
    EXPECT_NEAR(activated("tanh", x), std::tanh(x), 1e-15);
    EXPECT_NEAR(activated("linear", x), x, 1e-15);
    EXPECT_NEAR(activated("gelu", x), x * (1 + std::erf(x / std::sqrt(2.0))) / 2, 1e-15);
    EXPECT_NEAR(activated("leaky_relu", x), x < 0 ? 0.01 * x : x, 1e-15);
    EXPECT_NEAR(activated("erf", x), std::erf(x), 1e-15);
  }
}

TEST(Network, UnknownActivationIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(ActivationFromName("swish").status()));
}

struct OptimizerCase {
  const char* name;
  double weight_decay;
  const double* path;
};

TEST(Optimizer, TakesPyTorchsPath) {
  const OptimizerCase cases[] = {{"sgd", 0, pytorch::kSgd},
                                 {"momentum", 0, pytorch::kMomentum},
                                 {"nesterov", 0, pytorch::kNesterov},
                                 {"adam", 0, pytorch::kAdam},
                                 {"adamw", 0, pytorch::kAdamW},
                                 {"sgd", 0.1, pytorch::kSgdDecay},
                                 {"momentum", 0.1, pytorch::kMomentumDecay},
                                 {"nesterov", 0.1, pytorch::kNesterovDecay},
                                 {"adam", 0.1, pytorch::kAdamDecay},
                                 {"adamw", 0.1, pytorch::kAdamWDecay}};
  for (const OptimizerCase& one : cases) {
    SCOPED_TRACE(std::string(one.name) + ", decay " + std::to_string(one.weight_decay));
    TrialConfig config;
    config.optimizer = one.name;
    config.learning_rate = 0.05;
    config.momentum = 0.8;
    config.weight_decay = one.weight_decay;
    const std::unique_ptr<Optimizer> optimizer = *MakeOptimizer(config);
    at::Tensor parameters =
        at::tensor(std::vector<double>(std::begin(pytorch::kStart), std::end(pytorch::kStart)));
    for (int t = 0; t < pytorch::kUpdates; ++t) {
      const double* row = pytorch::kGradients + t * 4;
      at::Tensor gradient = at::tensor(std::vector<double>(row, row + 4));
      optimizer->Update(parameters, gradient);
      for (int i = 0; i < 4; ++i) {
        EXPECT_NEAR(parameters[i].item<double>(), one.path[t * 4 + i], 1e-14) << "update " << t;
      }
    }
  }
}

TEST(Optimizer, UnknownOptimizerIsRefused) {
  TrialConfig config;
  config.optimizer = "lion";
  EXPECT_TRUE(absl::IsInvalidArgument(MakeOptimizer(config).status()));
}

}  // namespace
}  // namespace firstguess::trainer
