#include "coordinator/web/connection_queue.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"
#include "tests/common/gate.h"

namespace firstguess {
namespace {

TEST(ConnectionQueue, AFullQueueHoldsUpWhoeverAcceptsAndLosesNothing) {
  constexpr int kConnections = 20;
  ConnectionQueue queue(1, /*most_waiting=*/2);
  Gate first_began;
  Gate go_on;
  std::atomic<int> accepted = 0;
  std::atomic<int> served = 0;
  queue.enqueue([&] {
    first_began.Open();
    go_on.Pass();
    ++served;
  });
  first_began.Pass();
  std::thread acceptor([&] {
    for (int i = 1; i < kConnections; ++i) {
      queue.enqueue([&] { ++served; });
      ++accepted;
    }
  });
  while (accepted < 2) std::this_thread::yield();
  // One is served, two wait: the acceptor can't hand over another.
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(served, 0);
  go_on.Open();
  acceptor.join();
  queue.shutdown();
  EXPECT_EQ(served, kConnections);
}

}  // namespace
}  // namespace firstguess
