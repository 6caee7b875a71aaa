#include "coordinator/grid/pack_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "common/spec/shape.h"
#include "coordinator/grid/cost.h"
#include "tests/coordinator/grid/random_sweep.h"

namespace firstguess {
namespace {

// Calls `check` with the plans of many small sweeps.
template <typename Check>
void ForManyPlans(const Check& check) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = std::make_shared<Sweep>(*RandomSweep(random));
    check(PlanOf(sweep));
    // With a taper: packs that are worth to be cut.
    sweep->pack.max_trials = 16;
    sweep->pack.max_flops = 16 * TrialFlops(Grid(sweep).ConfigAt(0));
    check(PlanOf(sweep));
  }
}

std::shared_ptr<Sweep> LossesByWidths() {
  auto sweep = SweepOf({Axis("init_scale", Values({0.5, 1.0, 2.0})),
                        Axis("width", Values({int64_t{32}, int64_t{64}}))});
  sweep->pack.max_trials = 2;
  return sweep;
}

TEST(PackPlan, GoesByShapeFirstAndCutsEveryShape) {
  const PackPlan plan = PlanOf(LossesByWidths());
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
  sweep->grids.front().axes.emplace_back("seed", Column::Range{.count = 100'000});
  sweep->pack.max_trials = 64;
  const TrialConfig config = Grid(sweep).ConfigAt(0);
  sweep->pack.max_flops = 2.5 * TrialFlops(config);
  EXPECT_EQ(PlanOf(sweep).PackAt(0).size, 2);
  sweep->pack.max_flops = 0.5 * TrialFlops(config);
  EXPECT_EQ(PlanOf(sweep).PackAt(0).size, 1);
  sweep->pack.max_flops = 1e300;
  EXPECT_EQ(PlanOf(sweep).PackAt(0).size, 64);
}

TEST(PackPlan, TapersTowardsItsEnd) {
  auto sweep =
      SweepOf({Axis("width", Values({int64_t{32}})), Axis("seed", Column::Range{.count = 10'000})});
  sweep->pack.max_trials = 64;
  sweep->pack.max_flops = 64 * TrialFlops(Grid(sweep).ConfigAt(0));
  const PackPlan plan = PlanOf(sweep);
  std::vector<uint64_t> sizes;  // without repetitions
  for (uint64_t place = 0; place < plan.cells(); place = plan.PackAt(place).end()) {
    const uint64_t size = plan.PackAt(place).size;
    if (sizes.empty() || sizes.back() != size) sizes.push_back(size);
  }
  EXPECT_EQ(sizes, (std::vector<uint64_t>{64, 32, 16, 8}));
  EXPECT_EQ(plan.PackAt(10'000 - 64 * 64 - 64).size, 64);
}

TEST(PackPlan, ShortPacksAreNotCut) {
  auto sweep =
      SweepOf({Axis("width", Values({int64_t{32}})), Axis("seed", Column::Range{.count = 1000})});
  sweep->pack.max_trials = 64;
  sweep->pack.max_flops = 1024 * TrialFlops(Grid(sweep).ConfigAt(0));
  EXPECT_EQ(PlanOf(sweep).PackAt(640).size, 64);
}

TEST(PackPlan, OfEarlierRulesHasNoTaper) {
  auto sweep =
      SweepOf({Axis("width", Values({int64_t{32}})), Axis("seed", Column::Range{.count = 200})});
  sweep->pack.max_trials = 64;
  sweep->pack.max_flops = 64 * TrialFlops(Grid(sweep).ConfigAt(0));
  const auto plan = PackPlan::Make(sweep, nullptr, PackPlan::Rules::kEqual);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->PackAt(199), (PackPlan::Pack{.plan_index = 192, .size = 8}));
  EXPECT_EQ(plan->PacksOfShape(0), 4);
  EXPECT_EQ(PlanOf(sweep).PackAt(199), (PackPlan::Pack{.plan_index = 192, .size = 8}));
  EXPECT_EQ(PlanOf(sweep).PackAt(0).size, 8);
}

TEST(PackPlan, PlaceAndCellInvert) {
  ForManyPlans([](const PackPlan& plan) {
    for (uint64_t place = 0; place < plan.cells(); ++place) {
      ASSERT_EQ(plan.PlaceOf(plan.CellAt(place)), place);
      ASSERT_LE(plan.ShapeBegin(place), place);
      ASSERT_GT(plan.ShapeEnd(place), place);
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

std::string ConfigAt(const PackPlan& plan, uint64_t place) {
  return CanonicalJson(plan.grid().ConfigAt(plan.CellAt(place)));
}

TEST(PackPlan, HasEveryCellOfTheSweepOnceAndNoOther) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const PackPlan plan = PlanOf(sweep);
    std::set<std::string> planned;
    for (uint64_t place = 0; place < plan.cells(); ++place) {
      ASSERT_TRUE(planned.insert(ConfigAt(plan, place)).second) << place;
    }
    ASSERT_EQ(planned, CellsOf(sweep));
    ASSERT_EQ(plan.sweep_cells(), planned.size());
  }
}

TEST(PackPlan, OfARevisionHasEveryCellThatTheOneBeforeHasNot) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const auto before = Edited(*sweep, random);
    const PackPlan plan_before = PlanOf(before);
    const PackPlan plan = PlanOf(sweep, &plan_before);
    std::set<std::string> planned;
    for (uint64_t place = 0; place < plan.cells();) {
      const PackPlan::Pack pack = plan.PackAt(place);
      ASSERT_EQ(pack.plan_index, place);
      const TrialConfig first = plan.grid().ConfigAt(plan.CellAt(place));
      ASSERT_LE(pack.end(), plan.ShapeEnd(place));
      for (; place < pack.end(); ++place) {
        const uint64_t cell = plan.CellAt(place);
        ASSERT_EQ(plan.PackAt(place), pack);
        ASSERT_EQ(plan.PlaceOf(cell), place);
        ASSERT_EQ(ShapeKey(plan.grid().ConfigAt(cell)), ShapeKey(first));
        ASSERT_TRUE(planned.insert(ConfigAt(plan, place)).second);
      }
    }
    std::set<std::string> added;
    const std::set<std::string> there = CellsOf(before);
    for (const std::string& cell : CellsOf(sweep)) {
      if (!there.contains(cell)) added.insert(cell);
    }
    ASSERT_EQ(planned, added);
    ASSERT_EQ(plan.sweep_cells(), CellsOf(sweep).size());
  }
}

TEST(PackPlan, WhatLaterRevisionsDropIsPassedOverAndTheRestKeepsItsPlace) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = RandomSweep(random);
    const PackPlan before = PlanOf(Edited(*sweep, random));
    const PackPlan plan = PlanOf(sweep, random() % 2 == 0 ? &before : nullptr);
    PackPlan left = plan;
    std::vector<std::set<std::string>> laters;
    for (uint64_t revisions = 1 + random() % 2; revisions > 0; --revisions) {
      const auto later = Edited(*sweep, random);
      laters.push_back(CellsOf(later));
      left = *left.Within(PlanOf(later));
    }
    uint64_t next = left.NextLive(0);
    for (uint64_t place = 0; place < plan.cells(); ++place) {
      ASSERT_EQ(left.CellAt(place), plan.CellAt(place));
      ASSERT_EQ(left.PackAt(place), plan.PackAt(place));
      const std::string config = ConfigAt(plan, place);
      const bool live = std::all_of(laters.begin(), laters.end(),
                                    [&](const auto& later) { return later.contains(config); });
      ASSERT_EQ(left.IsLive(plan.CellAt(place)), live);
      ASSERT_EQ(place == next, live);
      if (live) next = left.NextLive(place + 1);
    }
    ASSERT_EQ(next, plan.cells());
  }
}

TEST(PackPlan, ALongerRangeOfSeedsIsComparedAsARange) {
  const auto sweep = SweepOf({Axis("width", Values({int64_t{32}, int64_t{64}})),
                              Axis("seed", Column::Range{.count = 100'000'000'000})});
  const auto longer = SweepOf({Axis("width", Values({int64_t{32}, int64_t{48}, int64_t{64}})),
                               Axis("seed", Column::Range{.count = 300'000'000'000})});
  const PackPlan before = PlanOf(sweep);
  const PackPlan plan = PlanOf(longer, &before);
  EXPECT_EQ(plan.sweep_cells(), 900'000'000'000);
  EXPECT_EQ(plan.cells(), 700'000'000'000);
  EXPECT_EQ(plan.grid().ConfigAt(plan.CellAt(0)).seed, 100'000'000'000);
  EXPECT_EQ(before.Within(plan)->NextLive(5), 5);
}

TEST(PackPlan, WhatCannotBeCountedIsRefused) {
  const auto sweep = SweepOf({Axis("seed", Column::Range{.count = 10'000'000}),
                              Axis("width", Values({int64_t{32}, int64_t{64}}))});
  const auto odd = SweepOf({Axis("seed", Column::Range{.step = 2, .count = 5'000'000}),
                            Axis("width", Values({int64_t{32}}))});
  const PackPlan before = PlanOf(odd);
  const auto plan = PackPlan::Make(sweep, &before);
  EXPECT_TRUE(absl::IsInvalidArgument(plan.status()));
  EXPECT_EQ(PlanOf(sweep).cells(), 20'000'000);
}

TEST(PackPlan, OfNoCellIsRefused) {
  const auto sweep = SweepOf({Axis("width", Values({int64_t{32}, int64_t{64}}))});
  sweep->excludes.push_back({.columns = {Column("width", Values({int64_t{32}, int64_t{64}}))}});
  EXPECT_EQ(PackPlan::Make(sweep).status().message(), "`exclude` leaves no cell of `grid`");
}

TEST(PackPlan, TenToTheTwelveCellsAreNeverEnumerated) {
  auto sweep = LossesByWidths();
  auto& axes = sweep->grids.front().axes;
  axes.emplace_back("seed", Column::Range{.first = 0, .step = 1, .count = 100000});
  axes.emplace_back("data_seed", Column::Range{.first = 0, .step = 1, .count = 1000000});
  sweep->pack.max_trials = 64;
  const PackPlan plan = PlanOf(sweep);
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
