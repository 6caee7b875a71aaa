#include "coordinator/service/rates.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(SweepRates, ASteadySweepHasItsRate) {
  SweepRates rates;
  for (int second = 0; second <= 300; ++second) rates.Record(1, 7 * second, absl::Seconds(second));
  EXPECT_NEAR(rates.PerSecond(1, absl::Seconds(300)), 7, 0.01);
}

TEST(SweepRates, OnlyTheLastMinuteCounts) {
  SweepRates rates;
  for (int second = 0; second <= 100; ++second) rates.Record(1, 50 * second, absl::Seconds(second));
  for (int second = 101; second <= 200; ++second) {
    rates.Record(1, 5000 + (second - 100), absl::Seconds(second));
  }
  EXPECT_NEAR(rates.PerSecond(1, absl::Seconds(200)), 1, 0.01);
}

TEST(SweepRates, ASweepThatStandsStillFallsToZeroWithinAMinute) {
  SweepRates rates;
  rates.Record(1, 0, absl::Seconds(0));
  rates.Record(1, 600, absl::Seconds(10));
  EXPECT_NEAR(rates.PerSecond(1, absl::Seconds(10)), 60, 0.01);
  EXPECT_NEAR(rates.PerSecond(1, absl::Seconds(40)), 15, 0.01);
  EXPECT_EQ(rates.PerSecond(1, absl::Seconds(71)), 0);
}

TEST(SweepRates, NothingIsKnownOfASweepBeforeItsSecondRecord) {
  SweepRates rates;
  EXPECT_EQ(rates.PerSecond(1, absl::Seconds(1)), 0);
  rates.Record(1, 100, absl::Seconds(1));
  EXPECT_EQ(rates.PerSecond(1, absl::Seconds(1)), 0);
  EXPECT_EQ(rates.PerSecond(2, absl::Seconds(1)), 0);
}

TEST(SweepRates, ARetryThatTakesFailuresBackIsNoNegativeRate) {
  SweepRates rates;
  rates.Record(1, 100, absl::Seconds(1));
  rates.Record(1, 200, absl::Seconds(2));
  rates.Record(1, 150, absl::Seconds(3));
  EXPECT_EQ(rates.PerSecond(1, absl::Seconds(3)), 0);
  rates.Record(1, 160, absl::Seconds(13));
  EXPECT_NEAR(rates.PerSecond(1, absl::Seconds(13)), 1, 0.01);
}

TEST(TrainingRate, IsFlopsOverSecondsAndForgetsOldResults) {
  TrainingRate rate;
  EXPECT_EQ(rate.PerWorker(), 0);
  rate.Record(1e9, 0);  // measured nothing
  EXPECT_EQ(rate.PerWorker(), 0);
  for (int i = 0; i < 10; ++i) rate.Record(1e9, 2);
  EXPECT_NEAR(rate.PerWorker(), 5e8, 1);
  for (int i = 0; i < 20'000; ++i) rate.Record(1e9, 1);
  EXPECT_NEAR(rate.PerWorker(), 1e9, 1e6);
}

}  // namespace
}  // namespace firstguess
