#include "coordinator/grid/plan_totals.h"

#include <cmath>

#include "coordinator/grid/cost.h"

namespace firstguess {
namespace {

constexpr uint64_t kMostVisited = 20'000;

// Adds the places of one shape, each `weight` times.
void AddShape(const PackPlan& plan, uint64_t place, double places, double weight,
              PlanTotals* totals) {
  const TrialConfig config = plan.grid().ConfigAt(plan.CellAt(place));
  totals->packs += weight * static_cast<double>(plan.PacksOfShape(place));
  totals->flops += weight * places * TrialFlops(config);
  totals->bytes += weight * places * TrialBytes(config);
}

PlanTotals EstimateTotals(const PackPlan& plan) {
  PlanTotals totals = {.exact = false};
  const double spacing = static_cast<double>(plan.cells()) / static_cast<double>(kMostVisited);
  for (uint64_t i = 0; i < kMostVisited; ++i) {
    const auto place = static_cast<uint64_t>(static_cast<double>(i) * spacing);
    const uint64_t begin = plan.ShapeBegin(place);
    const auto places = static_cast<double>(plan.ShapeEnd(place) - begin);
    AddShape(plan, begin, places, spacing / places, &totals);
  }
  totals.packs = std::round(totals.packs);
  return totals;
}

}  // namespace

PlanTotals TotalsOf(const PackPlan& plan) {
  PlanTotals totals;
  uint64_t shapes = 0;
  for (uint64_t place = 0; place < plan.cells();) {
    if (++shapes > kMostVisited) return EstimateTotals(plan);
    const uint64_t end = plan.ShapeEnd(place);
    AddShape(plan, place, static_cast<double>(end - place), 1, &totals);
    place = end;
  }
  return totals;
}

}  // namespace firstguess
