#include "coordinator/grid/cell_set.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>

namespace firstguess {
namespace {

// An axis of up to six values, cut anywhere.
std::vector<uint64_t> DrawBounds(std::mt19937_64& random) {
  std::vector<uint64_t> bounds = {0};
  const uint64_t size = 1 + random() % 6;
  for (uint64_t i = 1; i < size; ++i) {
    if (random() % 2 == 0) bounds.push_back(i);
  }
  bounds.push_back(size);
  return bounds;
}

struct DrawnSet {
  CellSet set = CellSet(std::vector<uint64_t>());
  std::vector<uint64_t> positions;  // in it
  uint64_t end = 1;                 // of all positions
};

// Combinations of runs, less some; the positions found one by one.
DrawnSet DrawSet(std::mt19937_64& random) {
  std::vector<std::vector<uint64_t>> bounds(random() % 4);
  uint64_t combinations = 1;
  DrawnSet drawn;
  for (std::vector<uint64_t>& axis : bounds) {
    axis = DrawBounds(random);
    combinations *= axis.size() - 1;
    drawn.end *= axis.back();
  }
  std::vector<bool> kept(combinations);
  for (uint64_t c = 0; c < combinations; ++c) kept[c] = random() % 2 == 0;
  std::vector<uint64_t> removed;
  for (uint64_t position = 0; position < drawn.end; ++position) {
    uint64_t combination = 0;
    uint64_t stride = 1;
    uint64_t rest = position;
    for (size_t i = bounds.size(); i > 0; --i) {
      const std::vector<uint64_t>& axis = bounds[i - 1];
      const uint64_t value = rest % axis.back();
      rest /= axis.back();
      uint64_t run = 0;
      while (axis[run + 1] <= value) ++run;
      combination += run * stride;
      stride *= axis.size() - 1;
    }
    if (!kept[combination]) continue;
    if (random() % 8 == 0) {
      removed.push_back(position);
    } else {
      drawn.positions.push_back(position);
    }
  }
  drawn.set = random() % 3 == 0
                  ? CellSet(drawn.positions)
                  : CellSet(std::make_shared<const RunProduct>(std::move(bounds), kept), removed);
  return drawn;
}

TEST(CellSet, RankAndPositionInvertAndLeaveNothingOut) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const DrawnSet drawn = DrawSet(random);
    ASSERT_EQ(drawn.set.size(), drawn.positions.size());
    uint64_t rank = 0;
    for (uint64_t position = 0; position < drawn.end; ++position) {
      ASSERT_EQ(drawn.set.CountBefore(position), rank);
      const bool is_in = rank < drawn.positions.size() && drawn.positions[rank] == position;
      ASSERT_EQ(drawn.set.Contains(position), is_in) << position;
      if (!is_in) continue;
      ASSERT_EQ(drawn.set.at(rank), position);
      ++rank;
    }
    ASSERT_EQ(drawn.set.CountBefore(drawn.end), drawn.set.size());
  }
}

}  // namespace
}  // namespace firstguess
