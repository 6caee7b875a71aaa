#include "coordinator/grid/plan_totals.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <utility>

#include "common/spec/shape.h"
#include "coordinator/grid/cost.h"

namespace firstguess {
namespace {

constexpr uint64_t kMostCosts = 1000000;

// The fields that SnapshotCount, TrialFlops and TrialBytes read.
bool DecidesCost(absl::string_view field) {
  constexpr absl::string_view kFields[] = {"dataset",
                                           "model",
                                           "width",
                                           "depth",
                                           "stem",
                                           "class_subset",
                                           "batch_size",
                                           "steps",
                                           "probe_size",
                                           "points",
                                           "spacing",
                                           "groups",
                                           "confusion_steps",
                                           "sharpness_iterations",
                                           "data_classes",
                                           "data_dimension"};
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

}  // namespace

PlanTotals TotalsOf(const PackPlan& plan) {
  const Sweep& sweep = plan.grid().sweep();
  Sweep costs;
  costs.base = sweep.base;
  for (const Axis& axis : sweep.axes) {
    if (DecidesCost(axis.field())) costs.axes.push_back(axis);
  }
  const Grid grid(std::make_shared<const Sweep>(std::move(costs)));
  const uint64_t visited = std::min(grid.cells(), kMostCosts);
  const double spacing = static_cast<double>(grid.cells()) / static_cast<double>(visited);
  const double cells_per_shape = static_cast<double>(plan.cells_per_shape());

  PlanTotals one_shape_each = {.exact = visited == grid.cells()};
  for (uint64_t i = 0; i < visited; ++i) {
    const auto place = static_cast<uint64_t>(static_cast<double>(i) * spacing);
    const TrialConfig config = grid.ConfigAt(std::min(place, grid.cells() - 1));
    one_shape_each.packs += std::ceil(cells_per_shape / static_cast<double>(plan.PackSize(config)));
    one_shape_each.flops += cells_per_shape * TrialFlops(config);
    one_shape_each.bytes += cells_per_shape * TrialBytes(config);
  }
  // Shapes of one cost, times the costs that each visited one stands for.
  const double shapes = static_cast<double>(plan.cells()) / cells_per_shape;
  const double scale = shapes / static_cast<double>(visited);
  return {.packs = std::round(one_shape_each.packs * scale),
          .flops = one_shape_each.flops * scale,
          .bytes = one_shape_each.bytes * scale,
          .exact = one_shape_each.exact};
}

}  // namespace firstguess
