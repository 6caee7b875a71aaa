#include "coordinator/store/sqlite/user_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "coordinator/store/sqlite/database.h"
#include "tests/common/temporary_folder.h"

namespace firstguess::sqlite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Collector : public QuerySink {
 public:
  void Columns(const std::vector<std::string>& names) override { columns = names; }
  bool Row(const std::vector<QueryValue>& values) override {
    rows.push_back(values);
    return rows.size() < most;
  }

  std::vector<std::string> columns;
  std::vector<std::vector<QueryValue>> rows;
  size_t most = 1'000'000;
};

// Counts up for ever.
constexpr char kEndless[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

class UserQuery : public testing::Test {
 protected:
  UserQuery() : path_(folder_.File("data.db")) {
    auto database = Database::Open(path_, Database::Mode::kCreate);
    EXPECT_TRUE(database.ok());
    EXPECT_TRUE((*database)
                    ->Execute("PRAGMA journal_mode = wal; CREATE TABLE t (a INTEGER, b TEXT);"
                              "CREATE INDEX t_a ON t (a);"
                              "INSERT INTO t VALUES (1, 'one'), (2, 'two')")
                    .ok());
  }

  absl::Status Query(const std::string& sql) { return RunUserQuery(path_, sql, limits_, &rows_); }

  TemporaryFolder folder_;
  std::string path_;
  QueryLimits limits_;
  Collector rows_;
};

TEST_F(UserQuery, NamesColumnsAndKeepsTypes) {
  ASSERT_TRUE(Query("SELECT a, b AS word, 0.5, NULL, x'00ff' FROM t WHERE a = 1").ok());
  EXPECT_THAT(rows_.columns, ElementsAre("a", "word", "0.5", "NULL", "x'00ff'"));
  EXPECT_THAT(rows_.rows,
              ElementsAre(ElementsAre(QueryValue(int64_t{1}), QueryValue(std::string("one")),
                                      QueryValue(0.5), QueryValue(std::monostate()),
                                      QueryValue(QueryBlob{std::string("\0\xff", 2)}))));
}

TEST_F(UserQuery, NamesColumnsWithoutRowsToo) {
  ASSERT_TRUE(Query("SELECT a FROM t WHERE a > 9").ok());
  EXPECT_THAT(rows_.columns, ElementsAre("a"));
  EXPECT_TRUE(rows_.rows.empty());
}

TEST_F(UserQuery, MayEndWithASemicolonAndAComment) {
  EXPECT_TRUE(Query("SELECT a FROM t; -- that is all\n /* really */ ").ok());
}

TEST_F(UserQuery, MayDescribeTables) {
  for (const char* sql : {"PRAGMA table_info(t)", "SELECT name, sql FROM sqlite_schema",
                          "SELECT name FROM pragma_table_info('t')", "PRAGMA user_version",
                          "EXPLAIN QUERY PLAN SELECT a FROM t"}) {
    const absl::Status status = Query(sql);
    EXPECT_TRUE(status.ok()) << sql << ": " << status;
  }
}

TEST_F(UserQuery, MayOnlyRead) {
  for (const char* sql : {"INSERT INTO t VALUES (3, 'three')",
                          "UPDATE t SET a = 3",
                          "DELETE FROM t",
                          "DROP TABLE t",
                          "CREATE TABLE u (x)",
                          "CREATE TEMP TABLE u (x)",
                          "ATTACH 'other.db' AS other",
                          "ATTACH ':memory:' AS other",
                          "DETACH main",
                          "BEGIN",
                          "SAVEPOINT s",
                          "VACUUM",
                          "VACUUM INTO 'copy.db'",
                          "REINDEX",
                          "ANALYZE",
                          "PRAGMA user_version = 7",
                          "PRAGMA journal_mode = delete",
                          "PRAGMA query_only = 0",
                          "PRAGMA wal_checkpoint",
                          "PRAGMA temp_store_directory = '/'",
                          "SELECT load_extension('x')",
                          "WITH n AS (SELECT 1) INSERT INTO t SELECT 1, 'x' FROM n",
                          "INSERT INTO t VALUES (3, 'three') RETURNING a"}) {
    const absl::Status status = Query(sql);
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << sql << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("may only read")) << sql;
  }
  EXPECT_FALSE(Query("UPDATE sqlite_schema SET sql = ''").ok());
  rows_ = Collector();
  ASSERT_TRUE(Query("SELECT count(*), total(a) FROM t").ok());
  EXPECT_THAT(rows_.rows, ElementsAre(ElementsAre(QueryValue(int64_t{2}), QueryValue(3.0))));
  EXPECT_THAT(folder_.Names(), testing::Each(testing::StartsWith("data.db")));
}

TEST_F(UserQuery, IsOneStatement) {
  const absl::Status two = Query("SELECT 1; DROP TABLE t");
  EXPECT_EQ(two.code(), absl::StatusCode::kInvalidArgument) << two;
  EXPECT_THAT(std::string(two.message()), HasSubstr("one statement"));
  EXPECT_EQ(Query("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Query("-- nothing").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(rows_.rows.empty());
}

TEST_F(UserQuery, ThatIsWrongIsAnsweredInTheWordsOfSqlite) {
  const absl::Status status = Query("SELECT c FROM t");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no such column: c"));
}

TEST_F(UserQuery, IsStoppedWhenItTakesTooLong) {
  limits_.time = absl::Milliseconds(20);
  const absl::Status status = Query("SELECT count(*) FROM (" + std::string(kEndless) + ")");
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("longer than 20ms"));
}

TEST_F(UserQuery, IsStoppedAtItsLastRow) {
  limits_.rows = 3;
  const absl::Status status = Query(kEndless);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 3 rows"));
  EXPECT_EQ(rows_.rows.size(), 3U);
}

TEST_F(UserQuery, WithAsManyRowsAsTheLimitIsWhole) {
  limits_.rows = 2;
  EXPECT_TRUE(Query("SELECT a FROM t").ok());
}

TEST_F(UserQuery, IsStoppedWhenItNeedsTooMuchMemory) {
  limits_.memory_bytes = 4 << 20;
  // Ten texts of 2 MB, held while something is counted for ever.
  std::string sql = "SELECT ";
  for (int i = 0; i < 10; ++i) sql += "hex(randomblob(1000000)), ";
  const absl::Status status = Query(sql + "(SELECT count(*) FROM (" + kEndless + "))");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 4 MiB of memory"));
}

TEST_F(UserQuery, CanNotMakeAValueOfAnySize) {
  const absl::Status status = Query("SELECT hex(zeroblob(1000000000))");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("too big"));
}

TEST_F(UserQuery, EndsWithoutAnErrorWhenTheReaderHasEnough) {
  rows_.most = 5;
  EXPECT_TRUE(Query(kEndless).ok());
  EXPECT_EQ(rows_.rows.size(), 5U);
}

TEST_F(UserQuery, NeedsAFile) {
  path_ = folder_.File("missing.db");
  EXPECT_EQ(Query("SELECT 1").code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace firstguess::sqlite
