#include "worker/agent/trainer_clock.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(TrainerClock, AProcessWithoutAPackLivesAndIsNotBusy) {
  TrainerClock clock;
  EXPECT_EQ(clock.Lived(absl::Seconds(50)), absl::ZeroDuration());
  clock.OnStart(absl::Seconds(100));
  EXPECT_EQ(clock.Lived(absl::Seconds(103)), absl::Seconds(3));
  EXPECT_EQ(clock.Busy(absl::Seconds(103)), absl::ZeroDuration());
}

TEST(TrainerClock, APackCountsWhileItIsInTraining) {
  TrainerClock clock;
  clock.OnStart(absl::Seconds(100));
  clock.OnPackBegun(absl::Seconds(101));
  EXPECT_EQ(clock.Busy(absl::Seconds(141)), absl::Seconds(40));
}

TEST(TrainerClock, WhatWasNotTrainingIsTakenOffAtItsEnd) {
  TrainerClock clock;
  clock.OnStart(absl::Seconds(100));
  clock.OnPackBegun(absl::Seconds(101));
  clock.OnPackEnded(absl::Seconds(111), /*aside=*/absl::Seconds(2));
  clock.OnPackBegun(absl::Seconds(115));
  clock.OnPackEnded(absl::Seconds(120), /*aside=*/absl::ZeroDuration());
  EXPECT_EQ(clock.Busy(absl::Seconds(130)), absl::Seconds(13));
  EXPECT_EQ(clock.Lived(absl::Seconds(130)), absl::Seconds(30));
}

TEST(TrainerClock, ATrainersNonsenseIsBounded) {
  TrainerClock clock;
  clock.OnStart(absl::Seconds(0));
  clock.OnPackBegun(absl::Seconds(0));
  clock.OnPackEnded(absl::Seconds(10), /*aside=*/absl::Seconds(1000));
  clock.OnPackBegun(absl::Seconds(10));
  clock.OnPackEnded(absl::Seconds(20), /*aside=*/absl::Seconds(-1000));
  EXPECT_EQ(clock.Busy(absl::Seconds(20)), absl::Seconds(10));
}

TEST(TrainerClock, ProcessesAreAddedUp) {
  TrainerClock clock;
  clock.OnStart(absl::Seconds(0));
  clock.OnPackBegun(absl::Seconds(1));
  clock.OnExit(absl::Seconds(4));  // amid a pack
  EXPECT_EQ(clock.Lived(absl::Seconds(60)), absl::Seconds(4));
  EXPECT_EQ(clock.Busy(absl::Seconds(60)), absl::Seconds(3));
  clock.OnStart(absl::Seconds(60));
  EXPECT_EQ(clock.Lived(absl::Seconds(61)), absl::Seconds(5));
  EXPECT_EQ(clock.Busy(absl::Seconds(61)), absl::Seconds(3));
}

}  // namespace
}  // namespace firstguess
