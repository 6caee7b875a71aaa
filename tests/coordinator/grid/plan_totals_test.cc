#include "coordinator/grid/plan_totals.h"

#include <gtest/gtest.h>

#include "coordinator/grid/cost.h"
#include "tests/coordinator/grid/random_sweep.h"

namespace firstguess {
namespace {

TEST(PlanTotals, AreTheSumsOverThePlan) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto sweep = std::make_shared<Sweep>(*RandomSweep(random));
    if (seed % 2 == 1) sweep->pack = {16, 16 * TrialFlops(Grid(sweep).ConfigAt(0))};  // a taper
    const PackPlan plan = PlanOf(sweep);
    PlanTotals sums;
    for (uint64_t place = 0; place < plan.cells();) {
      const PackPlan::Pack pack = plan.PackAt(place);
      sums.packs += 1;
      for (; place < pack.end(); ++place) {
        const TrialConfig config = plan.grid().ConfigAt(plan.CellAt(place));
        sums.flops += TrialFlops(config);
        sums.bytes += TrialBytes(config);
      }
    }
    const PlanTotals totals = TotalsOf(plan);
    EXPECT_TRUE(totals.exact);
    EXPECT_EQ(totals.packs, sums.packs);
    EXPECT_NEAR(totals.flops, sums.flops, 1e-9 * sums.flops);
    EXPECT_NEAR(totals.bytes, sums.bytes, 1e-9 * sums.bytes);
  }
}

TEST(PlanTotals, SeedsOnlyMultiply) {
  const auto sweep = SweepOf({Axis("seed", Column::Range{.count = 1'000'000}),
                              Axis("data_seed", Column::Range{.count = 20'000})});
  sweep->pack = {64, 1e300};  // nothing is worth a taper
  const PlanTotals totals = TotalsOf(PlanOf(sweep));
  EXPECT_TRUE(totals.exact);
  EXPECT_EQ(totals.packs, 2e4 * 15625);
}

TEST(PlanTotals, OfTooManyShapesAreEstimatedAndSaySo) {
  const auto sweep = SweepOf({Axis("width", Column::Range{.first = 1, .count = 1100}),
                              Axis("steps", Column::Range{.first = 1, .count = 1000})});
  const PlanTotals totals = TotalsOf(PlanOf(sweep));
  EXPECT_FALSE(totals.exact);
  EXPECT_EQ(totals.packs, 1100000);
  EXPECT_GT(totals.flops, 0);
}

}  // namespace
}  // namespace firstguess
