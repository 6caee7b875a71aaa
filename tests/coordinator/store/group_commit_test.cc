#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/database.h"
#include "tests/common/gate.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

class GroupCommit : public testing::Test {
 protected:
  GroupCommit() : path_(folder_.File("sweep.db")), store_(path_) {}

  int64_t Transactions() {
    int64_t count = 0;
    EXPECT_TRUE(absl::SimpleAtoi(Row(path_, "SELECT batch FROM store_state"), &count));
    return count;
  }

  // Inserts sweep `sweep_id` and keeps the writer in its answer until `gate` opens.
  void HoldUp(SweepId sweep_id, Gate* gate) {
    Gate reached;
    store_.store().Submit(SweepOf(sweep_id, 1), [&reached, gate](const WriteResult&) {
      reached.Open();
      gate->Pass();
    });
    reached.Pass();
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

TEST_F(GroupCommit, AnswersInTheOrderOfTheWrites) {
  std::vector<int> order;
  for (int i = 0; i < 200; ++i) {
    store_.store().Submit(SweepOf(i + 1, 1), [&order, i](const WriteResult&) {
      order.push_back(i);  // all on one thread
    });
  }
  store_.store().Flush();
  ASSERT_EQ(order.size(), 200U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(GroupCommit, AnswersOnlyWhatAnotherConnectionCanSee) {
  std::atomic<int> unseen = 0;
  for (int i = 1; i <= 20; ++i) {
    store_.store().Submit(SweepOf(i, 1), [&, i](const WriteResult&) {
      if (Rows(path_, absl::StrCat("SELECT 1 FROM sweep WHERE sweep_id = ", i)).empty()) ++unseen;
    });
  }
  store_.store().Flush();
  EXPECT_EQ(unseen, 0);
}

TEST_F(GroupCommit, TakesTogetherWhatQueuedUpDuringACommit) {
  Gate gate;
  HoldUp(1, &gate);
  for (int i = 2; i <= 100; ++i) store_.store().Submit(SweepOf(i, 1), {});
  const int64_t before = Transactions();
  gate.Open();
  store_.store().Flush();
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "100");
  EXPECT_EQ(Transactions(), before + 1);
}

TEST_F(GroupCommit, TakesAThousandResultsAtMost) {
  std::vector<int64_t> seeds;
  for (int64_t seed = 0; seed < 1001; ++seed) seeds.push_back(seed);
  store_.Do(SweepOf(1, 1001));
  const std::vector<StoredTrial> members = store_.Do(PackOf(1, 1, seeds)).members;
  Gate gate;
  HoldUp(2, &gate);
  const int64_t before = Transactions();
  auto nothing = std::make_shared<const Trajectory>();
  for (const StoredTrial& member : members) {
    StoreResult result = ResultOf(member.trial_id, 1);
    result.trajectory = nothing;
    store_.store().Submit(result, {});
  }
  gate.Open();
  store_.store().Flush();
  EXPECT_EQ(Transactions(), before + 2);
}

TEST_F(GroupCommit, TakesFourMebibytesAtMost) {
  store_.Do(SweepOf(1, 3));
  store_.Do(PackOf(1, 1, {0, 1, 2}));
  Gate gate;
  HoldUp(2, &gate);
  const int64_t before = Transactions();
  // 40 bytes a class and snapshot: two make more than 4 MiB.
  const auto large = TrajectoryOf(1, 60, 1000);
  for (const TrialId trial : {1, 2, 3}) {
    StoreResult result = ResultOf(trial, 1);
    result.trajectory = large;
    store_.store().Submit(result, {});
  }
  gate.Open();
  store_.store().Flush();
  EXPECT_EQ(Transactions(), before + 3);
}

TEST_F(GroupCommit, CommitsALoneWriteWithoutWaitingForMore) {
  // Nothing moves the clock: a writer that waited for company would never answer.
  store_.Do(SweepOf(1, 1));
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "1");
}

TEST_F(GroupCommit, FinishesWhatIsQueuedBeforeItCloses) {
  std::atomic<int> answered = 0;
  for (int i = 1; i <= 50; ++i) {
    store_.store().Submit(SweepOf(i, 1), [&](const WriteResult&) { ++answered; });
  }
  store_.Close();
  EXPECT_EQ(answered, 50);
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "50");
}

TEST_F(GroupCommit, AReaderThatTakesItsTimeHoldsNobodyUp) {
  store_.Do(SweepOf(1, 1));
  auto reader = sqlite::Database::OpenReadOnly(path_);
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->Execute("BEGIN").ok());
  ASSERT_EQ((*reader)->QueryInteger("SELECT count(*) FROM sweep").value(), 1);
  store_.Do(SweepOf(2, 1));
  // It keeps seeing what it saw first.
  EXPECT_EQ((*reader)->QueryInteger("SELECT count(*) FROM sweep").value(), 1);
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "2");
}

TEST_F(GroupCommit, WaitsForAnotherProgramThatWrites) {
  auto other = sqlite::Database::Open(path_, sqlite::Database::Mode::kReadWrite);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE((*other)->Execute("BEGIN IMMEDIATE").ok());
  Gate answered;
  store_.store().Submit(SweepOf(1, 1), [&](const WriteResult&) { answered.Open(); });
  ASSERT_TRUE((*other)->Execute("COMMIT").ok());
  answered.Pass();
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "1");
}

TEST_F(GroupCommit, TakesWritesFromManyThreads) {
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        store_.store().Submit(SweepOf(1 + 25 * t + i, 1), [&](const WriteResult&) { ++answered; });
      }
      store_.store().Flush();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 100);
}

}  // namespace
}  // namespace firstguess
