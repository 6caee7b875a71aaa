#include "coordinator/store/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/transaction.h"
#include "tests/common/temporary_folder.h"

namespace firstguess::sqlite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() : path_(folder_.File("data.db")) {
    auto database = Database::Open(path_, Database::Mode::kCreate);
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    Execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT) STRICT");
  }

  void Execute(const std::string& sql) {
    const absl::Status status = database_->Execute(sql);
    EXPECT_TRUE(status.ok()) << status;
  }
  Statement Prepare(const std::string& sql) {
    auto statement = database_->Prepare(sql);
    EXPECT_TRUE(statement.ok()) << statement.status();
    return *std::move(statement);
  }

  TemporaryFolder folder_;
  std::string path_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, ColumnsAreKnownByWhereTheyComeFromAlsoThroughViews) {
  Execute("CREATE VIEW v AS SELECT s AS other, i + 1 AS computed FROM t");
  const Statement select = Prepare("SELECT * FROM v");
  EXPECT_EQ(select.OriginTable(0), "t");
  EXPECT_EQ(select.OriginColumn(0), "s");
  EXPECT_EQ(select.DeclaredType(0), "TEXT");
  EXPECT_EQ(select.OriginTable(1), "");
  EXPECT_EQ(select.OriginColumn(1), "");
  EXPECT_EQ(select.DeclaredType(1), "");
}

TEST_F(DatabaseTest, StatementsBindAndReadEveryType) {
  Statement insert = Prepare("INSERT INTO t VALUES (?, ?, ?)");
  ASSERT_TRUE(insert.Execute(int64_t{1} << 40, 0.1, "one").ok());
  ASSERT_TRUE(insert.Execute(nullptr, std::optional<double>(), absl::string_view()).ok());
  Statement select = Prepare("SELECT i, r, s FROM t ORDER BY rowid");
  ASSERT_TRUE(select.Step().value());
  EXPECT_EQ(select.Integer(0), int64_t{1} << 40);
  EXPECT_EQ(select.Real(1), 0.1);
  EXPECT_EQ(select.Text(2), "one");
  EXPECT_EQ(select.ColumnName(2), "s");
  ASSERT_TRUE(select.Step().value());
  EXPECT_TRUE(select.IsNull(0));
  EXPECT_TRUE(select.IsNull(1));
  EXPECT_EQ(select.Type(2), SQLITE_TEXT) << "an empty text is not NULL";
  EXPECT_FALSE(select.Step().value());
}

TEST_F(DatabaseTest, NumbersThatAreNotFiniteAreNull) {
  Statement insert = Prepare("INSERT INTO t (r) VALUES (?)");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::numeric_limits<double>::quiet_NaN(), kInfinity, -kInfinity}) {
    ASSERT_TRUE(insert.Execute(value).ok());
  }
  EXPECT_EQ(database_->QueryInteger("SELECT count(*) FROM t WHERE r IS NULL").value(), 3);
}

TEST_F(DatabaseTest, AStatementCanRunAgainAfterAnError) {
  Execute("CREATE UNIQUE INDEX u ON t (i)");
  Statement insert = Prepare("INSERT INTO t (i) VALUES (?)");
  ASSERT_TRUE(insert.Execute(1).ok());
  EXPECT_EQ(ClassOf(insert.Execute(1)), ErrorClass::kConstraint);
  EXPECT_TRUE(insert.Execute(2).ok());
}

TEST_F(DatabaseTest, ABindThatFailsIsSaidByTheRun) {
  Statement insert = Prepare("INSERT INTO t (i) VALUES (?)");
  EXPECT_FALSE(insert.Execute(1, 2).ok());
  EXPECT_TRUE(insert.Execute(1).ok());
}

TEST_F(DatabaseTest, ARunIsOverWithItsScope) {
  Execute("INSERT INTO t (i) VALUES (1), (2)");
  Statement select = Prepare("SELECT i FROM t WHERE i >= ?");
  {
    sqlite::Run run(&select, 1);
    ASSERT_TRUE(run.Step().value());
  }
  EXPECT_EQ(sqlite3_stmt_busy(select.handle()), 0);
  sqlite::Run run(&select, 2);
  ASSERT_TRUE(run.Step().value());
  EXPECT_EQ(run.row().Integer(0), 2);
}

TEST_F(DatabaseTest, ATransactionIsUndoneUnlessCommitted) {
  {
    Transaction transaction(database_.get());
    ASSERT_TRUE(transaction.Begin().ok());
    Execute("INSERT INTO t (i) VALUES (1)");
  }
  EXPECT_EQ(database_->QueryInteger("SELECT count(*) FROM t").value(), 0);
  {
    Transaction transaction(database_.get());
    ASSERT_TRUE(transaction.Begin().ok());
    Execute("INSERT INTO t (i) VALUES (1)");
    ASSERT_TRUE(transaction.Commit().ok());
  }
  EXPECT_EQ(database_->QueryInteger("SELECT count(*) FROM t").value(), 1);
}

TEST_F(DatabaseTest, APragmaThatDoesNotTakeIsAnError) {
  EXPECT_TRUE(database_->SetPragma("synchronous", "2").ok());
  // A file with tables keeps its encoding.
  const absl::Status status = database_->SetPragma("encoding", "'UTF-16le'");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("keeps encoding at UTF-8"));
}

TEST_F(DatabaseTest, EnforcesReferencesAndGuardsTheSchema) {
  EXPECT_EQ(database_->Pragma("foreign_keys").value(), "1");
  EXPECT_EQ(database_->Pragma("trusted_schema").value(), "0");
  EXPECT_FALSE(database_
                   ->Execute("PRAGMA writable_schema = ON;"
                             "UPDATE sqlite_schema SET sql = 'x'")
                   .ok());
}

TEST_F(DatabaseTest, TellsClassesOfErrorsApart) {
  EXPECT_EQ(ClassOf(absl::OkStatus()), ErrorClass::kNone);
  EXPECT_EQ(ClassOf(absl::DataLossError("of somebody else")), ErrorClass::kNone);
  EXPECT_EQ(ClassOf(database_->Execute("nonsense")), ErrorClass::kOther);
  auto reader = Database::OpenReadOnly(path_);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(ClassOf((*reader)->Execute("DELETE FROM t")), ErrorClass::kReadOnly);
  std::ofstream(folder_.File("text.db")) << std::string(1000, 'x');
  EXPECT_EQ(ClassOf(Database::OpenReadOnly(folder_.File("text.db")).status()),
            ErrorClass::kCorrupt);
  EXPECT_EQ(
      ClassOf(Database::Open(folder_.File("no/such.db"), Database::Mode::kReadWrite).status()),
      ErrorClass::kCannotOpen);
}

TEST_F(DatabaseTest, ErrorsKeepTheirClassInOtherWords) {
  const absl::Status status =
      WithMessage(database_->Execute("nonsense"), "that is not how it is said");
  EXPECT_EQ(ClassOf(status), ErrorClass::kOther);
  EXPECT_EQ(status.message(), "that is not how it is said");
}

TEST_F(DatabaseTest, ReadersNeedAFile) {
  EXPECT_EQ(Database::OpenReadOnly(folder_.File("missing.db")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(folder_.Names(), ElementsAre("data.db"));
}

TEST_F(DatabaseTest, ReadersOfAFolderThatCanNotBeWrittenSeeTheFile) {
  ASSERT_TRUE(database_->SetPragma("journal_mode", "wal").ok());
  Execute("INSERT INTO t (i) VALUES (7)");
  database_.reset();
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0555));
  const uid_t me = geteuid();
  if (me == 0) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  auto reader = Database::OpenReadOnly(path_);
  const int64_t sum = reader.ok() ? (*reader)->QueryInteger("SELECT sum(i) FROM t").value() : -1;
  if (me == 0) {
    ASSERT_EQ(seteuid(me), 0);
  }
  EXPECT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(sum, 7);
}

}  // namespace
}  // namespace firstguess::sqlite
