#include "coordinator/grid/cell_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "coordinator/grid/grid.h"
#include "tests/coordinator/grid/random_sweep.h"

namespace firstguess {
namespace {

Axis::Range DrawRange(std::mt19937_64& random) {
  return {.first = static_cast<int64_t>(random() % 20) - 5,
          .step = static_cast<int64_t>(1 + random() % 6),
          .count = 1 + random() % 12};
}

std::set<int64_t> ValuesOf(const Axis::Range& range) {
  std::set<int64_t> values;
  for (uint64_t i = 0; i < range.count; ++i) {
    values.insert(range.first + static_cast<int64_t>(i) * range.step);
  }
  return values;
}

TEST(CellSet, RangesIntersectAsTheirValuesDo) {
  for (uint64_t seed = 0; seed < 5000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Axis::Range left = DrawRange(random);
    const Axis::Range right = DrawRange(random);
    std::set<int64_t> both;
    for (const int64_t value : ValuesOf(left)) {
      if (ValuesOf(right).contains(value)) both.insert(value);
    }
    ASSERT_EQ(ValuesOf(Intersect(left, right)), both);
  }
}

TEST(CellSet, HugeRangesIntersectWithoutOverflow) {
  const Axis::Range odd = {.first = 1, .step = 4503599627370449, .count = 2};
  const Axis::Range even = {.first = 0, .step = 4503599627370450, .count = 2};
  EXPECT_EQ(Intersect(odd, even).count, 1);
  EXPECT_EQ(Intersect(odd, even).first, 4503599627370450);
}

// A sweep like `sweep` with some axes cut, moved to the base, or gone.
std::shared_ptr<const Sweep> Edited(const Sweep& sweep, std::mt19937_64& random) {
  auto edited = std::make_shared<Sweep>(sweep);
  edited->axes.clear();
  for (const Axis& axis : sweep.axes) {
    std::vector<FieldValue> values;
    for (uint64_t i = 0; i < axis.size(); ++i) {
      if (random() % 3 > 0) values.push_back(axis.at(i));
    }
    std::shuffle(values.begin(), values.end(), random);
    if (values.empty()) continue;
    if (values.size() == 1 && random() % 2 == 0) {
      SetField(edited->base, *FindField(axis.field()), values[0]).IgnoreError();
    } else {
      edited->axes.emplace_back(axis.field(), values);
    }
  }
  std::shuffle(edited->axes.begin(), edited->axes.end(), random);
  return edited;
}

TEST(CellSet, SharedCellsAreThoseThatBothGridsHave) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const auto other = Edited(*sweep, random);
    const Grid grid(sweep);
    const Grid others(other);
    uint64_t shared = 0;
    for (uint64_t cell = 0; cell < grid.cells(); ++cell) {
      if (others.CellOf(grid.ConfigAt(cell)).has_value()) ++shared;
    }
    ASSERT_EQ(CountShared(*sweep, *other), shared);
    ASSERT_EQ(CountShared(*other, *sweep), shared);
  }
}

IndexSet DrawIndices(uint64_t size, std::mt19937_64& random) {
  if (random() % 3 == 0) return IndexSet::All(size);
  if (random() % 2 == 0) {
    const uint64_t first = random() % size;
    const uint64_t step = 1 + random() % 3;
    return IndexSet(IndexSet::Steps{.first = static_cast<int64_t>(first),
                                    .step = static_cast<int64_t>(step),
                                    .count = (size - first + step - 1) / step});
  }
  std::vector<uint64_t> listed;
  for (uint64_t i = 0; i < size; ++i) {
    if (random() % 2 == 0) listed.push_back(i);
  }
  return IndexSet(listed);
}

TEST(CellSet, RankAndDigitsInvertAndLeaveNothingOut) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const size_t axes = random() % 4;
    std::vector<uint64_t> sizes(axes);
    CellBox kept(axes);
    CellBox without(axes);
    uint64_t all = 1;
    for (size_t i = 0; i < axes; ++i) {
      sizes[i] = 1 + random() % 6;
      all *= sizes[i];
      kept[i] = DrawIndices(sizes[i], random);
      without[i] = DrawIndices(sizes[i], random);
    }
    const bool takes_away = axes > 0 && random() % 4 > 0;
    const CellSet set(kept, takes_away ? std::optional(without) : std::nullopt);
    uint64_t rank = 0;
    for (uint64_t cell = 0; cell < all; ++cell) {
      Digits digits = {};
      uint64_t rest = cell;
      for (size_t i = axes; i > 0; --i) {
        digits[i - 1] = rest % sizes[i - 1];
        rest /= sizes[i - 1];
      }
      bool in_kept = true;
      bool in_without = takes_away;
      for (size_t i = 0; i < axes; ++i) {
        in_kept = in_kept && kept[i].Contains(digits[i]);
        in_without = in_without && without[i].Contains(digits[i]);
      }
      ASSERT_EQ(set.CountBefore(digits), rank);
      ASSERT_EQ(set.Contains(digits), in_kept && !in_without);
      if (!set.Contains(digits)) continue;
      ASSERT_EQ(set.at(rank), digits);
      ++rank;
    }
    ASSERT_EQ(set.size(), rank);
  }
}

}  // namespace
}  // namespace firstguess
