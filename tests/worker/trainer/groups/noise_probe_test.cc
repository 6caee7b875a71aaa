#include "worker/trainer/groups/noise_probe.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "common/spec/losses.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack_data.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

// Piecewise-zero with cutoff 0.3: w is 1 where p_y >= 0.3, else 0.
std::unique_ptr<LossFunction> PiecewiseZero() {
  Loss loss = FindLoss("piecewise_zero")->Default();
  loss.parameters["cutoff"] = 0.3;
  return *MakeLoss(loss);
}

// Logits whose softmax is (0.7, 0.2, 0.1).
constexpr double kA = -0.35667494393873245, kB = -1.6094379124341003, kC = -2.3025850929940455;

at::Tensor NoiseLogits() {
  return at::tensor({kA, kB, kC, kA, kB, kC, kB, kA, kC, kC, kB, kA}).view({4, 3});
}
at::Tensor Truth() { return at::tensor({int64_t{0}, int64_t{1}, int64_t{0}, int64_t{2}}); }

TEST(NoiseProbe, SplitsWeightsAndGuessesIntoCleanAndCorruptedExamples) {
  // Two clean: p_y 0.7 and 0.2. Two corrupted: guessed as given (p_y 0.7), and as is true (0.1).
  const at::Tensor given = at::tensor({int64_t{0}, int64_t{1}, int64_t{1}, int64_t{0}});
  const NoiseState state = MeasureNoise(NoiseLogits(), given, Truth(), *PiecewiseZero());
  EXPECT_EQ(state.clean_examples, 2);
  EXPECT_EQ(state.corrupted_examples, 2);
  EXPECT_DOUBLE_EQ(state.kept_clean, 0.5);
  EXPECT_DOUBLE_EQ(state.kept_corrupted, 0.5);
  EXPECT_DOUBLE_EQ(state.weight_clean, 0.5);
  EXPECT_DOUBLE_EQ(state.weight_corrupted, 0.5);
  EXPECT_DOUBLE_EQ(state.accuracy_given, 0.5);
  EXPECT_DOUBLE_EQ(state.accuracy_true, 0.5);

  // w = p_y of mae.
  const std::unique_ptr<LossFunction> mae = *MakeLoss(FindLoss("mae")->Default());
  const NoiseState weighed = MeasureNoise(NoiseLogits(), given, Truth(), *mae);
  EXPECT_NEAR(weighed.weight_clean, 0.45, 1e-12);
  EXPECT_NEAR(weighed.weight_corrupted, 0.4, 1e-12);
  EXPECT_EQ(weighed.kept_corrupted, 1);
}

TEST(NoiseProbe, WithoutCorruptedExamplesTheirNumbersAreNotThere) {
  const NoiseState state = MeasureNoise(NoiseLogits(), Truth(), Truth(), *PiecewiseZero());
  EXPECT_EQ(state.clean_examples, 4);
  EXPECT_EQ(state.corrupted_examples, 0);
  EXPECT_DOUBLE_EQ(state.kept_clean, 0.5);
  for (const double value :
       {state.kept_corrupted, state.weight_corrupted, state.accuracy_given, state.accuracy_true}) {
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(NoiseProbe, ALossThatIsNoFunctionOfTheLabelsProbabilityHasGuessesAlone) {
  const at::Tensor given = at::tensor({int64_t{0}, int64_t{1}, int64_t{1}, int64_t{2}});
  const std::unique_ptr<LossFunction> brier = *MakeLoss(FindLoss("brier")->Default());
  const NoiseState state = MeasureNoise(NoiseLogits(), given, Truth(), *brier);
  EXPECT_EQ(state.accuracy_given, 1);
  EXPECT_EQ(state.accuracy_true, 0);
  for (const double value :
       {state.kept_clean, state.kept_corrupted, state.weight_clean, state.weight_corrupted}) {
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(NoiseProbe, OfLogitsThatAreNotFiniteThereAreTheCountsAlone) {
  at::Tensor logits = NoiseLogits();
  logits[3][1] = std::numeric_limits<double>::infinity();
  const NoiseState state = MeasureNoise(logits, Truth(), Truth(), *PiecewiseZero());
  EXPECT_EQ(state.clean_examples, 4);
  EXPECT_TRUE(std::isnan(state.kept_clean));
}

TEST(NoiseProbe, IsTheHeadOfAPermutationOfTheKeptTrainingExamples) {
  ASSERT_TRUE(OpenDevice("cpu").ok());
  DatasetCache datasets({});
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.groups = "noise";
  config.class_imbalance = 100;
  config.probe_size = 64;
  config.data_seed = 5;
  const absl::StatusOr<PackData> data = MakePackData(config, datasets, at::Device(at::kCPU));
  ASSERT_TRUE(data.ok()) << data.status();
  ASSERT_TRUE(data->noise_probe.has_value());
  const NoiseProbe& probe = *data->noise_probe;
  const at::Tensor labels = data->batches->Labels();
  EXPECT_TRUE(at::equal(
      probe.rows,
      at::randperm(labels.size(0), StreamGenerator("noise_probe/5"), at::kLong).narrow(0, 0, 64)));
  EXPECT_TRUE(at::equal(probe.labels, labels.index_select(0, probe.rows)));
  // The inputs are those that batches have for the same rows.
  const Batch batch = data->batches->Get(1);
  EXPECT_TRUE(at::equal(data->batches->Inputs(batch.rows), batch.inputs));
  EXPECT_TRUE(at::equal(data->batches->Inputs(probe.rows), probe.inputs));

  config.groups = "logits";
  EXPECT_FALSE(MakePackData(config, datasets, at::Device(at::kCPU))->noise_probe.has_value());
}

}  // namespace
}  // namespace firstguess::trainer
