#include "worker/agent/backoff.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

// Jitter takes away up to half.
void ExpectWait(absl::Duration wait, absl::Duration full) {
  EXPECT_LE(wait, full);
  EXPECT_GE(wait, full / 2);
}

TEST(BackoffTest, WaitsDoubleFrom100MsTo2S) {
  Backoff backoff(1);
  for (const int ms : {100, 200, 400, 800, 1600, 2000, 2000}) {
    ExpectWait(backoff.Next(absl::Seconds(5)), absl::Milliseconds(ms));
  }
}

TEST(BackoffTest, After1MinuteWithoutSuccessWaitsAre30S) {
  Backoff backoff(2);
  ExpectWait(backoff.Next(absl::Seconds(100)), absl::Milliseconds(100));
  ExpectWait(backoff.Next(absl::Seconds(159)), absl::Milliseconds(200));
  ExpectWait(backoff.Next(absl::Seconds(160)), absl::Seconds(30));
}

TEST(BackoffTest, ASuccessBeginsAnew) {
  Backoff backoff(3);
  for (int i = 0; i < 10; ++i) backoff.Next(absl::Seconds(i * 20));
  backoff.Succeeded();
  ExpectWait(backoff.Next(absl::Seconds(1000)), absl::Milliseconds(100));
}

TEST(BackoffTest, TwoWorkersDoNotComeBackTogether) {
  Backoff one(4);
  Backoff other(5);
  EXPECT_NE(one.Next(absl::ZeroDuration()), other.Next(absl::ZeroDuration()));
}

}  // namespace
}  // namespace firstguess
