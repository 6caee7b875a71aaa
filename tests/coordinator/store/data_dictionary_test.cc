#include "coordinator/store/data_dictionary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/object_comments.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Pair;

TEST(ObjectComments, StandBelowTheFirstLineAndBehindColumns) {
  const ObjectComments table = ReadObjectComments(
      "CREATE TABLE t (\n"
      "  -- Rows of a kind,\n"
      "  -- many of them.\n"
      "  a INTEGER NOT NULL,\n"
      "  -- Only for whoever reads this.\n"
      "  b TEXT  -- a word\n"
      "    CHECK (b IN ('x', 'y')),\n"
      "  c REAL  -- a number,\n"
      "          -- and a long one\n"
      ") STRICT");
  EXPECT_EQ(table.meaning, "Rows of a kind, many of them.");
  EXPECT_THAT(table.columns,
              ElementsAre(Pair("b", "a word"), Pair("c", "a number, and a long one")));
}

TEST(ObjectComments, OfColumnsThatWereAddedAreClosed) {
  const ObjectComments table = ReadObjectComments(
      "CREATE TABLE t (\n"
      "  a INTEGER,  -- first\n"
      "  b TEXT  -- last\n"
      ", c REAL DEFAULT 1\n"
      "  /* added, once */, d TEXT /* more */) STRICT");
  EXPECT_THAT(table.columns, ElementsAre(Pair("a", "first"), Pair("b", "last"),
                                         Pair("c", "added, once"), Pair("d", "more")));
}

TEST(ObjectComments, OfAViewAreOfTheNameBeforeThem) {
  const ObjectComments view = ReadObjectComments(
      "CREATE VIEW v AS\n"
      "  -- Rows.\n"
      "  SELECT t.a, t.b,  -- seen\n"
      "         a + 1 AS c,  -- INTEGER: more\n"
      "         (SELECT 1\n"
      "          -- Always.\n"
      "         ) AS d  -- one\n"
      "  FROM t");
  EXPECT_EQ(view.meaning, "Rows.");
  EXPECT_THAT(view.columns,
              ElementsAre(Pair("b", "seen"), Pair("c", "INTEGER: more"), Pair("d", "one")));
}

class DataDictionaryTest : public testing::Test {
 protected:
  DataDictionaryTest() : path_(folder_.File("sweep.db")), store_(path_) {
    absl::StatusOr<std::vector<DescribedTable>> tables = DataDictionary();
    EXPECT_TRUE(tables.ok()) << tables.status();
    tables_ = *std::move(tables);
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
  std::vector<DescribedTable> tables_;
};

TEST_F(DataDictionaryTest, HasTheTablesAndViewsOfALiveDatabaseAndNoOthers) {
  std::vector<std::string> names;
  for (const DescribedTable& table : tables_) {
    names.push_back(absl::StrCat(table.is_view ? "view " : "table ", table.name));
  }
  EXPECT_THAT(names, ElementsAreArray(Rows(path_,
                                           "SELECT type || ' ' || name FROM sqlite_schema"
                                           " WHERE type IN ('table', 'view') ORDER BY rowid")));
}

TEST_F(DataDictionaryTest, HasTheColumnsOfALiveDatabaseAndNoOthers) {
  for (const DescribedTable& table : tables_) {
    std::vector<std::string> columns;
    for (const DescribedColumn& column : table.columns) columns.push_back(column.name);
    EXPECT_THAT(columns,
                ElementsAreArray(Rows(path_, absl::StrCat("SELECT name FROM pragma_table_info('",
                                                          table.name, "') ORDER BY cid"))))
        << table.name;
  }
}

TEST_F(DataDictionaryTest, SaysOfEverythingWhatItMeans) {
  for (const DescribedTable& table : tables_) {
    EXPECT_THAT(table.meaning, MatchesRegex("[A-Z].*\\.")) << table.name;
    for (const DescribedColumn& column : table.columns) {
      EXPECT_FALSE(column.meaning.empty()) << table.name << "." << column.name;
      EXPECT_THAT(column.type, MatchesRegex("INTEGER|REAL|TEXT"))
          << table.name << "." << column.name;
    }
  }
}

// Comments of columns that a view does not have would be lost.
TEST_F(DataDictionaryTest, SaysNothingOfColumnsThatAreNotThere) {
  for (const DescribedTable& table : tables_) {
    const ObjectComments comments = ReadObjectComments(absl::StrJoin(
        Rows(path_, absl::StrCat("SELECT sql FROM sqlite_schema WHERE name = '", table.name, "'")),
        ""));
    for (const auto& [name, comment] : comments.columns) {
      EXPECT_THAT(table.columns, testing::Contains(testing::Field(&DescribedColumn::name, name)))
          << table.name << ": " << comment;
    }
  }
}

TEST_F(DataDictionaryTest, GivesTheTypesThatValuesHave) {
  store_.Do(SweepOf(1, 1));
  store_.Do(PackOf(1, 1, {0}));
  StoreResult result = ResultOf(1, 1);
  result.trajectory = WithGroups(*result.trajectory);
  store_.Do(result);
  for (const DescribedTable& table : tables_) {
    EXPECT_NE(Row(path_, absl::StrCat("SELECT count(*) FROM ", table.name)), "0") << table.name;
    for (const DescribedColumn& column : table.columns) {
      EXPECT_THAT(Rows(path_, absl::StrCat("SELECT typeof(", column.name, ") FROM ", table.name,
                                           " WHERE typeof(", column.name,
                                           ") NOT IN ('null', lower('", column.type, "'))")),
                  IsEmpty())
          << table.name << "." << column.name;
    }
  }
}

TEST_F(DataDictionaryTest, AViewsColumnMeansWhatItShowsUnlessItSaysMore) {
  for (const DescribedTable& table : tables_) {
    for (const DescribedColumn& column : table.columns) {
      if (column.name == "width") {
        EXPECT_EQ(column.meaning, "units of a hidden layer") << table.name;
      }
      if (column.name == "max_guess_area") {
        EXPECT_EQ(column.type, "REAL");
        EXPECT_EQ(column.meaning,
                  "area under max_guess over steps by the trapezoidal rule, divided by the last "
                  "step: the mean of max_guess");
      }
    }
  }
}

}  // namespace
}  // namespace firstguess
