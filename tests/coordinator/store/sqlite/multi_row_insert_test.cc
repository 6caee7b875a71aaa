#include "coordinator/store/sqlite/multi_row_insert.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

namespace firstguess::sqlite {
namespace {

class MultiRowInsertTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::Open(folder_.File("rows.db"), Database::Mode::kCreate);
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    ASSERT_TRUE(database_->Execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").ok());
    ASSERT_TRUE(insert_.Prepare(database_.get(), "INSERT INTO t (a, b)", 2, 3).ok());
  }

  std::string Rows() {
    Statement rows = *database_->Prepare("SELECT group_concat(a || b, ' ') FROM t");
    const absl::StatusOr<bool> row = rows.Step();
    return row.ok() && *row ? rows.Text(0) : row.status().ToString();
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  MultiRowInsert insert_;
};

TEST_F(MultiRowInsertTest, AnyNumberOfRowsIsThereAfterTheLast) {
  std::string wanted;
  int row = 0;
  for (size_t rows = 0; rows <= 7; ++rows) {
    insert_.Begin(rows);
    for (size_t i = 0; i < rows; ++i) {
      ++row;
      ASSERT_TRUE(insert_.Add(row, "x").ok());
      absl::StrAppend(&wanted, row == 1 ? "" : " ", row, "x");
    }
    EXPECT_EQ(Rows(), wanted);
  }
}

TEST_F(MultiRowInsertTest, AfterAnErrorItBeginsAnew) {
  insert_.Begin(3);
  ASSERT_TRUE(insert_.Add(1, "a").ok());
  ASSERT_TRUE(insert_.Add(2, "b").ok());
  EXPECT_FALSE(insert_.Add(2, "c").ok());
  insert_.Begin(5);
  ASSERT_TRUE(insert_.Add(9, "never written: four more were to follow").ok());
  insert_.Begin(1);
  ASSERT_TRUE(insert_.Add(4, "d").ok());
  EXPECT_EQ(Rows(), "4d");
}

}  // namespace
}  // namespace firstguess::sqlite
