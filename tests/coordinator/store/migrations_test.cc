// Files that an earlier version of the program wrote.

#include "coordinator/store/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sqlite/database.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAreArray;

constexpr char kEverything[] = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";

class MigrationsTest : public testing::Test {
 protected:
  MigrationsTest() : path_(folder_.File("sweep.db")) {}

  // What version 1 of the program left: its schema, its marks, write-ahead mode, a done trial.
  void WriteVersion1() {
    auto database = sqlite::Database::Open(path_, sqlite::Database::Mode::kCreate);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status written = (*database)->Execute(absl::StrCat(
        "BEGIN;", kSchemaVersion1, "PRAGMA application_id = ", kApplicationId,
        "; PRAGMA user_version = 1; COMMIT; PRAGMA journal_mode = wal;"
        "INSERT INTO sweep VALUES (1, 'old', 1, 'done', 0, 1, 1, 0, 0, 0, 0, 1.0, 2.0);"
        "INSERT INTO sweep_revision VALUES (1, 1, 'name: old', '{}', 1.0);"
        "INSERT INTO pack VALUES (1, 1, 1, 0, NULL);"
        "INSERT INTO trial (trial_id, key, status, config, pack_id, slot, finished_at)"
        " VALUES (1, 'k', 'done', '{}', 1, 0, 2.0);"
        "INSERT INTO cell VALUES (1, 1, 0, 1, NULL);"
        "INSERT INTO snapshot (trial_id, step, max_guess) VALUES (1, 0, 0.5), (1, 10, 0.1)"));
    ASSERT_TRUE(written.ok()) << written;
  }

  TemporaryFolder folder_;
  std::string path_;
};

TEST_F(MigrationsTest, AFileOfVersion1OpensAndHasWhatANewFileHas) {
  WriteVersion1();
  TestStore old(path_);
  TestStore fresh(folder_.File("fresh.db"));
  EXPECT_EQ(Row(path_, "PRAGMA user_version"), absl::StrCat(kSchemaVersion));
  EXPECT_THAT(Rows(path_, kEverything), ElementsAreArray(Rows(fresh.path(), kEverything)));
}

TEST_F(MigrationsTest, AFileOfVersion1KeepsItsRowsAndIsSummarised) {
  WriteVersion1();
  TestStore store(path_);
  EXPECT_EQ(store.store().SpecText(1).value(), "name: old");
  EXPECT_EQ(Violation(path_), "");
  EXPECT_EQ(Row(path_,
                "SELECT trial_id, key, first_step_unbiased, max_guess_area"
                " FROM trial_summary"),
            "1|k|10|0.3");
}

TEST_F(MigrationsTest, AFileOfVersion1ThatIsOnlyReadStaysAsItIs) {
  WriteVersion1();
  EXPECT_EQ(Row(path_, "SELECT max_guess FROM snapshot WHERE step = 10"), "0.1");
  EXPECT_EQ(Row(path_, "PRAGMA user_version"), "1");
}

}  // namespace
}  // namespace firstguess
