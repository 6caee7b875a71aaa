// Products with the Hessian, against differences of the gradients that training takes, and power
// iteration, against eigenvalues of the dense Hessian.

#include "worker/trainer/groups/sharpness.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "common/spec/losses.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kExamples = 6, kInputs = 5, kClasses = 4;

// A network in float64 with irregular inputs.
struct Tiny {
  explicit Tiny(Activation activation, double init_scale = 1)
      : config(Config(init_scale)),
        network(MakeMlp({.inputs = kInputs,
                         .width = 7,
                         .depth = 2,
                         .classes = kClasses,
                         .activation = activation}),
                config, at::kDouble, at::kCPU) {}

  static TrialConfig Config(double init_scale) {
    TrialConfig config;
    config.bias_scale = 0.3;
    config.init_scale = init_scale;
    config.probe_size = kExamples;
    return config;
  }

  const TrialConfig config;
  Network network;
  const at::Tensor inputs = at::sin(at::arange(kExamples * kInputs, at::kDouble).mul(0.7))
                                .mul(1.5)
                                .view({kExamples, kInputs});
  const at::Tensor labels = at::arange(kExamples, at::kLong).remainder(kClasses);
};

// Column by column, from HessianProduct.
at::Tensor DenseProduct(const Tiny& tiny, const LossFunction& loss) {
  const HessianProduct product(tiny.network, tiny.inputs, tiny.labels, loss);
  const at::Tensor unit = at::eye(product.parameters(), at::kDouble);
  std::vector<at::Tensor> columns;
  for (int64_t i = 0; i < product.parameters(); ++i) columns.push_back(product(unit[i]));
  return at::stack(columns, 1);
}

// Column by column, from differences of the network's own gradient.
at::Tensor DenseDifference(Tiny& tiny, const LossFunction& loss) {
  constexpr double kStep = 1e-5;
  at::Tensor& parameters = tiny.network.parameters();
  std::vector<at::Tensor> columns;
  const auto gradient_at = [&](int64_t i, double value) {
    parameters[i].fill_(value);
    tiny.network.Backward(tiny.inputs, tiny.labels, loss);
    return tiny.network.gradient().clone();
  };
  for (int64_t i = 0; i < parameters.size(0); ++i) {
    const double value = parameters[i].item<double>();
    const at::Tensor above = gradient_at(i, value + kStep);
    const at::Tensor below = gradient_at(i, value - kStep);
    parameters[i].fill_(value);
    columns.push_back((above - below) / (2 * kStep));
  }
  return at::stack(columns, 1);
}

double Largest(const at::Tensor& tensor) { return tensor.abs().max().item<double>(); }

TEST(Sharpness, ProductsAreTheDerivativesOfTheGradientForEveryLoss) {
  for (const LossInfo& info : KnownLosses()) {
    SCOPED_TRACE(info.name);
    const std::unique_ptr<LossFunction> loss = *MakeLoss(info.Default());
    Tiny tiny(Activation::kTanh);
    const at::Tensor expected = DenseDifference(tiny, *loss);
    EXPECT_LT(Largest(DenseProduct(tiny, *loss) - expected), 1e-6 * Largest(expected) + 1e-9);
  }
}

TEST(Sharpness, ProductsAreTheDerivativesOfTheGradientForEveryActivation) {
  const std::unique_ptr<LossFunction> loss = *MakeLoss(FindLoss("cross_entropy")->Default());
  for (const Activation activation :
       {Activation::kRelu, Activation::kTanh, Activation::kLinear, Activation::kGelu,
        Activation::kLeakyRelu, Activation::kErf}) {
    SCOPED_TRACE(static_cast<int>(activation));
    Tiny tiny(activation);
    const at::Tensor expected = DenseDifference(tiny, *loss);
    EXPECT_LT(Largest(DenseProduct(tiny, *loss) - expected), 1e-6 * Largest(expected));
  }
}

// A weight that jumps at its cutoff has a derivative of 0 beside it, not one of the jump's size.
TEST(Sharpness, AJumpOfTheWeightIsNoCurvature) {
  Tiny tiny(Activation::kTanh);
  const at::Tensor probability =
      tiny.network.Logits(tiny.inputs).softmax(1).gather(1, tiny.labels.unsqueeze(1));
  Loss spec = FindLoss("piecewise_zero")->Default();
  spec.parameters["cutoff"] = probability[2].item<double>();  // example 2 is just kept
  const std::unique_ptr<LossFunction> at_the_jump = *MakeLoss(spec);
  spec.parameters["cutoff"] = probability[2].item<double>() * 0.999;
  const std::unique_ptr<LossFunction> below_it = *MakeLoss(spec);
  const at::Tensor expected = DenseProduct(tiny, *below_it);
  EXPECT_LT(Largest(expected), 10);
  EXPECT_LT(Largest(DenseProduct(tiny, *at_the_jump)), 10);
}

TEST(Sharpness, IsTheEigenvalueOfLargestMagnitudeOfTheDenseHessian) {
  const std::unique_ptr<LossFunction> loss = *MakeLoss(FindLoss("cross_entropy")->Default());
  for (const Activation activation : {Activation::kRelu, Activation::kTanh}) {
    Tiny tiny(activation);
    const at::Tensor eigenvalues =
        at::linalg_eigvalsh(DenseDifference(tiny, *loss)).to(at::kDouble);
    const double low = eigenvalues[0].item<double>(), high = eigenvalues[-1].item<double>();
    const double expected = -low > high ? low : high;
    TrialConfig config = tiny.config;
    config.sharpness_iterations = 500;
    const SharpnessState state =
        MeasureSharpness(tiny.network, {tiny.inputs, tiny.labels}, *loss, config);
    EXPECT_NEAR(state.sharpness, expected, 1e-6 * std::abs(expected));
    EXPECT_LT(state.residual, 1e-3);
    EXPECT_EQ(state.iterations, 500);
  }
}

TEST(Sharpness, TheFirstStepIsTheQuotientOfTheStartVector) {
  const std::unique_ptr<LossFunction> loss = *MakeLoss(FindLoss("cross_entropy")->Default());
  Tiny tiny(Activation::kTanh);
  TrialConfig config = tiny.config;
  config.sharpness_iterations = 1;
  config.seed = 3;
  const at::Tensor hessian = DenseDifference(tiny, *loss);
  const at::Tensor start =
      at::randn({hessian.size(0)}, StreamGenerator("sharpness/3"), at::kDouble);
  const at::Tensor v = start / start.norm();
  const at::Tensor image = hessian.mv(v);
  const double quotient = v.dot(image).item<double>();
  const SharpnessState state =
      MeasureSharpness(tiny.network, {tiny.inputs, tiny.labels}, *loss, config);
  EXPECT_NEAR(state.sharpness, quotient, 1e-7);
  EXPECT_NEAR(state.residual, (image - v * quotient).norm().item<double>() / std::abs(quotient),
              1e-4);
}

TEST(Sharpness, WhereNothingIsKeptThereIsNoCurvature) {
  Loss spec = FindLoss("piecewise_zero")->Default();
  spec.parameters["cutoff"] = 0.99;
  Tiny tiny(Activation::kTanh);
  const SharpnessState state =
      MeasureSharpness(tiny.network, {tiny.inputs, tiny.labels}, **MakeLoss(spec), tiny.config);
  EXPECT_EQ(state.sharpness, 0);
  EXPECT_TRUE(std::isnan(state.residual));
  EXPECT_EQ(state.iterations, 1);
}

}  // namespace
}  // namespace firstguess::trainer
