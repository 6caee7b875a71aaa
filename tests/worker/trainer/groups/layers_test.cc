#include "worker/trainer/groups/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "common/spec/losses.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/models/mlp.h"

namespace firstguess::trainer {
namespace {

LayerState OfOneLayer(Activation activation, const at::Tensor& pre, const at::Tensor& after) {
  LayerStatistics statistics(activation);
  statistics.OnLayer(0, "layers.0", pre, after);
  statistics.OnLayer(1, "layers.1", pre, pre);
  const std::vector<LayerState> layers = statistics.Take();
  EXPECT_EQ(layers.size(), 2);
  EXPECT_EQ(layers[1].name, "layers.1");
  EXPECT_TRUE(std::isnan(layers[1].dead_fraction)) << "the read-out";
  return layers[0];
}

// Units (1, 3), (-2, 0), (-1, -3) on two examples.
TEST(Layers, MomentsAreOverExamplesAndUnits) {
  const at::Tensor pre = at::tensor({1.0, -2.0, -1.0, 3.0, 0.0, -3.0}).view({2, 3});
  const LayerState layer = OfOneLayer(Activation::kRelu, pre, at::relu(pre));
  EXPECT_EQ(layer.name, "layers.0");
  EXPECT_NEAR(layer.pre_mean, -1.0 / 3, 1e-15);
  EXPECT_NEAR(layer.pre_variance, 24.0 / 6 - 1.0 / 9, 1e-14);
  // Means 2, -1, -2 over the examples; variances 1, 1, 1.
  EXPECT_NEAR(layer.drift_ratio, 9.0 / 3 - 1.0 / 9, 1e-14);
  // Activations (1, 0, 0) and (3, 0, 0).
  EXPECT_NEAR(layer.correlation, 1, 1e-15);
  EXPECT_NEAR(layer.dead_fraction, 2.0 / 3, 1e-15);
}

TEST(Layers, CorrelationIsTheMeanCosineOfAllPairsOfExamplesThatHaveOne) {
  // Cosines 0, 1 / sqrt 2 and 1 / sqrt 2; the last example has none.
  const at::Tensor after = at::tensor({2.0, 0.0, 0.0, 3.0, 5.0, 5.0, 0.0, 0.0}).view({4, 2});
  const LayerState layer = OfOneLayer(Activation::kRelu, after, after);
  EXPECT_NEAR(layer.correlation, std::sqrt(2.0) / 3, 1e-15);
  EXPECT_EQ(layer.dead_fraction, 0);
}

TEST(Layers, WhatIsUndefinedIsNotMeasured) {
  const at::Tensor constant = at::zeros({3, 2}, at::kDouble);
  const LayerState layer = OfOneLayer(Activation::kRelu, constant, constant);
  EXPECT_TRUE(std::isnan(layer.drift_ratio));
  EXPECT_TRUE(std::isnan(layer.correlation));
  EXPECT_EQ(layer.dead_fraction, 1);
  EXPECT_TRUE(std::isnan(OfOneLayer(Activation::kTanh, constant, constant).dead_fraction));
}

TEST(Layers, UnitsOfAConvolutionAreItsChannelsTimesItsPlaces) {
  const at::Tensor pre = at::sin(at::arange(3 * 2 * 2 * 2, at::kFloat)).view({3, 2, 2, 2});
  const LayerState expected =
      OfOneLayer(Activation::kRelu, pre.flatten(1), at::relu(pre.flatten(1)));
  const LayerState layer = OfOneLayer(Activation::kRelu, pre, at::relu(pre));
  EXPECT_EQ(layer.drift_ratio, expected.drift_ratio);
  EXPECT_EQ(layer.correlation, expected.correlation);
  EXPECT_EQ(layer.dead_fraction, expected.dead_fraction);
}

// More numbers than are looked at at once.
TEST(Layers, ManyExamplesAreAsFew) {
  const at::Tensor some = at::sin(at::arange(8 * 300, at::kDouble).mul(0.3)).view({8, 300});
  const at::Tensor many = some.repeat({500, 1});
  const LayerState few = OfOneLayer(Activation::kRelu, some, at::relu(some));
  const LayerState layer = OfOneLayer(Activation::kRelu, many, at::relu(many));
  EXPECT_NEAR(layer.pre_mean, few.pre_mean, 1e-12);
  EXPECT_NEAR(layer.pre_variance, few.pre_variance, 1e-12);
  EXPECT_NEAR(layer.drift_ratio, few.drift_ratio, 1e-12);
  EXPECT_EQ(layer.dead_fraction, few.dead_fraction);
}

TEST(Layers, OfANetworkHaveTheNormsOfTheirOwnParameters) {
  TrialConfig config;
  config.bias_scale = 0.5;
  Network network(
      MakeMlp({.inputs = 5, .width = 7, .depth = 2, .classes = 4, .activation = Activation::kTanh}),
      config, at::kDouble, at::kCPU);
  const at::Tensor initial = network.parameters().clone();
  const at::Tensor inputs = at::sin(at::arange(30, at::kDouble)).view({6, 5});
  const std::unique_ptr<LossFunction> loss = *MakeLoss(FindLoss("cross_entropy")->Default());
  network.Backward(inputs, at::arange(6, at::kLong).remainder(4), *loss);

  const std::vector<LayerState> start =
      MeasureLayers(network, inputs, Activation::kTanh, initial, {});
  ASSERT_EQ(start.size(), 3);
  for (const LayerState& layer : start) {
    EXPECT_EQ(layer.distance_to_init, 0);
    EXPECT_NEAR(layer.cosine_to_init, 1, 1e-15);
    EXPECT_TRUE(std::isnan(layer.grad_norm));
    EXPECT_TRUE(std::isnan(layer.dead_fraction));
  }

  // Layer 1's weights are turned round; nothing else moves.
  network.Part(network.parameters(), "layers.1.weight").neg_();
  const std::vector<LayerState> layers =
      MeasureLayers(network, inputs, Activation::kTanh, initial, network.gradient());
  double squares = 0;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(layers[i].name, "layers." + std::to_string(i));
    const at::Tensor weight = network.Part(initial, layers[i].name + ".weight");
    const double norm = weight.norm().item<double>();
    EXPECT_NEAR(layers[i].weight_norm, norm, 1e-13);
    EXPECT_NEAR(layers[i].distance_to_init, i == 1 ? 2 * norm : 0, 1e-13);
    EXPECT_NEAR(layers[i].cosine_to_init, i == 1 ? -1 : 1, 1e-13);
    squares += layers[i].grad_norm * layers[i].grad_norm;
  }
  // Every parameter is of one layer.
  EXPECT_NEAR(std::sqrt(squares), network.GradientNorm(), 1e-13);
  // The read-out's pre-activations are the logits.
  EXPECT_NEAR(layers[2].pre_mean, network.Logits(inputs).mean().item<double>(), 1e-13);
}

}  // namespace
}  // namespace firstguess::trainer
