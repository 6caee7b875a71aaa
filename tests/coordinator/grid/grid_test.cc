#include "coordinator/grid/grid.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/coordinator/grid/random_sweep.h"

namespace firstguess {
namespace {

TEST(Grid, LastAxisVariesFastest) {
  const Grid grid(SweepOf({Axis("width", Values({int64_t{32}, int64_t{64}})),
                           Axis("seed", Column::Range{.first = 0, .step = 1, .count = 3})}));
  ASSERT_EQ(grid.cells(), 6);
  EXPECT_EQ(grid.ConfigAt(4).width, 64);
  EXPECT_EQ(grid.ConfigAt(4).seed, 1);
}

TEST(Grid, WithoutAxesIsOneCell) {
  const auto sweep = SweepOf({});
  sweep->base.width = 17;
  const Grid grid(sweep);
  ASSERT_EQ(grid.cells(), 1);
  EXPECT_EQ(grid.ConfigAt(0).width, 17);
}

TEST(Grid, ZippedFieldsRunTogether) {
  const Grid grid(SweepOf({Axis({Column("width", Values({int64_t{32}, int64_t{32}, int64_t{64}})),
                                 Column("learning_rate", Values({0.1, 0.2, 0.1}))}),
                           Axis("seed", Column::Range{.first = 0, .step = 1, .count = 2})}));
  ASSERT_EQ(grid.cells(), 6);
  EXPECT_EQ(grid.ConfigAt(3).width, 32);
  EXPECT_EQ(grid.ConfigAt(3).learning_rate, 0.2);
  EXPECT_EQ(grid.ConfigAt(3).seed, 1);
  TrialConfig config = grid.ConfigAt(4);
  EXPECT_EQ(grid.CellOf(config), 4);
  config.learning_rate = 0.2;  // not beside width 64
  EXPECT_EQ(grid.CellOf(config), std::nullopt);
}

TEST(Grid, GridsFollowEachOtherAndACellOfTwoIsThatOfTheFirst) {
  const auto sweep = SweepOf({Axis("width", Values({int64_t{32}, int64_t{64}}))});
  sweep->grids.push_back({.axes = {Axis("depth", Values({int64_t{3}, int64_t{5}}))}});
  const Grid grid(sweep);  // off the axes: width 64 and depth 3
  ASSERT_EQ(grid.cells(), 4);
  EXPECT_EQ(grid.ConfigAt(3).depth, 5);
  EXPECT_EQ(grid.ConfigAt(3).width, 64);
  EXPECT_EQ(grid.CellOf(grid.ConfigAt(3)), 3);
  EXPECT_EQ(grid.CellOf(grid.ConfigAt(2)), 1);
  EXPECT_EQ(grid.CellIn(1, grid.ConfigAt(2)), 2);
}

TEST(Grid, CellAndConfigurationInvertAndNoCellOfOneGridRepeats) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const Grid grid(sweep);
    uint64_t cell = 0;
    for (size_t part = 0; part < sweep->grids.size(); ++part) {
      ASSERT_EQ(grid.first_cell(part), cell);
      std::set<std::string> seen;
      for (const uint64_t end = cell + sweep->grids[part].cells(); cell < end; ++cell) {
        const TrialConfig config = grid.ConfigAt(cell);
        ASSERT_EQ(grid.CellIn(part, config), cell);
        ASSERT_LE(grid.CellOf(config), cell);
        ASSERT_TRUE(seen.insert(CanonicalJson(config)).second) << cell;
      }
    }
    ASSERT_EQ(cell, grid.cells());
  }
}

TEST(Grid, AConfigurationThatDiffersOnOrOffTheAxesIsNoCell) {
  const Grid grid(SweepOf({Axis("width", Values({int64_t{32}, int64_t{64}}))}));
  TrialConfig config = grid.ConfigAt(1);
  config.width = 33;
  EXPECT_EQ(grid.CellOf(config), std::nullopt);
  config = grid.ConfigAt(1);
  config.batch_size += 1;
  EXPECT_EQ(grid.CellOf(config), std::nullopt);
}

TEST(Grid, TenToTheTwelveCellsAreNeverEnumerated) {
  const Grid grid(
      SweepOf({Axis("seed", Column::Range{.first = 0, .step = 7, .count = 1000000}),
               Axis("data_seed", Column::Range{.first = 3, .step = 1, .count = 1000000})}));
  ASSERT_EQ(grid.cells(), 1000000000000u);
  for (const uint64_t cell : {uint64_t{0}, uint64_t{123456789012}, uint64_t{999999999999}}) {
    EXPECT_EQ(grid.CellOf(grid.ConfigAt(cell)), cell);
  }
  EXPECT_EQ(grid.ConfigAt(123456789012).seed, 7 * 123456);
  EXPECT_EQ(grid.ConfigAt(123456789012).data_seed, 3 + 789012);
}

}  // namespace
}  // namespace firstguess
