#include "coordinator/grid/sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "coordinator/grid/sobol.h"
#include "tests/coordinator/grid/random_sweep.h"
#include "tests/coordinator/grid/sample_values.h"

namespace firstguess {
namespace {

using Method = Sample::Method;

std::vector<uint64_t> Drawn(const Sweep& sweep) {
  const absl::StatusOr<std::vector<uint64_t>> cells =
      DrawCells(Grid(std::make_shared<const Sweep>(sweep)));
  EXPECT_TRUE(cells.ok()) << cells.status();
  return *cells;
}

std::vector<uint64_t> Ascending(const std::vector<uint64_t>& cells) {
  const std::set<uint64_t> sorted(cells.begin(), cells.end());
  return {sorted.begin(), sorted.end()};
}

// As many as differ among the first `draws`.
Sweep Sampled(Sweep sweep, const std::vector<uint64_t>& draws, Method method, int64_t seed) {
  sweep.sample = {
      .count = static_cast<int64_t>(Ascending(draws).size()), .method = method, .seed = seed};
  return sweep;
}

TEST(Sample, RandomDrawsAreThoseOfTheHash) {
  const auto thousand = SweepOf({Axis("seed", Column::Range{.count = 1000})});
  EXPECT_EQ(Drawn(Sampled(*thousand, kRandomOfThousand, Method::kRandom, 7)),
            Ascending(kRandomOfThousand));
  const auto trillion = SweepOf({Axis("seed", Column::Range{.count = 999999999989})});
  EXPECT_EQ(Drawn(Sampled(*trillion, kRandomOfTrillion, Method::kRandom, 7)),
            Ascending(kRandomOfTrillion));
}

TEST(Sobol, PointsAreThoseOfJoeAndKuo) {
  SobolSequence sequence(32);
  EXPECT_EQ(sequence.point(), std::vector<uint32_t>(32, 0));
  size_t next = 0;
  for (int i = 1; i <= 1000; ++i) {
    sequence.Next();
    if (i == 1 || i == 2 || i == 63 || i == 1000) {
      EXPECT_EQ(sequence.point(), kSobolPoints[next++]) << i;
    }
  }
}

TEST(Sample, SobolDrawsAreShiftedPoints) {
  std::vector<Axis> axes;
  axes.emplace_back("width", Column::Range{.first = 1, .count = 5});
  axes.emplace_back("depth", Column::Range{.first = 1, .count = 7});
  axes.emplace_back("init_scale", Values({0.5, 1.0, 2.0, 4.0}));
  axes.emplace_back("seed", Column::Range{.count = 1000});
  EXPECT_EQ(Drawn(Sampled(*SweepOf(axes), kSobolCells, Method::kSobol, 3)), Ascending(kSobolCells));
}

TEST(Sample, ALargerCountKeepsEarlierDraws) {
  for (const Method method : {Method::kRandom, Method::kSobol}) {
    const auto sweep = SweepOf({Axis("seed", Column::Range{.count = 300}),
                                Axis("width", Column::Range{.first = 1, .count = 3})});
    std::vector<uint64_t> earlier;
    for (const int64_t count : {1, 10, 100, 500, 900}) {
      sweep->sample = {.count = count, .method = method, .seed = 1};
      const std::vector<uint64_t> cells = Drawn(*sweep);
      EXPECT_EQ(cells.size(), count);
      EXPECT_TRUE(std::includes(cells.begin(), cells.end(), earlier.begin(), earlier.end()));
      earlier = cells;
    }
  }
}

TEST(Sample, ExcludedCellsAndThoseOfAnEarlierGridGiveTheirTurnToTheNext) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    if (!sweep->sample.has_value()) continue;
    const Grid grid(sweep);
    const std::vector<uint64_t> cells = Drawn(*sweep);
    EXPECT_EQ(cells.size(), sweep->sample->count);
    for (const uint64_t cell : cells) {
      EXPECT_FALSE(IsExcluded(*sweep, grid.ConfigAt(cell)));
      EXPECT_EQ(grid.CellOf(grid.ConfigAt(cell)), cell);
    }
  }
}

TEST(Sample, OfMoreThanExcludesLeaveIsRefused) {
  const auto sweep = SweepOf({Axis("seed", Column::Range{.count = 10})});
  sweep->excludes.push_back({.columns = {Column("seed", Column::Range{.count = 5})}});
  sweep->sample = {.count = 6};
  const auto cells = DrawCells(Grid(sweep));
  EXPECT_TRUE(absl::IsInvalidArgument(cells.status()));
  EXPECT_EQ(cells.status().message(),
            "`sample` found 5 of 6 cells in 10144 draws: ask for fewer, or leave `sample` out to "
            "have all");
}

}  // namespace
}  // namespace firstguess
