#include "tools/firstguess/query_hint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(QueryHint, AMisspeltColumnIsCorrectedFromTheTablesOfTheQuery) {
  EXPECT_THAT(QueryHint("no such column: widht", "SELECT widht FROM Trial"),
              AllOf(StartsWith("Did you mean 'width'? Columns of trial: trial_id, key, "),
                    HasSubstr(", width, "), Not(HasSubstr("Columns of snapshot"))));
  EXPECT_THAT(QueryHint("no such column: t.dpeth", "select t.dpeth from trial as t"),
              StartsWith("Did you mean 'depth'? "));
}

TEST(QueryHint, AColumnOfAnotherTableIsFoundThere) {
  EXPECT_THAT(QueryHint("no such column: widht", "select widht from snapshot"),
              StartsWith("Did you mean 'width', which is in trial? Columns of snapshot: "));
}

TEST(QueryHint, AColumnLikeNoOtherGetsTheList) {
  EXPECT_THAT(QueryHint("no such column: elephant", "select elephant from progress"),
              StartsWith("Columns of progress: "));
}

TEST(QueryHint, AMisspeltTableIsCorrected) {
  EXPECT_THAT(QueryHint("no such table: trails", "select * from trails"),
              AllOf(StartsWith("Did you mean 'trial'? "), HasSubstr("'firstguess schema'")));
}

TEST(QueryHint, AnythingElseLeadsToTheSchema) {
  EXPECT_THAT(QueryHint("near \"form\": syntax error", "select * form trial"),
              StartsWith("'firstguess schema'"));
  EXPECT_THAT(QueryHint("no such column: x", "select x"), StartsWith("'firstguess schema'"));
}

}  // namespace
}  // namespace firstguess
