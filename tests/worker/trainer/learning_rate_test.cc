#include "worker/trainer/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/trainer/pytorch_values.h"
#include "worker/trainer/clipping.h"

namespace firstguess::trainer {
namespace {

struct Case {
  const char* schedule;
  int64_t warmup_steps;
  const double (&rates)[12];
};

TEST(LearningRate, IsPyTorchs) {
  const Case cases[] = {{"step", 0, pytorch::kStepRates},
                        {"cosine", 0, pytorch::kCosineRates},
                        {"constant", 4, pytorch::kWarmupConstantRates},
                        {"step", 4, pytorch::kWarmupStepRates},
                        {"cosine", 4, pytorch::kWarmupCosineRates}};
  for (const Case& one : cases) {
    SCOPED_TRACE(testing::Message() << one.schedule << ", warm-up " << one.warmup_steps);
    TrialConfig config;
    config.learning_rate = 0.05;
    config.steps = 12;
    config.schedule = one.schedule;
    config.warmup_steps = one.warmup_steps;
    config.schedule_every = 3;
    config.schedule_factor = 0.5;
    EXPECT_TRUE(HasSchedule(config));
    for (int64_t t = 1; t <= 12; ++t) {
      EXPECT_NEAR(LearningRateAt(config, t), one.rates[t - 1], 1e-15) << "update " << t;
    }
  }
}

TEST(LearningRate, IsConstantUnlessSaidOtherwise) {
  TrialConfig config;
  config.steps = 12;
  EXPECT_FALSE(HasSchedule(config));
  EXPECT_EQ(LearningRateAt(config, 1), config.learning_rate);
  EXPECT_EQ(LearningRateAt(config, 12), config.learning_rate);
}

TEST(LearningRate, AWarmUpLongerThanTheTrainingNeverEnds) {
  TrialConfig config;
  config.steps = 3;
  config.schedule = "cosine";
  config.warmup_steps = 9;
  for (int64_t t = 1; t <= 3; ++t) {
    EXPECT_DOUBLE_EQ(LearningRateAt(config, t), config.learning_rate * static_cast<double>(t) / 10);
  }
}

TEST(Clipping, IsPyTorchs) {
  EXPECT_NEAR(3 * ClippingFactor(5, 2.5), pytorch::kClippedBelow[0], 1e-15);
  EXPECT_NEAR(3 * ClippingFactor(5, 5), pytorch::kClippedAt[0], 1e-15);
  EXPECT_EQ(3 * ClippingFactor(5, 10), pytorch::kClippedAbove[0]);
  EXPECT_TRUE(std::isnan(ClippingFactor(std::nan(""), 1)));
}

}  // namespace
}  // namespace firstguess::trainer
