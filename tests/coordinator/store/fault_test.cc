#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/fault_vfs.h"
#include "tests/coordinator/store/store_testing.h"
#include "tests/sanitized.h"

namespace firstguess {
namespace {

using Fault = FaultVfs::Fault;

// What a store reported.
struct Reports {
  Mutex mutex;
  CondVar changed;
  std::vector<bool> disk_full GUARDED_BY(mutex);
  std::vector<absl::Status> fatal GUARDED_BY(mutex);

  // Waits until the latest word on the disk is this. Meanwhile `clock`, if given, goes on.
  void AwaitFull(bool full, SimulatedClock* clock = nullptr) {
    MutexLock lock(&mutex);
    while (disk_full.empty() || disk_full.back() != full) {
      if (clock != nullptr) clock->Advance(absl::Seconds(1));
      changed.WaitFor(&mutex, absl::Milliseconds(1));
    }
  }
};

Store::Options OptionsFor(const std::string& path, const FaultVfs& vfs, Clock* clock,
                          Reports* reports) {
  Store::Options options;
  options.path = path;
  options.clock = clock;
  options.vfs = vfs.name();
  options.on_disk_full = [reports](bool full) {
    MutexLock lock(&reports->mutex);
    reports->disk_full.push_back(full);
    reports->changed.NotifyAll();
  };
  options.on_fatal = [reports](absl::Status status) {
    MutexLock lock(&reports->mutex);
    reports->fatal.push_back(std::move(status));
    reports->changed.NotifyAll();
  };
  return options;
}

// A small life of a store: two sweeps that share a trial, packs, results, a failure.
std::vector<Write> Workload() {
  std::vector<Write> writes = {SweepOf(1, 6), PackOf(1, 1, {0, 1, 2}), SweepOf(2, 3),
                               PackOf(2, 2, {2, 3, 4})};
  for (const TrialId trial : {1, 2, 3}) writes.emplace_back(ResultOf(trial, 1));
  writes.emplace_back(EndLease{.lease_id = 1, .outcome = "finished", .message = "", .at = At(5)});
  writes.emplace_back(ResultOf(4, 2));
  writes.emplace_back(EndAttempt{.trial_id = 5,
                                 .lease_id = 2,
                                 .failure = FailureClass::kCrash,
                                 .message = "crash",
                                 .charged = true,
                                 .final_failure = true,
                                 .at = At(6)});
  return writes;
}

// How much of the workload a file holds: the number of its leading writes that are there.
size_t WritesIn(const std::string& path) {
  constexpr const char* kSigns[] = {
      "SELECT count(*) FROM sweep WHERE sweep_id = 1",
      "SELECT count(*) FROM pack WHERE pack_id = 1",
      "SELECT count(*) FROM sweep WHERE sweep_id = 2",
      "SELECT count(*) FROM pack WHERE pack_id = 2",
      "SELECT count(*) = 2 FROM snapshot WHERE trial_id = 1",
      "SELECT count(*) = 2 FROM snapshot WHERE trial_id = 2",
      "SELECT count(*) = 2 FROM snapshot WHERE trial_id = 3",
      "SELECT outcome = 'finished' FROM lease WHERE lease_id = 1",
      "SELECT count(*) = 2 FROM snapshot WHERE trial_id = 4",
      "SELECT status = 'failed' FROM trial WHERE trial_id = 5",
  };
  size_t there = 0;
  for (const char* sign : kSigns) {
    if (Rows(path, sign) != std::vector<std::string>{"1"}) break;
    ++there;
  }
  return there;
}

// Between the operations that fail.
constexpr int64_t kStride = kSanitized ? 3 : 1;

// Runs the workload, one transaction a write, until it ends or fails; how many were acknowledged.
size_t RunWorkload(Store* store) {
  std::atomic<size_t> acknowledged = 0;
  for (Write& write : Workload()) {
    store->Submit(std::move(write), [&](const WriteResult&) { ++acknowledged; });
    store->Flush();
  }
  return acknowledged;
}

// The disk fails at the first operation, the second, … until a run gets by without one. Whatever
// was acknowledged is there afterwards, nothing is there by half, and the file opens again.
TEST(Faults, AnIoErrorAtAnyOperationLosesNothingAcknowledged) {
  FaultVfs vfs;
  int64_t n = 1;
  for (;; n += kStride) {
    SCOPED_TRACE(absl::StrCat("operation ", n, " fails"));
    const TemporaryFolder folder;
    const std::string path = folder.File("sweep.db");
    SimulatedClock clock;
    Reports reports;
    ASSERT_TRUE(Store::Open(OptionsFor(path, vfs, &clock, &reports)).ok());
    vfs.FailOnce(n, Fault::kIo);
    size_t acknowledged = 0;
    bool opened = false;
    {
      auto store = Store::Open(OptionsFor(path, vfs, &clock, &reports));
      opened = store.ok();
      if (opened) acknowledged = RunWorkload(store->get());
    }
    const bool failed = vfs.has_failed();
    vfs.Repair();
    {
      auto store = Store::Open(OptionsFor(path, vfs, &clock, &reports));
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_TRUE((*store)->LoadOpenWork().ok());
    }
    ASSERT_EQ(Violation(path), "");
    const size_t there = WritesIn(path);
    // At most one more: a COMMIT that reported an error may have reached the disk.
    ASSERT_GE(there, acknowledged);
    ASSERT_LE(there, acknowledged + 1);
    MutexLock lock(&reports.mutex);
    // A failed checkpoint is no failure: the log has everything.
    const bool must_end = opened && acknowledged < Workload().size();
    ASSERT_EQ(reports.fatal.size(), must_end ? 1U : 0U);
    ASSERT_TRUE(reports.disk_full.empty());
    if (!failed) break;
  }
  EXPECT_GT(n, 20) << "the workload writes more than that";
  RecordProperty("operations", static_cast<int>(n));
}

// The disk fills up at the first operation, the second, … and has room again later: the store says
// so both times and everything is acknowledged in the end, exactly once.
TEST(Faults, AFullDiskAtAnyOperationOnlyDelays) {
  FaultVfs vfs;
  int64_t n = 1;
  for (;; n += kStride) {
    SCOPED_TRACE(absl::StrCat("the disk is full from operation ", n, " on"));
    const TemporaryFolder folder;
    const std::string path = folder.File("sweep.db");
    SimulatedClock clock;
    Reports reports;
    bool failed = false;
    {
      auto store = Store::Open(OptionsFor(path, vfs, &clock, &reports));
      ASSERT_TRUE(store.ok()) << store.status();
      vfs.FailFrom(n, Fault::kFull);
      std::vector<std::atomic<int>> acknowledged(Workload().size());
      std::atomic<size_t> answers = 0;
      size_t number = 0;
      for (Write& write : Workload()) {
        (*store)->Submit(std::move(write), [&, number](const WriteResult&) {
          ++acknowledged[number];
          ++answers;
        });
        ++number;
      }
      // How many transactions these are is up to the threads.
      bool is_full = false;
      {
        MutexLock lock(&reports.mutex);
        while (answers < Workload().size() && reports.disk_full.empty()) {
          reports.changed.WaitFor(&reports.mutex, absl::Milliseconds(1));
        }
        is_full = !reports.disk_full.empty();
      }
      failed = vfs.has_failed();
      vfs.Repair();
      if (is_full) reports.AwaitFull(false, &clock);
      (*store)->Flush();
      for (const std::atomic<int>& times : acknowledged) ASSERT_EQ(times, 1);
    }
    ASSERT_EQ(WritesIn(path), Workload().size());
    ASSERT_EQ(Violation(path), "");
    MutexLock lock(&reports.mutex);
    ASSERT_TRUE(reports.fatal.empty()) << reports.fatal[0];
    if (!failed) break;
  }
  EXPECT_GT(n, 5) << "the workload writes more than that";
}

TEST(Faults, AFullDiskIsTriedAgainEveryFiveSecondsAndNotBefore) {
  FaultVfs vfs;
  const TemporaryFolder folder;
  const std::string path = folder.File("sweep.db");
  SimulatedClock clock;
  Reports reports;
  auto store = Store::Open(OptionsFor(path, vfs, &clock, &reports));
  ASSERT_TRUE(store.ok()) << store.status();
  vfs.FailFrom(1, Fault::kFull);
  (*store)->Submit(SweepOf(1, 1), {});
  reports.AwaitFull(true);
  const int64_t first = vfs.operations();
  clock.Advance(absl::Seconds(5) - absl::Milliseconds(1));
  EXPECT_EQ(vfs.operations(), first);
  clock.Advance(absl::Milliseconds(1));
  while (vfs.operations() == first) {
  }
  vfs.Repair();
  reports.AwaitFull(false, &clock);
  (*store)->Flush();
  EXPECT_EQ(Row(path, "SELECT count(*) FROM sweep"), "1");
  MutexLock lock(&reports.mutex);
  EXPECT_THAT(reports.disk_full, testing::ElementsAre(true, false));
}

// A process that is told to stop while the disk is full must be able to.
TEST(Faults, AFullDiskDoesNotKeepTheStoreFromClosing) {
  FaultVfs vfs;
  const TemporaryFolder folder;
  SimulatedClock clock;
  Reports reports;
  std::atomic<bool> answered = false;
  {
    auto store = Store::Open(OptionsFor(folder.File("sweep.db"), vfs, &clock, &reports));
    ASSERT_TRUE(store.ok()) << store.status();
    vfs.FailFrom(1, Fault::kFull);
    (*store)->Submit(SweepOf(1, 1), [&](const WriteResult&) { answered = true; });
    reports.AwaitFull(true);
  }
  vfs.Repair();
  EXPECT_FALSE(answered);
  EXPECT_EQ(Row(folder.File("sweep.db"), "SELECT count(*) FROM sweep"), "0");
}

TEST(Faults, CreatingAFileOnAFailingDiskLeavesNothingBehind) {
  FaultVfs vfs;
  for (const Fault fault : {Fault::kFull, Fault::kIo}) {
    int64_t n = 1;
    for (;; n += kStride) {
      SCOPED_TRACE(absl::StrCat("from operation ", n, " on"));
      const TemporaryFolder folder;
      SimulatedClock clock;
      Reports reports;
      vfs.FailFrom(n, fault);
      const absl::Status status =
          Store::Open(OptionsFor(folder.File("sweep.db"), vfs, &clock, &reports)).status();
      const bool failed = vfs.has_failed();
      vfs.Repair();
      if (status.ok()) {
        // What failed, if anything, was the tidying up when it closed.
        if (!failed) break;
        continue;
      }
      EXPECT_THAT(folder.Names(), testing::IsEmpty());
      if (fault == Fault::kFull) {
        EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
        EXPECT_THAT(std::string(status.message()), testing::HasSubstr("no room"));
      }
    }
    EXPECT_GT(n, 5);
  }
}

}  // namespace
}  // namespace firstguess
