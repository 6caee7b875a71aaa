// Copies of a database that somebody writes.

#include "coordinator/store/sqlite/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/fault_vfs.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::function<bool()> kToTheEnd = [] { return true; };

class BackupTest : public testing::Test {
 protected:
  BackupTest() : path_(folder_.File("sweep.db")), copy_(folder_.File("copy.db")), store_(path_) {
    store_.Do(SweepOf(1, 1'000'000));
  }

  // A pack of three trials with their results: about 50 kB.
  void WritePack(PackId pack_id) {
    store_.Do(PackOf(pack_id, 1, {3 * pack_id, 3 * pack_id + 1, 3 * pack_id + 2}));
    for (TrialId trial_id = 3 * pack_id - 2; trial_id <= 3 * pack_id; ++trial_id) {
      StoreResult result = ResultOf(trial_id, pack_id);
      result.trajectory = TrajectoryOf(trial_id, 30, 10);
      ASSERT_TRUE(store_.Do(result).stored);
    }
  }

  std::string Counts(const std::string& path) {
    return Row(
        path,
        "SELECT (SELECT done FROM sweep), (SELECT count(*) FROM trial WHERE status = 'done'),"
        " (SELECT count(*) FROM snapshot), (SELECT count(*) FROM class_snapshot),"
        " (SELECT count(*) FROM lease), (SELECT batch FROM store_state)");
  }
  int64_t Batch(const std::string& path) {
    return std::stoll(Row(path, "SELECT batch FROM store_state"));
  }

  TemporaryFolder folder_;
  std::string path_;
  std::string copy_;
  TestStore store_;
};

TEST_F(BackupTest, IsTheDatabaseAndNothingBesideIt) {
  WritePack(1);
  ASSERT_TRUE(sqlite::BackUp(path_, copy_, kToTheEnd).ok());
  store_.Close();
  EXPECT_THAT(folder_.Names(), ElementsAre("copy.db", "sweep.db"));
  EXPECT_EQ(Violation(copy_), "");
  EXPECT_EQ(Counts(copy_), Counts(path_));
  EXPECT_EQ(std::filesystem::status(copy_).permissions(),
            std::filesystem::status(path_).permissions());
}

TEST_F(BackupTest, IsADatabaseThatACoordinatorGoesOnWith) {
  WritePack(1);
  ASSERT_TRUE(sqlite::BackUp(path_, copy_, kToTheEnd).ok());
  TestStore copy(copy_);
  copy.Do(PackOf(2, 1, {6, 7}));
  EXPECT_EQ(Violation(copy_), "");
  EXPECT_EQ(Row(copy_, "SELECT count(*) FROM trial"), "5");
}

TEST_F(BackupTest, LeavesOutWhatIsCommittedMeanwhile) {
  for (PackId pack_id = 1; pack_id <= 40; ++pack_id) WritePack(pack_id);
  const std::string before = Counts(path_);
  PackId next = 41;
  int questions = 0;
  ASSERT_TRUE(sqlite::BackUp(path_, copy_, [&] {
                ++questions;
                WritePack(next++);
                return true;
              }).ok());
  EXPECT_GT(questions, 1);
  EXPECT_EQ(Counts(copy_), before);
  EXPECT_EQ(Violation(copy_), "");
  EXPECT_NE(Counts(path_), before);
}

TEST_F(BackupTest, IsConsistentHoweverAnotherThreadWrites) {
  std::atomic<bool> written = false;
  std::thread writer([&] {
    for (PackId pack_id = 1; pack_id <= 60; ++pack_id) WritePack(pack_id);
    written = true;
  });
  int64_t batch = 0;
  bool last = false;
  for (int i = 0; !last; ++i) {
    last = written;
    const std::string copy = folder_.File(absl::StrCat("copy-", i, ".db"));
    const absl::Status status = sqlite::BackUp(path_, copy, kToTheEnd);
    EXPECT_TRUE(status.ok()) << status;
    if (!status.ok()) break;
    EXPECT_EQ(Violation(copy), "");
    EXPECT_EQ(Row(copy, "SELECT count(*) FROM trial WHERE status = 'done'"),
              Row(copy, "SELECT done FROM sweep"));
    EXPECT_EQ(Row(copy, "SELECT 300 * done FROM sweep"),
              Row(copy, "SELECT count(*) FROM class_snapshot"));
    EXPECT_GE(Batch(copy), batch);
    batch = Batch(copy);
    copy_ = copy;
  }
  writer.join();
  EXPECT_EQ(Counts(copy_), Counts(path_));
}

TEST_F(BackupTest, OverwritesNothing) {
  std::ofstream(copy_) << "mine";
  std::filesystem::create_symlink("nowhere", folder_.File("link.db"));
  const std::vector<std::string> names = folder_.Names();
  for (const std::string& to : {copy_, folder_.File("link.db"), path_, folder_.path()}) {
    const absl::Status status = sqlite::BackUp(path_, to, kToTheEnd);
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(to));
  }
  EXPECT_EQ(folder_.Names(), names);
  EXPECT_EQ(std::filesystem::file_size(copy_), 4U);
}

TEST_F(BackupTest, OverwritesNothingThatCameMeanwhile) {
  const absl::Status status = sqlite::BackUp(path_, copy_, [&] {
    std::ofstream(copy_) << "mine";
    return true;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_EQ(std::filesystem::file_size(copy_), 4U);
}

TEST_F(BackupTest, NamesAMissingFileOrFolder) {
  absl::Status status = sqlite::BackUp(folder_.File("no.db"), copy_, kToTheEnd);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder_.File("no.db")));
  status = sqlite::BackUp(path_, folder_.File("no/copy.db"), kToTheEnd);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder_.File("no")));
}

TEST_F(BackupTest, StoppedLeavesNothing) {
  for (PackId pack_id = 1; pack_id <= 40; ++pack_id) WritePack(pack_id);
  const std::vector<std::string> names = folder_.Names();
  for (int stop_at = 1;; ++stop_at) {
    int questions = 0;
    const absl::Status status = sqlite::BackUp(path_, copy_, [&] { return ++questions < stop_at; });
    if (questions < stop_at) {  // never stopped
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_GT(questions, 2);
      break;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
    EXPECT_EQ(questions, stop_at);
    EXPECT_EQ(folder_.Names(), names);
  }
}

// Whatever operation of the copy's is the first that fails.
TEST_F(BackupTest, OnAFullOrBrokenDiskLeavesNothing) {
  WritePack(1);
  const std::vector<std::string> names = folder_.Names();
  FaultVfs disk;
  for (const FaultVfs::Fault fault : {FaultVfs::Fault::kFull, FaultVfs::Fault::kIo}) {
    int64_t n = 1;
    for (;; ++n) {
      disk.FailFrom(n, fault);
      const absl::Status status = sqlite::BackUp(path_, copy_, kToTheEnd, disk.name());
      if (!disk.has_failed()) {
        EXPECT_TRUE(status.ok()) << status;
        break;
      }
      if (status.ok()) break;  // closing alone failed, after all was there
      EXPECT_EQ(sqlite::ClassOf(status), fault == FaultVfs::Fault::kFull ? sqlite::ErrorClass::kFull
                                                                         : sqlite::ErrorClass::kIo)
          << n << ": " << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(copy_));
      EXPECT_EQ(folder_.Names(), names) << n;
    }
    disk.Repair();
    EXPECT_GT(n, 10);
    EXPECT_EQ(Violation(copy_), "");
    EXPECT_EQ(Counts(copy_), Counts(path_));
    // Readers leave SQLite's files beside it.
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(copy_ + suffix);
  }
}

TEST_F(BackupTest, OfADamagedDatabaseIsRefused) {
  WritePack(1);
  store_.Close();
  {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(8 * 4096);
    file << std::string(4 * 4096, '\xff');
  }
  const absl::Status status = sqlite::BackUp(path_, copy_, kToTheEnd);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(folder_.Names(), Each(StartsWith("sweep.db")));
}

}  // namespace
}  // namespace firstguess
