// Initial weights that are drawn until their first guess is as asked for.

#include "worker/trainer/init_condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/worker/trainer/trainer_fixture.h"

namespace firstguess::trainer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TrialConfig Conditioned(double min, double max, int64_t tries) {
  TrialConfig config = Small();
  config.steps = 0;
  config.init_max_guess_min = min;
  config.init_max_guess_max = max;
  config.init_tries = tries;
  return config;
}

TEST_F(TrainerTest, AConditionTakesTheFirstDrawThatMeetsIt) {
  const double first = TrainOne(Conditioned(0, 0.999999, 1)).snapshots[0].max_guess;
  const Trajectory more_biased = TrainOne(Conditioned(first + 0.01, 1, 200));
  EXPECT_GT(more_biased.init_try, 1);
  EXPECT_GE(more_biased.snapshots[0].max_guess, first + 0.01);
  const Trajectory less_biased = TrainOne(Conditioned(0, first - 0.01, 200));
  EXPECT_GT(less_biased.init_try, 1);
  EXPECT_LE(less_biased.snapshots[0].max_guess, first - 0.01);
  // With one draw fewer than it took, no draw will do.
  EXPECT_TRUE(absl::IsFailedPrecondition(
      FailureOf(Conditioned(first + 0.01, 1, more_biased.init_try - 1))));
}

TEST_F(TrainerTest, AConditionThatTheFirstDrawMeetsChangesNothing) {
  TrialConfig config = Small();
  const Trajectory free = TrainOne(config);
  config.init_max_guess_max = 0.999999;
  const Trajectory conditioned = TrainOne(config);
  EXPECT_EQ(free.init_try, 0);
  EXPECT_EQ(conditioned.init_try, 1);
  ASSERT_EQ(conditioned.snapshots.size(), free.snapshots.size());
  for (size_t i = 0; i < free.snapshots.size(); ++i) {
    EXPECT_EQ(conditioned.snapshots[i].mean_prob, free.snapshots[i].mean_prob);
  }
}

TEST_F(TrainerTest, AConditionThatNoDrawMeetsFailsWithTheNearest) {
  const absl::Status status = FailureOf(Conditioned(1, 1, 3));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("none of 3 draws of the initial weights has a max_guess from 1 to 1"),
                    HasSubstr("(the nearest is 0.")));
}

TEST_F(TrainerTest, ConditionedTrialsAreTheSameToTheBitInAPack) {
  TrialConfig a = Conditioned(0.4, 1, 200), b = a, c = Small();
  a.steps = b.steps = Small().steps;
  b.seed = 7;
  Collector together;
  ASSERT_TRUE(Train({a, b, c}, together).ok());
  const TrialConfig configs[] = {a, b, c};
  for (int64_t i = 0; i < 3; ++i) {
    const Trajectory alone = TrainOne(configs[i]);
    const Trajectory& packed = together.finished[i];
    EXPECT_EQ(packed.init_try, alone.init_try);
    ASSERT_EQ(packed.snapshots.size(), alone.snapshots.size());
    for (size_t s = 0; s < alone.snapshots.size(); ++s) {
      EXPECT_EQ(packed.snapshots[s].mean_prob, alone.snapshots[s].mean_prob);
      EXPECT_EQ(packed.snapshots[s].guess_count, alone.snapshots[s].guess_count);
    }
  }
}

}  // namespace
}  // namespace firstguess::trainer
