// The random streams: initial parameters, batches, probe set, label noise.

#include <ATen/ops/arange.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "tests/worker/trainer/pytorch_values.h"
#include "worker/trainer/batches.h"
#include "worker/trainer/initialisation.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/probe_set.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

const MlpShape kShape{.inputs = 784, .width = 64, .depth = 3, .classes = 10};

// `count` images of 2 x 2 pixels: image i is all i mod 256 and labelled i mod 10.
ImageDataset CountingData(int64_t count) {
  ImageDataset data;
  data.name = "counting";
  data.classes = 10;
  data.train.inputs = 4;
  for (int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < 4; ++k) data.train.pixels.push_back(static_cast<uint8_t>(i));
    data.train.labels.push_back(i % 10);
  }
  data.test = data.train;
  data.table.resize(1);
  std::iota(data.table[0].begin(), data.table[0].end(), 0.0f);  // inputs are the pixels themselves
  return data;
}

std::vector<int64_t> Rows(int64_t count) {
  std::vector<int64_t> rows(static_cast<size_t>(count));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return rows;
}

std::vector<int64_t> Values(const at::Tensor& tensor) {
  const auto* data = tensor.const_data_ptr<int64_t>();
  return {data, data + tensor.numel()};
}

TEST(Initialisation, DrawsTheParametersOfPyTorchsStreams) {
  TrialConfig config;
  config.seed = 3;
  config.bias_scale = 0.5;
  const std::vector<ParameterSpec> parameters = kShape.Parameters();
  const at::Tensor weight = InitialParameter(parameters[0], config).flatten();
  const at::Tensor bias = InitialParameter(parameters[1], config);
  const auto deviation = static_cast<float>(std::sqrt(2.0 / 784));
  for (int i = 0; i < 6; ++i) {
    // Processors with other vector instructions may differ in the last digit.
    EXPECT_NEAR(weight[i].item<float>(), pytorch::kInitWeight[i] * deviation, 1e-7);
    EXPECT_NEAR(bias[i].item<float>(), pytorch::kInitBias[i] * 0.5f, 1e-6);
  }

  config.init = "torch";
  config.init_scale = 2;
  const at::Tensor uniform = InitialParameter(parameters[6], config).flatten();
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(uniform[i].item<float>(), (2 * pytorch::kInitUniform[i] - 1) * 2 / 8, 1e-7);
  }
}

TEST(Initialisation, ParametersAreNamedAndShapedLayerByLayer) {
  const std::vector<ParameterSpec> parameters =
      MlpShape{.inputs = 784, .width = 32, .depth = 1, .classes = 10}.Parameters();
  ASSERT_EQ(parameters.size(), 4u);
  EXPECT_EQ(parameters[0].name, "layers.0.weight");
  EXPECT_THAT(parameters[0].shape, ElementsAre(32, 784));
  EXPECT_EQ(parameters[1].name, "layers.0.bias");
  EXPECT_THAT(parameters[1].shape, ElementsAre(32));
  EXPECT_EQ(parameters[2].name, "layers.1.weight");
  EXPECT_THAT(parameters[2].shape, ElementsAre(10, 32));
  EXPECT_EQ(parameters[3].name, "layers.1.bias");
  EXPECT_THAT(parameters[3].shape, ElementsAre(10));
}

TEST(Initialisation, DeviationsFollowEachRule) {
  const ParameterSpec hidden = kShape.Parameters()[0];
  const ParameterSpec readout = kShape.Parameters()[6];
  const ParameterSpec bias = kShape.Parameters()[7];
  TrialConfig config;
  config.init_scale = 3;
  config.bias_scale = 0.25;
  for (const char* init : {"he", "lecun", "glorot"}) {
    SCOPED_TRACE(init);
    config.init = init;
    const std::string name = init;
    const double expected_hidden = name == "he"      ? 3 * std::sqrt(2.0 / 784)
                                   : name == "lecun" ? 3 * std::sqrt(1.0 / 784)
                                                     : 3 * std::sqrt(2.0 / 848);
    const double expected_readout = name == "he"      ? 3 * std::sqrt(2.0 / 64)
                                    : name == "lecun" ? 3 * std::sqrt(1.0 / 64)
                                                      : 3 * std::sqrt(2.0 / 74);
    EXPECT_DOUBLE_EQ(InitialDeviation(hidden, config), expected_hidden);
    EXPECT_DOUBLE_EQ(InitialDeviation(readout, config), expected_readout);
    EXPECT_DOUBLE_EQ(InitialDeviation(bias, config), 0.25);
    // 50,176 draws: the deviation's standard error is 0.3 %.
    const at::Tensor weight = InitialParameter(hidden, config);
    EXPECT_NEAR(weight.std().item<double>() / expected_hidden, 1, 0.015);
    EXPECT_NEAR(weight.mean().item<double>() / expected_hidden, 0, 0.025);
  }
}

TEST(Initialisation, TorchIsUniformForWeightsAndBiasesAndIgnoresBiasScale) {
  TrialConfig config;
  config.init = "torch";
  config.init_scale = 0.5;
  for (const double bias_scale : {0.0, 100.0}) {
    config.bias_scale = bias_scale;
    for (const ParameterSpec& parameter : kShape.Parameters()) {
      const double bound = 0.5 / std::sqrt(static_cast<double>(parameter.fan_in));
      const at::Tensor value = InitialParameter(parameter, config);
      EXPECT_LE(value.abs().max().item<double>(), bound * (1 + 1e-6)) << parameter.name;
      EXPECT_GT(value.abs().max().item<double>(), bound * 0.5) << parameter.name;
    }
  }
}

TEST(Initialisation, OrthogonalIsPyTorchsFactorOfTheDraw) {
  TrialConfig config;
  config.init = "orthogonal";
  config.init_scale = 1.5;
  config.seed = 3;
  const auto expect = [&](int64_t out, int64_t in, const double(&expected)[15]) {
    const at::Tensor weight = InitialParameter({"layers.1.weight", {out, in}, in, out}, config);
    ASSERT_THAT(weight.sizes(), ElementsAre(out, in));
    for (int64_t i = 0; i < 15; ++i) {
      EXPECT_EQ(weight.flatten()[i].item<float>(), static_cast<float>(expected[i])) << i;
    }
  };
  expect(3, 5, pytorch::kOrthogonalWide);
  expect(5, 3, pytorch::kOrthogonalTall);
}

TEST(Initialisation, OrthogonalKeepsLengthsAndDrawsBiasesAsTheOthersDo) {
  TrialConfig config;
  config.init = "orthogonal";
  config.init_scale = 2;
  config.bias_scale = 0.5;
  const std::vector<ParameterSpec> parameters = kShape.Parameters();
  for (const size_t i : {0, 2, 6}) {  // wide, square, wide
    const at::Tensor weight = InitialParameter(parameters[i], config).to(at::kDouble);
    const at::Tensor products = weight.matmul(weight.t());
    const at::Tensor expected = at::eye(weight.size(0), at::kDouble).mul(4);
    EXPECT_LT(products.sub(expected).abs().max().item<double>(), 1e-5) << parameters[i].name;
  }
  const at::Tensor bias = InitialParameter(parameters[1], config);
  config.init = "he";
  EXPECT_TRUE(bias.equal(InitialParameter(parameters[1], config)));
}

TEST(Initialisation, ScaleMultipliesAndNothingElseChanges) {
  TrialConfig config;
  const ParameterSpec parameter = kShape.Parameters()[2];
  const at::Tensor plain = InitialParameter(parameter, config);
  config.init_scale = 2;
  EXPECT_TRUE(InitialParameter(parameter, config).equal(plain.mul(2)));
  config.loss.name = "anything";
  config.optimizer = "anything";
  config.data_seed = 9;
  EXPECT_TRUE(InitialParameter(parameter, config).equal(plain.mul(2)));
  config.seed = 1;
  EXPECT_FALSE(InitialParameter(parameter, config).equal(plain.mul(2)));
}

TEST(Initialisation, UnknownInitIsRefused) {
  TrialConfig config;
  config.init = "kaiming";
  EXPECT_TRUE(absl::IsInvalidArgument(CheckInit(config)));
}

TEST(Batches, TakeSlicesOfPyTorchsPermutations) {
  const ImageDataset data = CountingData(60000);
  Batches batches(data, Rows(60000), 7000, 5, at::kCPU);
  EXPECT_EQ(batches.updates_per_epoch(), 8);
  EXPECT_THAT(Values(batches.Get(1).rows.narrow(0, 0, 6)), ElementsAreArray(pytorch::kBatches0));
  // Update 9 begins the second epoch: the incomplete last slice of the first is dropped.
  EXPECT_THAT(Values(batches.Get(9).rows.narrow(0, 0, 6)), ElementsAreArray(pytorch::kBatches1));
}

TEST(Batches, AnEpochShowsEveryExampleAtMostOnce) {
  const ImageDataset data = CountingData(103);
  Batches batches(data, Rows(103), 10, 0, at::kCPU);
  std::set<int64_t> seen;
  for (int64_t update = 1; update <= 10; ++update) {
    for (const int64_t row : Values(batches.Get(update).rows)) seen.insert(row);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(Batches, InputsAreThoseOfTheKeptRows) {
  const ImageDataset data = CountingData(200);
  std::vector<int64_t> kept = {3, 50, 120, 199, 7};  // positions 0 … 4
  Batches batches(data, kept, 5, 0, at::kCPU);
  EXPECT_THAT(Values(batches.Labels()), ElementsAre(3, 0, 0, 9, 7));
  const Batch batch = batches.Get(1);
  for (int64_t i = 0; i < 5; ++i) {
    const auto position = static_cast<size_t>(batch.rows[i].item<int64_t>());
    EXPECT_EQ(batch.inputs[i][0].item<float>(), static_cast<float>(kept[position]));
    EXPECT_EQ(batch.inputs[i][3].item<float>(), static_cast<float>(kept[position]));
  }
}

TEST(Batches, AreTheSameInAnyOrderAndPastTheCache) {
  const ImageDataset data = CountingData(100);
  Batches cached(data, Rows(100), 10, 4, at::kCPU);
  Batches uncached(data, Rows(100), 10, 4, at::kCPU, /*cache_bytes=*/0);
  for (const int64_t update : {1, 2, 25, 2, 11, 3, 4, 1}) {
    const Batch a = cached.Get(update), b = uncached.Get(update);
    EXPECT_TRUE(a.rows.equal(b.rows)) << update;
    EXPECT_TRUE(a.inputs.equal(b.inputs)) << update;
  }
}

TEST(ProbeSet, IsTheHeadOfPyTorchsPermutation) {
  const ImageDataset data = CountingData(10000);
  const ProbeSet probe = MakeProbeSet(data, 6, 5, at::kCPU);
  ASSERT_EQ(probe.inputs.size(0), 6);
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(probe.labels[i].item<int64_t>(), pytorch::kProbe[i] % 10);
    EXPECT_EQ(probe.inputs[i][2].item<float>(), static_cast<float>(pytorch::kProbe[i] % 256));
  }
}

TEST(LabelNoise, ReplacesWherePyTorchsDrawsSay) {
  TrialConfig config;
  config.data_seed = 5;
  config.label_noise = 0.55;
  const at::Tensor labels = at::arange(1000, at::kLong).remainder(10);
  const at::Tensor symmetric = NoisyLabels(labels, 10, config);
  config.noise_kind = "pair_flip";
  const at::Tensor pair_flip = NoisyLabels(labels, 10, config);
  for (int64_t i = 0; i < 12; ++i) {
    const bool flips = pytorch::kNoiseUniform[i] < 0.55f;
    EXPECT_EQ(symmetric[i].item<int64_t>(), flips ? (i + pytorch::kNoiseShift[i]) % 10 : i % 10);
    EXPECT_EQ(pair_flip[i].item<int64_t>(), flips ? (i + 1) % 10 : i % 10);
  }
}

TEST(LabelNoise, ChangesItsShareOfLabelsNeverIntoThemselves) {
  TrialConfig config;
  config.label_noise = 0.3;
  const at::Tensor labels = at::arange(50000, at::kLong).remainder(10);
  const double share =
      NoisyLabels(labels, 10, config).ne(labels).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(share, 0.3, 0.01);  // five standard errors
  config.label_noise = 1;
  EXPECT_TRUE(NoisyLabels(labels, 10, config).ne(labels).all().item<bool>());
}

TEST(LabelNoise, GrowingNoiseKeepsEarlierFlips) {
  TrialConfig config;
  const at::Tensor labels = at::arange(1000, at::kLong).remainder(10);
  config.label_noise = 0.2;
  const at::Tensor little = NoisyLabels(labels, 10, config);
  config.label_noise = 0.4;
  const at::Tensor much = NoisyLabels(labels, 10, config);
  EXPECT_TRUE(little.eq(labels).logical_or(little.eq(much)).all().item<bool>());
}

TEST(LabelNoise, NoneLeavesLabelsAlone) {
  const at::Tensor labels = at::arange(100, at::kLong).remainder(10);
  EXPECT_TRUE(NoisyLabels(labels, 10, TrialConfig{}).equal(labels));
}

}  // namespace
}  // namespace firstguess::trainer
