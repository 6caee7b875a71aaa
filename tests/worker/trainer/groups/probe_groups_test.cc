#include "worker/trainer/groups/probe_groups.h"

#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firstguess::trainer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Four examples of three classes; the last is a tie.
at::Tensor Logits() {
  return at::tensor({1.0, 2.0, 0.5, 3.0, 0.0, 0.5, -1.0, 4.0, 0.5, 1.0, 1.0, 0.5}).view({4, 3});
}
at::Tensor Labels() { return at::tensor({int64_t{1}, int64_t{2}, int64_t{0}, int64_t{1}}); }

Snapshot Measured(const TrialConfig& config, int64_t step) {
  Snapshot snapshot;
  snapshot.step = step;
  MeasureProbeGroups(config, Logits(), Labels(), snapshot);
  return snapshot;
}

TrialConfig Config(const char* groups) {
  TrialConfig config;
  config.groups = groups;
  config.steps = 10;
  return config;
}

TEST(ProbeGroups, LogitsHaveMeanAndPopulationVariancePerClass) {
  const Snapshot snapshot = Measured(Config("logits"), 3);
  EXPECT_THAT(snapshot.logit_mean, ElementsAre(1.0, 1.75, 0.5));
  EXPECT_THAT(snapshot.logit_variance, ElementsAre(2.0, 2.1875, 0.0));
  EXPECT_THAT(snapshot.confusion, IsEmpty());
}

TEST(ProbeGroups, ConfusionCountsLabelsAndGuessesWithoutZerosTiesToTheLowest) {
  const Snapshot snapshot = Measured(Config("confusion"), 10);
  EXPECT_THAT(snapshot.confusion, ElementsAre(ConfusionCount{0, 1, 1}, ConfusionCount{1, 0, 1},
                                              ConfusionCount{1, 1, 1}, ConfusionCount{2, 0, 1}));
  EXPECT_THAT(snapshot.logit_mean, IsEmpty());
}

TEST(ProbeGroups, ConfusionIsAtTheStepsNamedOrAtTheFirstAndTheLast) {
  TrialConfig config = Config("confusion,logits");
  EXPECT_FALSE(Measured(config, 0).confusion.empty());
  EXPECT_TRUE(Measured(config, 5).confusion.empty());
  EXPECT_FALSE(Measured(config, 10).confusion.empty());
  config.confusion_steps = "5,7";
  EXPECT_TRUE(Measured(config, 0).confusion.empty());
  EXPECT_FALSE(Measured(config, 5).confusion.empty());
  EXPECT_TRUE(Measured(config, 10).confusion.empty());
}

TEST(ProbeGroups, WithoutThemNothingIsAdded) {
  const Snapshot snapshot = Measured(Config(""), 0);
  EXPECT_THAT(snapshot.logit_mean, IsEmpty());
  EXPECT_THAT(snapshot.logit_variance, IsEmpty());
  EXPECT_THAT(snapshot.confusion, IsEmpty());
}

}  // namespace
}  // namespace firstguess::trainer
