#include "coordinator/grid/pack_plan.h"

#include <algorithm>
#include <utility>

#include "common/spec/shape.h"
#include "coordinator/grid/cost.h"

namespace firstguess {

PackPlan::PackPlan(std::shared_ptr<const Sweep> sweep, const Sweep* previous)
    : grid_(std::move(sweep)),
      axes_(OrderAxes(grid_.sweep())),
      planned_(AllBut(previous)),
      live_(planned_) {
  for (const OrderedAxis& axis : axes_) {
    if (IsShapeField(grid_.sweep().axes[axis.index].field())) {
      ++shape_axes_;
    } else {
      cells_per_shape_ *= axis.size;
    }
  }
}

std::vector<PackPlan::OrderedAxis> PackPlan::OrderAxes(const Sweep& sweep) {
  std::vector<OrderedAxis> axes;
  uint64_t cell_stride = 1;
  for (size_t i = sweep.axes.size(); i > 0; --i) {
    axes.push_back({.index = i - 1, .size = sweep.axes[i - 1].size(), .cell_stride = cell_stride});
    cell_stride *= axes.back().size;
  }
  std::reverse(axes.begin(), axes.end());
  std::stable_partition(axes.begin(), axes.end(), [&](const OrderedAxis& axis) {
    return IsShapeField(sweep.axes[axis.index].field());
  });
  return axes;
}

CellBox PackPlan::Ordered(const CellBox& box) const {
  CellBox ordered;
  for (const OrderedAxis& axis : axes_) ordered.push_back(box[axis.index]);
  return ordered;
}

CellSet PackPlan::AllBut(const Sweep* previous) const {
  CellBox all;
  for (const OrderedAxis& axis : axes_) all.push_back(IndexSet::All(axis.size));
  if (previous == nullptr) return CellSet(std::move(all), std::nullopt);
  const std::optional<CellBox> shared = SharedCells(grid_.sweep(), *previous);
  return CellSet(std::move(all),
                 shared.has_value() ? std::optional(Ordered(*shared)) : std::nullopt);
}

PackPlan PackPlan::Within(const Sweep& later) const {
  PackPlan plan = *this;
  const std::optional<CellBox> shared = SharedCells(grid_.sweep(), later);
  plan.live_ = shared.has_value() && live_.size() > 0 ? live_.Within(Ordered(*shared))
                                                      : CellSet::None(axes_.size());
  return plan;
}

PackPlan::Pack PackPlan::PackAt(uint64_t place) const {
  const uint64_t size = PackSize(grid_.ConfigAt(CellAt(place)));
  const uint64_t begin = planned_.CountBefore(ShapeStart(ShapeNumber(place)));
  const uint64_t first = place - (place - begin) % size;
  return {.plan_index = first, .size = std::min(size, ShapeEnd(place) - first)};
}

uint64_t PackPlan::CellAt(uint64_t place) const {
  const Digits digits = planned_.at(place);
  uint64_t cell = 0;
  for (size_t i = 0; i < axes_.size(); ++i) cell += digits[i] * axes_[i].cell_stride;
  return cell;
}

uint64_t PackPlan::PlaceOf(uint64_t cell) const { return planned_.CountBefore(DigitsOf(cell)); }

uint64_t PackPlan::NextLive(uint64_t place) const {
  if (place >= cells()) return cells();
  const uint64_t before = live_.CountBefore(planned_.at(place));
  return before < live_.size() ? planned_.CountBefore(live_.at(before)) : cells();
}

uint64_t PackPlan::ShapeNumber(uint64_t place) const {
  const Digits digits = planned_.at(place);
  uint64_t shape = 0;
  for (size_t i = 0; i < shape_axes_; ++i) shape = shape * axes_[i].size + digits[i];
  return shape;
}

uint64_t PackPlan::ShapeEnd(uint64_t place) const {
  const uint64_t next = ShapeNumber(place) + 1;
  if (next == grid_.cells() / cells_per_shape_) return cells();
  return planned_.CountBefore(ShapeStart(next));
}

Digits PackPlan::ShapeStart(uint64_t shape) const {
  Digits digits = {};
  for (size_t i = shape_axes_; i > 0; --i) {
    digits[i - 1] = shape % axes_[i - 1].size;
    shape /= axes_[i - 1].size;
  }
  return digits;
}

Digits PackPlan::DigitsOf(uint64_t cell) const {
  Digits digits = {};
  for (size_t i = 0; i < axes_.size(); ++i) {
    digits[i] = cell / axes_[i].cell_stride % axes_[i].size;
  }
  return digits;
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
