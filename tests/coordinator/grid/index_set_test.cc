#include "coordinator/grid/index_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace firstguess {
namespace {

Column::Range DrawRange(std::mt19937_64& random) {
  return {.first = static_cast<int64_t>(random() % 20) - 5,
          .step = static_cast<int64_t>(1 + random() % 6),
          .count = 1 + random() % 12};
}

std::set<int64_t> ValuesOf(const Column::Range& range) {
  std::set<int64_t> values;
  for (uint64_t i = 0; i < range.count; ++i) {
    values.insert(range.first + static_cast<int64_t>(i) * range.step);
  }
  return values;
}

TEST(IndexSet, RangesIntersectAsTheirValuesDo) {
  for (uint64_t seed = 0; seed < 5000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Column::Range left = DrawRange(random);
    const Column::Range right = DrawRange(random);
    std::set<int64_t> both;
    for (const int64_t value : ValuesOf(left)) {
      if (ValuesOf(right).contains(value)) both.insert(value);
    }
    ASSERT_EQ(ValuesOf(Intersect(left, right)), both);
  }
}

TEST(IndexSet, HugeRangesIntersectWithoutOverflow) {
  const Column::Range odd = {.first = 1, .step = 4503599627370449, .count = 2};
  const Column::Range even = {.first = 0, .step = 4503599627370450, .count = 2};
  EXPECT_EQ(Intersect(odd, even).count, 1);
  EXPECT_EQ(Intersect(odd, even).first, 4503599627370450);
}

}  // namespace
}  // namespace firstguess
