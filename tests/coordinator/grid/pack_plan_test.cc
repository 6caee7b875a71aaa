#include "coordinator/grid/pack_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "common/spec/shape.h"
#include "coordinator/grid/cell_set.h"
#include "coordinator/grid/cost.h"
#include "tests/coordinator/grid/random_sweep.h"

namespace firstguess {
namespace {

// Calls `check` with the plans of many small sweeps.
template <typename Check>
void ForManyPlans(const Check& check) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    check(PackPlan(RandomSweep(random)));
  }
}

std::shared_ptr<Sweep> LossesByWidths() {
  auto sweep = std::make_shared<Sweep>();
  sweep->base.dataset = "mnist";
  sweep->base.steps = 10;
  sweep->axes = {Axis("init_scale", Values({0.5, 1.0, 2.0})),
                 Axis("width", Values({int64_t{32}, int64_t{64}}))};
  sweep->pack.max_trials = 2;
  return sweep;
}

TEST(PackPlan, GoesByShapeFirstAndCutsEveryShape) {
  const PackPlan plan(LossesByWidths());
  std::vector<uint64_t> starts;
  for (uint64_t place = 0; place < plan.cells(); place = plan.PackAt(place).end()) {
    starts.push_back(plan.PackAt(place).plan_index);
  }
  EXPECT_EQ(starts, (std::vector<uint64_t>{0, 2, 3, 5}));
  // Raw cells alternate in width: the plan takes those of width 32 first.
  EXPECT_EQ(plan.CellAt(0), 0);
  EXPECT_EQ(plan.CellAt(1), 2);
  EXPECT_EQ(plan.CellAt(3), 1);
}

TEST(PackPlan, SizeIsBoundedByWorkAndByCountAndIsAtLeastOne) {
  auto sweep = LossesByWidths();
  sweep->pack.max_trials = 64;
  const TrialConfig config = Grid(sweep).ConfigAt(0);
  sweep->pack.max_flops = 2.5 * TrialFlops(config);
  EXPECT_EQ(PackPlan(sweep).PackSize(config), 2);
  sweep->pack.max_flops = 0.5 * TrialFlops(config);
  EXPECT_EQ(PackPlan(sweep).PackSize(config), 1);
  sweep->pack.max_flops = 1e300;
  EXPECT_EQ(PackPlan(sweep).PackSize(config), 64);
}

TEST(PackPlan, PlaceAndCellInvert) {
  ForManyPlans([](const PackPlan& plan) {
    for (uint64_t cell = 0; cell < plan.cells(); ++cell) {
      ASSERT_EQ(plan.CellAt(plan.PlaceOf(cell)), cell);
    }
  });
}

TEST(PackPlan, PacksPartitionTheCells) {
  ForManyPlans([](const PackPlan& plan) {
    std::set<uint64_t> seen;
    uint64_t place = 0;
    while (place < plan.cells()) {
      const PackPlan::Pack pack = plan.PackAt(place);
      ASSERT_EQ(pack.plan_index, place);
      ASSERT_GE(pack.size, 1);
      for (; place < pack.end(); ++place) ASSERT_TRUE(seen.insert(plan.CellAt(place)).second);
    }
    EXPECT_EQ(place, plan.cells());
    EXPECT_EQ(seen.size(), plan.cells());
  });
}

TEST(PackPlan, APacksTrialsShareTheirShape) {
  ForManyPlans([](const PackPlan& plan) {
    for (uint64_t place = 0; place < plan.cells();) {
      const PackPlan::Pack pack = plan.PackAt(place);
      const std::string shape = ShapeKey(plan.grid().ConfigAt(plan.CellAt(place)));
      for (; place < pack.end(); ++place) {
        ASSERT_EQ(ShapeKey(plan.grid().ConfigAt(plan.CellAt(place))), shape);
      }
    }
  });
}

TEST(PackPlan, IsTheSameFromAnyStart) {
  ForManyPlans([](const PackPlan& plan) {
    for (uint64_t start = 0; start < plan.cells(); start = plan.PackAt(start).end()) {
      const PackPlan::Pack pack = plan.PackAt(start);
      for (uint64_t place = start; place < pack.end(); ++place) {
        ASSERT_EQ(plan.PackAt(place), pack) << place;
      }
    }
  });
}

// A sweep with fewer values on some axes.
std::shared_ptr<const Sweep> Smaller(const Sweep& sweep, std::mt19937_64& random) {
  auto smaller = std::make_shared<Sweep>(sweep);
  smaller->axes.clear();
  for (const Axis& axis : sweep.axes) {
    std::vector<FieldValue> values;
    for (uint64_t i = 0; i < axis.size(); ++i) {
      if (i == 0 || random() % 3 > 0) values.push_back(axis.at(i));
    }
    smaller->axes.emplace_back(axis.field(), values);
  }
  return smaller;
}

TEST(PackPlan, OfARevisionHasEveryCellThatTheOneBeforeHasNotInFullPacks) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const auto before = Smaller(*sweep, random);
    const PackPlan plan(sweep, before.get());
    const Grid grid_before(before);
    std::set<uint64_t> planned;
    for (uint64_t place = 0; place < plan.cells();) {
      const PackPlan::Pack pack = plan.PackAt(place);
      ASSERT_EQ(pack.plan_index, place);
      const TrialConfig first = plan.grid().ConfigAt(plan.CellAt(place));
      ASSERT_EQ(pack.size, std::min(plan.PackSize(first), plan.ShapeEnd(place) - place));
      for (; place < pack.end(); ++place) {
        const uint64_t cell = plan.CellAt(place);
        ASSERT_EQ(plan.PackAt(place), pack);
        ASSERT_EQ(plan.PlaceOf(cell), place);
        ASSERT_EQ(ShapeKey(plan.grid().ConfigAt(cell)), ShapeKey(first));
        ASSERT_FALSE(grid_before.CellOf(plan.grid().ConfigAt(cell)).has_value());
        planned.insert(cell);
      }
    }
    ASSERT_EQ(planned.size(), plan.grid().cells() - CountShared(*sweep, *before));
  }
}

TEST(PackPlan, WhatALaterRevisionDropsIsPassedOverAndTheRestKeepsItsPlace) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const auto before = Smaller(*sweep, random);
    const auto later = Smaller(*sweep, random);
    const PackPlan plan(sweep, random() % 2 == 0 ? before.get() : nullptr);
    const PackPlan left = plan.Within(*later);
    const Grid grid_later(later);
    uint64_t next = left.NextLive(0);
    for (uint64_t place = 0; place < plan.cells(); ++place) {
      ASSERT_EQ(left.CellAt(place), plan.CellAt(place));
      ASSERT_EQ(left.PackAt(place), plan.PackAt(place));
      const bool live = grid_later.CellOf(plan.grid().ConfigAt(plan.CellAt(place))).has_value();
      ASSERT_EQ(left.IsLive(plan.CellAt(place)), live);
      ASSERT_EQ(place == next, live);
      if (live) next = left.NextLive(place + 1);
    }
    ASSERT_EQ(next, plan.cells());
  }
}

TEST(PackPlan, TenToTheTwelveCellsAreNeverEnumerated) {
  auto sweep = LossesByWidths();
  sweep->axes.emplace_back("seed", Axis::Range{.first = 0, .step = 1, .count = 100000});
  sweep->axes.emplace_back("data_seed", Axis::Range{.first = 0, .step = 1, .count = 1000000});
  sweep->pack.max_trials = 64;
  const PackPlan plan(sweep);
  ASSERT_EQ(plan.cells(), 600000000000u);
  for (const uint64_t place : {uint64_t{0}, uint64_t{123456789012}, uint64_t{599999999999}}) {
    const PackPlan::Pack pack = plan.PackAt(place);
    EXPECT_LE(pack.plan_index, place);
    EXPECT_GT(pack.end(), place);
    EXPECT_EQ(plan.PlaceOf(plan.CellAt(place)), place);
  }
}

}  // namespace
}  // namespace firstguess
