#include "coordinator/grid/pack_plan.h"

#include <algorithm>
#include <utility>

#include "coordinator/grid/cost.h"
#include "coordinator/grid/shape.h"

namespace firstguess {

PackPlan::PackPlan(std::shared_ptr<const Sweep> sweep) : grid_(std::move(sweep)) {
  const std::vector<Axis>& axes = grid_.sweep().axes;
  axes_.resize(axes.size());
  uint64_t cell_stride = 1;
  for (size_t i = axes.size(); i > 0; --i) {
    axes_[i - 1] = {.size = axes[i - 1].size(), .cell_stride = cell_stride};
    cell_stride *= axes[i - 1].size();
  }
  uint64_t place_stride = 1;
  for (const bool shape : {false, true}) {
    if (shape) cells_per_shape_ = place_stride;
    for (size_t i = axes.size(); i > 0; --i) {
      if (IsShapeField(axes[i - 1].field()) != shape) continue;
      axes_[i - 1].place_stride = place_stride;
      place_stride *= axes[i - 1].size();
    }
  }
}

PackPlan::Pack PackPlan::PackAt(uint64_t place) const {
  const uint64_t slot_place = place % cells_per_shape_;
  const uint64_t size = PackSize(grid_.ConfigAt(CellAt(place)));
  const uint64_t first = slot_place - slot_place % size;
  return {.plan_index = place - slot_place + first,
          .size = std::min(size, cells_per_shape_ - first)};
}

uint64_t PackPlan::CellAt(uint64_t place) const {
  uint64_t cell = 0;
  for (const OrderedAxis& axis : axes_) {
    cell += place / axis.place_stride % axis.size * axis.cell_stride;
  }
  return cell;
}

uint64_t PackPlan::PlaceOf(uint64_t cell) const {
  uint64_t place = 0;
  for (const OrderedAxis& axis : axes_) {
    place += cell / axis.cell_stride % axis.size * axis.place_stride;
  }
  return place;
}

uint64_t PackPlan::PackSize(const TrialConfig& config) const {
  const PackLimits& limits = grid_.sweep().pack;
  const double affordable = limits.max_flops / TrialFlops(config);
  // Compared before the cast: a double may not fit.
  if (affordable >= static_cast<double>(limits.max_trials)) {
    return static_cast<uint64_t>(limits.max_trials);
  }
  return std::max<uint64_t>(1, static_cast<uint64_t>(affordable));
}

}  // namespace firstguess
