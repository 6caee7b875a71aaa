#include "coordinator/grid/grid.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/coordinator/grid/random_sweep.h"

namespace firstguess {
namespace {

TEST(Grid, LastAxisVariesFastest) {
  auto sweep = std::make_shared<Sweep>();
  sweep->axes = {Axis("width", Values({int64_t{32}, int64_t{64}})),
                 Axis("seed", Axis::Range{.first = 0, .step = 1, .count = 3})};
  const Grid grid(sweep);
  ASSERT_EQ(grid.cells(), 6);
  EXPECT_EQ(grid.ConfigAt(4).width, 64);
  EXPECT_EQ(grid.ConfigAt(4).seed, 1);
}

TEST(Grid, WithoutAxesIsOneCell) {
  auto sweep = std::make_shared<Sweep>();
  sweep->base.width = 17;
  const Grid grid(sweep);
  ASSERT_EQ(grid.cells(), 1);
  EXPECT_EQ(grid.ConfigAt(0).width, 17);
}

TEST(Grid, CellAndConfigurationInvertAndNoCellRepeats) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Grid grid(RandomSweep(random));
    std::set<std::string> seen;
    for (uint64_t cell = 0; cell < grid.cells(); ++cell) {
      const TrialConfig config = grid.ConfigAt(cell);
      ASSERT_EQ(grid.CellOf(config), cell);
      ASSERT_TRUE(seen.insert(CanonicalJson(config)).second) << cell;
    }
  }
}

TEST(Grid, AConfigurationThatDiffersOnOrOffTheAxesIsNoCell) {
  auto sweep = std::make_shared<Sweep>();
  sweep->axes = {Axis("width", Values({int64_t{32}, int64_t{64}}))};
  const Grid grid(sweep);
  TrialConfig config = grid.ConfigAt(1);
  config.width = 33;
  EXPECT_EQ(grid.CellOf(config), std::nullopt);
  config = grid.ConfigAt(1);
  config.batch_size += 1;
  EXPECT_EQ(grid.CellOf(config), std::nullopt);
}

TEST(Grid, TenToTheTwelveCellsAreNeverEnumerated) {
  auto sweep = std::make_shared<Sweep>();
  sweep->axes = {Axis("seed", Axis::Range{.first = 0, .step = 7, .count = 1000000}),
                 Axis("data_seed", Axis::Range{.first = 3, .step = 1, .count = 1000000})};
  const Grid grid(sweep);
  ASSERT_EQ(grid.cells(), 1000000000000u);
  for (const uint64_t cell : {uint64_t{0}, uint64_t{123456789012}, uint64_t{999999999999}}) {
    EXPECT_EQ(grid.CellOf(grid.ConfigAt(cell)), cell);
  }
  EXPECT_EQ(grid.ConfigAt(123456789012).seed, 7 * 123456);
  EXPECT_EQ(grid.ConfigAt(123456789012).data_seed, 3 + 789012);
}

}  // namespace
}  // namespace firstguess
