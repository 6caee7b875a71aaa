#include "coordinator/store/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/store/migrations.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class InspectionTest : public testing::Test {
 protected:
  InspectionTest() : store_(path_) {
    store_.Do(SweepOf(1, 10));
    store_.Do(PackOf(1, 1, {0, 1}));
    store_.Do(ResultOf(1, 1, 50));
  }

  // Breaks something by hand.
  void Edit(const std::string& sql) {
    store_.Close();
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &file), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_close(file);
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("sweep.db");
  TestStore store_;
};

TEST_F(InspectionTest, TellsOfAFileInUse) {
  const absl::StatusOr<Inspection> found = InspectDatabase(path_, /*thorough=*/true);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->version, kSchemaVersion);
  EXPECT_THAT(found->holder, HasSubstr(absl::StrCat("process ", getpid(), " ")));
  EXPECT_EQ(found->file_system, "");
  EXPECT_GT(found->bytes, 0);
  EXPECT_GT(found->log_bytes, 0);
  EXPECT_GT(found->disk_free_bytes, 0);
  EXPECT_EQ(found->done_cells, 1);
  EXPECT_EQ(found->open_cells, 9);
  EXPECT_TRUE(found->newest_time.has_value());
  EXPECT_THAT(found->damage, IsEmpty());
}

TEST_F(InspectionTest, ALockFileThatADeadProcessLeftIsNobodys) {
  store_.Close();
  std::ofstream(path_ + ".lock") << "process 1 on host elsewhere\n";
  EXPECT_EQ(InspectDatabase(path_, false)->holder, "");
}

TEST_F(InspectionTest, CountersThatAreWrongAreFoundWhenLookedFor) {
  Edit("UPDATE sweep SET done = 2");
  EXPECT_THAT(InspectDatabase(path_, false)->damage, IsEmpty());
  EXPECT_THAT(InspectDatabase(path_, true)->damage,
              ElementsAre("the counters of sweep sweep-1 are not what its cells say"));
}

TEST_F(InspectionTest, RowsThatReferToNothingAreFound) {
  Edit("PRAGMA foreign_keys = OFF; DELETE FROM pack");
  EXPECT_THAT(InspectDatabase(path_, true)->damage,
              testing::Contains(HasSubstr("refers to no row of pack")));
}

TEST_F(InspectionTest, DamagedPagesAreFound) {
  Edit("PRAGMA wal_checkpoint(TRUNCATE)");
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-2048, std::ios::end);
    file << std::string(2048, '\x7f');
  }
  const absl::StatusOr<Inspection> found = InspectDatabase(path_, true);
  // Either the check lists it, or what it reads on the way fails.
  EXPECT_TRUE(!found.ok() || !found->damage.empty());
}

TEST_F(InspectionTest, OtherFilesAreRefusedByWhatTheyAre) {
  EXPECT_EQ(InspectDatabase(folder_.File("no.db"), false).status().code(),
            absl::StatusCode::kNotFound);
  std::ofstream(folder_.File("notes.db")) << std::string(5000, 'x');
  EXPECT_EQ(InspectDatabase(folder_.File("notes.db"), false).status().code(),
            absl::StatusCode::kDataLoss);
  Edit("PRAGMA user_version = 99");
  const absl::Status newer = InspectDatabase(path_, false).status();
  EXPECT_EQ(newer.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(newer.message()), HasSubstr("version 99"));
  Edit("PRAGMA application_id = 7");
  EXPECT_THAT(std::string(InspectDatabase(path_, false).status().message()),
              HasSubstr("another program"));
}

}  // namespace
}  // namespace firstguess
