#include "common/clock.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(SimulatedClockTest, StartsAtAKnownTimeAndStandsStill) {
  SimulatedClock clock;
  EXPECT_EQ(clock.WallNow(), absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(clock.MonotonicNow(), absl::ZeroDuration());
  EXPECT_EQ(clock.WallNow(), clock.WallNow());
}

TEST(SimulatedClockTest, AdvancesBothTimesTogether) {
  SimulatedClock clock;
  const absl::Time start = clock.WallNow();
  clock.Advance(absl::Seconds(5));
  clock.Advance(absl::Milliseconds(250));
  EXPECT_EQ(clock.WallNow() - start, absl::Milliseconds(5250));
  EXPECT_EQ(clock.MonotonicNow(), absl::Milliseconds(5250));
}

TEST(RealClockTest, IsOneClockThatNeverRunsBackwards) {
  EXPECT_EQ(RealClock(), RealClock());
  absl::Duration last = RealClock()->MonotonicNow();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = RealClock()->MonotonicNow();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace firstguess
