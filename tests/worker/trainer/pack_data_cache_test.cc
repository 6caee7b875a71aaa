#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "worker/trainer/pack_data.h"

namespace firstguess::trainer {
namespace {

TrialConfig SmallGaussian() {
  TrialConfig config;
  config.dataset = "gaussian";
  config.data_classes = 4;
  config.data_dimension = 3;
  config.data_train_per_class = 20;
  config.data_test_per_class = 10;
  config.batch_size = 8;
  config.probe_size = 16;
  config.steps = 5;
  return config;
}

TEST(PackDataCache, PacksThatDifferInTheirNetworksShareWhatWasGathered) {
  PackDataCache cache({}, at::kCPU);
  const absl::StatusOr<PackData*> data = cache.Get(SmallGaussian());
  ASSERT_TRUE(data.ok()) << data.status();
  const Batch batch = (*data)->batches->Get(1);
  TrialConfig other = SmallGaussian();
  other.width = 9;
  other.depth = 1;
  other.seed = 7;
  other.steps = 50;
  other.learning_rate = 1;
  other.label_noise = 0.5;
  const absl::StatusOr<PackData*> shared = cache.Get(other);
  ASSERT_TRUE(shared.ok()) << shared.status();
  EXPECT_EQ((*shared)->batches->Get(1).inputs.const_data_ptr(), batch.inputs.const_data_ptr());
}

TEST(PackDataCache, WhateverDecidesOnTheDataMakesThemAnew) {
  const std::vector<std::function<void(TrialConfig&)>> changes = {
      [](TrialConfig& config) { config.data_seed = 1; },
      [](TrialConfig& config) { config.batch_size = 7; },
      [](TrialConfig& config) { config.probe_size = 15; },
      [](TrialConfig& config) { config.class_imbalance = 2; },
      [](TrialConfig& config) { config.groups = "noise"; },
      [](TrialConfig& config) { config.data_dimension = 4; },
      [](TrialConfig& config) { config.class_subset = "0,1,2"; },
      [](TrialConfig& config) { config.input_shift = 0.5; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    TrialConfig config = SmallGaussian();
    changes[i](config);
    PackDataCache cache({}, at::kCPU);
    ASSERT_TRUE(cache.Get(SmallGaussian()).ok());
    const absl::StatusOr<PackData*> found = cache.Get(config);
    ASSERT_TRUE(found.ok()) << found.status();
    DatasetCache datasets({});
    const absl::StatusOr<PackData> made = MakePackData(config, datasets, at::kCPU);
    ASSERT_TRUE(made.ok()) << made.status();
    const Batch batch = (*found)->batches->Get(1);
    const Batch expected = made->batches->Get(1);
    EXPECT_TRUE(batch.rows.equal(expected.rows));
    EXPECT_TRUE(batch.inputs.equal(expected.inputs));
    EXPECT_TRUE((*found)->probe.inputs.equal(made->probe.inputs));
    EXPECT_TRUE((*found)->probe.labels.equal(made->probe.labels));
    EXPECT_EQ((*found)->noise_probe.has_value(), made->noise_probe.has_value());
  }
}

TEST(PackDataCache, AnErrorIsNotRemembered) {
  PackDataCache cache({}, at::kCPU);
  TrialConfig config = SmallGaussian();
  config.batch_size = 1000;
  EXPECT_TRUE(absl::IsInvalidArgument(cache.Get(config).status()));
  EXPECT_TRUE(cache.Get(SmallGaussian()).ok());
}

}  // namespace
}  // namespace firstguess::trainer
