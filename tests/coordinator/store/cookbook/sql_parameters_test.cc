#include "coordinator/store/cookbook/sql_parameters.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(WithParameters, ReplacesNamesWhereSqlHasThem) {
  const auto replaced = [](absl::string_view sql) {
    return *WithParameters(sql, {{"a", "1"}, {"b", "'x'"}});
  };
  EXPECT_EQ(replaced("select :a, :b"), "select 1, 'x'");
  EXPECT_EQ(replaced(":a:b"), "1'x'");
  EXPECT_EQ(replaced("':a' || :a || \":b\" || `:a` || [:b] || :b"),
            "':a' || 1 || \":b\" || `:a` || [:b] || 'x'");
  EXPECT_EQ(replaced("'it''s :a' :a :b"), "'it''s :a' 1 'x'");
  EXPECT_EQ(replaced(":a -- :c\n /* :d */ :b"), "1 -- :c\n /* :d */ 'x'");
  EXPECT_EQ(replaced("a - b / c :a :b ':never closed"), "a - b / c 1 'x' ':never closed");
  EXPECT_EQ(replaced("select : , :a, :b"), "select : , 1, 'x'");
}

TEST(WithParameters, NamesWhatIsMissingOrTooMuch) {
  EXPECT_EQ(WithParameters("select :depth", {}).status().message(),
            "the query's :depth has no value");
  EXPECT_EQ(WithParameters("select 1", {{"depth", "3"}}).status().message(),
            "the query has no :depth");
}

TEST(SqlLiteral, KeepsNumbersAndQuotesTheRest) {
  EXPECT_EQ(SqlLiteral("3"), "3");
  EXPECT_EQ(SqlLiteral("-1.5e-3"), "-1.5e-3");
  for (const char* text : {"", "3 or 1", "nan", "inf", "0x1F", "1_000", "relu", "e", "--1"}) {
    EXPECT_EQ(SqlLiteral(text).front(), '\'') << text;
  }
  EXPECT_EQ(SqlLiteral("it's; drop table trial"), "'it''s; drop table trial'");
}

}  // namespace
}  // namespace firstguess
