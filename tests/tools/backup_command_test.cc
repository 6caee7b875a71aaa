// 'firstguess backup'. What it copies under way is tests/coordinator/store/backup_test.cc.

#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class BackupCommandTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    database_ = Path("sample.db");
    copy_ = Path("copy.db");
    const absl::Status written = WriteSampleDatabase(database_);
    ASSERT_TRUE(written.ok()) << written;
  }

  // What a query answers on one of the files.
  std::string Answer(const std::string& database, const std::string& sql) {
    EXPECT_EQ(Run({"query", "--db", database, "--format", "csv", sql}), kExitDone) << err_.text;
    return out_.Take();
  }

  // No copy, whole or not.
  void ExpectNoCopy() {
    for (const auto& entry : std::filesystem::directory_iterator(Path(""))) {
      EXPECT_FALSE(absl::StartsWith(entry.path().filename().string(), "copy.db")) << entry.path();
    }
  }

  std::string database_;
  std::string copy_;
};

TEST_F(BackupCommandTest, TheCopyAnswersAsTheDatabaseDoes) {
  EXPECT_EQ(Run({"backup", copy_, "--db", database_}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), StartsWith("Copy: " + copy_ + " ("));
  for (const char* sql : {"select * from progress", "select * from trial_summary",
                          "select count(*), sum(guess_count) from class_snapshot"}) {
    EXPECT_EQ(Answer(copy_, sql), Answer(database_, sql)) << sql;
  }
}

TEST_F(BackupCommandTest, SaysInJsonWhatItMade) {
  EXPECT_EQ(Run({"backup", copy_, "--db", database_, "--json"}), kExitDone) << err_.text;
  const auto answer = nlohmann::json::parse(out_.text);
  EXPECT_EQ(answer["database"], database_);
  EXPECT_EQ(answer["copy"], copy_);
  EXPECT_EQ(answer["bytes"], std::filesystem::file_size(copy_));
}

TEST_F(BackupCommandTest, ReplacesNothing) {
  WriteFile("copy.db", "mine");
  EXPECT_EQ(Run({"backup", copy_, "--db", database_}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr(copy_ + " exists already."));
  EXPECT_EQ(std::filesystem::file_size(copy_), 4U);
}

TEST_F(BackupCommandTest, NamesAMissingDatabaseOrFolder) {
  EXPECT_EQ(Run({"backup", copy_, "--db", Path("missing.db")}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr(Path("missing.db")));
  ExpectNoCopy();
  err_.text.clear();
  EXPECT_EQ(Run({"backup", Path("missing/copy.db"), "--db", database_}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("there is no folder " + Path("missing")));
}

TEST_F(BackupCommandTest, CopiesNoDatabaseOfAnotherProgram) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(Path("other.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "create table t (x)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_EQ(Run({"backup", copy_, "--db", Path("other.db")}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("not one of firstguess"));
  ExpectNoCopy();
}

TEST_F(BackupCommandTest, WantsADatabaseAndAFile) {
  EXPECT_EQ(Run({"backup", copy_}), kExitInput);
  EXPECT_EQ(Run({"backup", "--db", database_}), kExitInput);
  ExpectNoCopy();
}

}  // namespace
}  // namespace firstguess
