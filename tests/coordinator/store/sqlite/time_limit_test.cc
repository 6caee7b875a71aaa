#include "coordinator/store/sqlite/time_limit.h"

#include <gtest/gtest.h>

#include "coordinator/store/sqlite/error.h"

namespace firstguess::sqlite {
namespace {

// Would count for ever.
constexpr char kCountsForEver[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST(TimeLimit, EndsAStatementThatIsAtWorkAndNoLaterOne) {
  const auto database = Database::Open(":memory:", Database::Mode::kCreate);
  ASSERT_TRUE(database.ok());
  {
    const TimeLimit limit(database->get(), absl::Milliseconds(20));
    EXPECT_EQ(ClassOf((*database)->QueryInteger(kCountsForEver).status()),
              ErrorClass::kInterrupted);
  }
  const absl::StatusOr<int64_t> later = (*database)->QueryInteger(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)"
      " SELECT count(*) FROM n");
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(*later, 100'000);
}

}  // namespace
}  // namespace firstguess::sqlite
