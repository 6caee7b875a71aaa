// A watchdog speaks for a coordinator's state machine, and only while it turns.

#include "coordinator/watchdog.h"

#include <atomic>

#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"
#include "tests/common/gate.h"

namespace firstguess {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(10);

class WatchdogTest : public ::testing::Test {
 protected:
  // Returns once all that the state machine was asked before is answered.
  void AwaitTurn() {
    Gate turned;
    cluster_.coordinator()->WhenTurned([&turned] { turned.Open(); });
    turned.Pass();
  }

  TestCluster cluster_;
  std::atomic<int> signs_ = 0;
  Watchdog watchdog_{cluster_.coordinator(), kInterval, [this] { ++signs_; }};
};

TEST_F(WatchdogTest, SpeaksOnceInEachInterval) {
  for (int i = 0; i < 30; ++i) {
    watchdog_.RunDue(absl::Seconds(i));
    AwaitTurn();
  }
  EXPECT_EQ(signs_, 3);
}

TEST_F(WatchdogTest, IsSilentWhileTheStateMachineHangs) {
  Gate hangs;
  Gate goes_on;
  cluster_.coordinator()->WhenTurned([&] {
    hangs.Open();
    goes_on.Pass();
  });
  hangs.Pass();
  for (int i = 0; i < 100; ++i) watchdog_.RunDue(i * kInterval);
  EXPECT_EQ(signs_, 0);
  goes_on.Open();
  AwaitTurn();
  EXPECT_EQ(signs_, 1) << "it asks again although it has no answer";
  watchdog_.RunDue(100 * kInterval);
  AwaitTurn();
  EXPECT_EQ(signs_, 2);
}

TEST_F(WatchdogTest, IsSilentWhenNobodyListens) {
  Watchdog watchdog(cluster_.coordinator(), absl::InfiniteDuration(), [this] { ++signs_; });
  watchdog.RunDue(absl::ZeroDuration());
  AwaitTurn();
  EXPECT_EQ(signs_, 0);
}

}  // namespace
}  // namespace firstguess
