// Files as earlier versions of the program left them, kept as SQL text in old_files/: each becomes
// a file of this version, with all its rows, that a coordinator goes on with.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/sqlite/database.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

// Name, type, NOT NULL, default and place in the key of each column of each table, and the views.
// Not the text of their definitions: version 1 had no comments.
constexpr char kColumns[] =
    "SELECT s.type, s.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk"
    " FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS c"
    " WHERE s.type IN ('table', 'view') ORDER BY s.name, c.cid";

class OldFilesTest : public testing::TestWithParam<int64_t> {
 protected:
  OldFilesTest() : path_(folder_.File("old.db")) {}

  void SetUp() override {
    std::ifstream file(absl::StrCat(FIRSTGUESS_OLD_FILES, "/version_", GetParam(), ".sql"));
    ASSERT_TRUE(file.is_open()) << "no file of version " << GetParam() << " is kept";
    std::ostringstream sql;
    sql << file.rdbuf();
    Execute(sql.str());
    ASSERT_EQ(Row(path_, "PRAGMA user_version"), absl::StrCat(GetParam()));
  }

  void Execute(const std::string& sql) {
    auto database = sqlite::Database::Open(path_, sqlite::Database::Mode::kCreate);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status done = (*database)->Execute(sql);
    ASSERT_TRUE(done.ok()) << done;
  }

  // By table, a query of all its columns.
  std::map<std::string, std::string> TableQueries() const {
    std::map<std::string, std::string> queries;
    for (const std::string& table :
         Rows(path_,
              "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")) {
      const std::vector<std::string> columns =
          Rows(path_, absl::StrCat("SELECT name FROM pragma_table_info('", table, "')"));
      queries[table] = absl::StrCat("SELECT ", absl::StrJoin(columns, ", "), " FROM ", table,
                                    " ORDER BY ", absl::StrJoin(columns, ", "));
    }
    return queries;
  }

  TemporaryFolder folder_;
  const std::string path_;
};

TEST_P(OldFilesTest, HaveWhatANewFileHas) {
  const TestStore old(path_);
  const TestStore fresh(folder_.File("fresh.db"));
  EXPECT_EQ(Row(path_, "PRAGMA user_version"), absl::StrCat(kSchemaVersion));
  EXPECT_THAT(Rows(path_, kColumns), ElementsAreArray(Rows(fresh.path(), kColumns)));
}

TEST_P(OldFilesTest, KeepTheirRows) {
  const std::map<std::string, std::string> queries = TableQueries();
  std::map<std::string, std::vector<std::string>> before;
  for (const auto& [table, query] : queries) before[table] = Rows(path_, query);
  for (const char* table : {"sweep", "trial", "attempt", "snapshot", "class_snapshot"}) {
    ASSERT_THAT(before[table], Not(IsEmpty())) << table;
  }
  const TestStore store(path_);
  for (const auto& [table, query] : queries) {
    EXPECT_THAT(Rows(path_, query), ElementsAreArray(before[table])) << table;
  }
  EXPECT_EQ(Violation(path_), "");
  EXPECT_THAT(Rows(path_, "SELECT * FROM pragma_integrity_check"), ElementsAreArray({"ok"}));
  EXPECT_THAT(Rows(path_, "SELECT * FROM pragma_foreign_key_check"), IsEmpty());
}

TEST_P(OldFilesTest, AreGoneOnWith) {
  TestStore store(path_);
  const absl::StatusOr<OpenWork> work = store.store().LoadOpenWork();
  ASSERT_TRUE(work.ok()) << work.status();
  EXPECT_EQ(work->sweeps.size(), 2u);
  ASSERT_EQ(work->packs.size(), 1u);
  ASSERT_EQ(work->leases.size(), 1u);
  const StoredLease& lease = work->leases.front();
  store.Do(ResultOf(lease.trials.front(), lease.lease_id));
  EXPECT_EQ(
      Row(path_, absl::StrCat("SELECT status FROM trial WHERE trial_id = ", lease.trials.front())),
      "done");
  EXPECT_EQ(Violation(path_), "");
}

TEST_P(OldFilesTest, TakeEveryFailureThatThereIsNow) {
  { const TestStore store(path_); }
  for (const char* failure :
       {"crash", "timeout", "out_of_memory", "lost", "preempted", "invalid", "init_condition"}) {
    Execute(
        absl::StrCat("UPDATE trial SET failure_class = '", failure,
                     "' WHERE status = 'failed'; UPDATE attempt SET outcome = '", failure,
                     "' WHERE trial_id IN (SELECT trial_id FROM trial WHERE status = 'failed')"));
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, OldFilesTest, testing::Range(int64_t{1}, kSchemaVersion + 1),
                         [](const auto& version) {
                           return absl::StrCat("OfVersion", version.param);
                         });

}  // namespace
}  // namespace firstguess
