#include "coordinator/service/executor.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/common/gate.h"

namespace firstguess {
namespace {

TEST(Executor, JobsOfOneThreadRunInOrder) {
  std::vector<int> ran;
  Gate all;
  {
    Executor executor(1, 100);
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(executor.Run([&ran, i] { ran.push_back(i); }));
    }
    ASSERT_TRUE(executor.Run([&] { all.Open(); }));
    all.Pass();
  }
  ASSERT_EQ(ran.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ran[i], i);
}

TEST(Executor, AFullQueueRefusesTheNextJob) {
  Gate started, release;
  Executor executor(1, 2);
  ASSERT_TRUE(executor.Run([&] {
    started.Open();
    release.Pass();
  }));
  started.Pass();  // it is out of the queue
  EXPECT_TRUE(executor.Run([] {}));
  EXPECT_TRUE(executor.Run([] {}));
  EXPECT_FALSE(executor.Run([] {}));
  release.Open();
}

TEST(Executor, ThreadsWorkBesideEachOther) {
  Gate first, second, done;
  Executor executor(2, 10);
  // Each waits for the other.
  ASSERT_TRUE(executor.Run([&] {
    first.Open();
    second.Pass();
    done.Open();
  }));
  ASSERT_TRUE(executor.Run([&] {
    second.Open();
    first.Pass();
  }));
  done.Pass();
}

}  // namespace
}  // namespace firstguess
