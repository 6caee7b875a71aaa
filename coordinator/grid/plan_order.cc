#include "coordinator/grid/plan_order.h"

#include <algorithm>

#include "common/spec/shape.h"

namespace firstguess {
namespace {

bool DecidesShape(const Axis& axis) {
  return std::any_of(axis.columns().begin(), axis.columns().end(),
                     [](const Column& column) { return IsShapeField(column.field()); });
}

}  // namespace

PlanOrder::PlanOrder(const AxisProduct& product) {
  struct OrderedAxis {
    const Axis* axis = nullptr;
    Stride stride;
  };
  std::vector<OrderedAxis> axes;
  for (size_t i = product.axes.size(); i > 0; --i) {
    const Axis& axis = product.axes[i - 1];
    axes.push_back({.axis = &axis, .stride = {.size = axis.size(), .in_cells = cells_}});
    cells_ *= axis.size();
  }
  std::reverse(axes.begin(), axes.end());
  std::stable_partition(axes.begin(), axes.end(),
                        [](const OrderedAxis& axis) { return DecidesShape(*axis.axis); });
  uint64_t in_positions = cells_;
  for (OrderedAxis& axis : axes) {
    in_positions /= axis.stride.size;
    axis.stride.in_positions = in_positions;
    axes_.push_back(axis.axis);
    strides_.push_back(axis.stride);
    if (!DecidesShape(*axis.axis)) cells_per_shape_ *= axis.stride.size;
  }
}

uint64_t PlanOrder::PositionOf(uint64_t cell) const {
  uint64_t position = 0;
  for (const Stride& stride : strides_) {
    position += cell / stride.in_cells % stride.size * stride.in_positions;
  }
  return position;
}

uint64_t PlanOrder::CellAt(uint64_t position) const {
  uint64_t cell = 0;
  for (const Stride& stride : strides_) {
    cell += position / stride.in_positions % stride.size * stride.in_cells;
  }
  return cell;
}

}  // namespace firstguess
