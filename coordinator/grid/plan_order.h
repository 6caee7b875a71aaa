#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/spec/axis.h"

namespace firstguess {

// The order in which one grid's cells are planned: first by the axes that a pack's trials share
// (shape.h), then by all others, each kind in file order with the last varying fastest. Positions
// count the grid's cells in this order, from 0. An axis of several fields is one of the first kind
// when any of them is. Immutable; thread-safe.
class PlanOrder {
 public:
  // `product` must outlive this.
  explicit PlanOrder(const AxisProduct& product);

  // In this order.
  const std::vector<const Axis*>& axes() const { return axes_; }
  uint64_t cells() const { return cells_; }
  // Positions of one shape: a shape's are neighbours, from a multiple of this on.
  uint64_t cells_per_shape() const { return cells_per_shape_; }

  // Between the cell's number in its grid, from 0, and its position.
  uint64_t PositionOf(uint64_t cell) const;
  uint64_t CellAt(uint64_t position) const;

 private:
  struct Stride {
    uint64_t size = 1;
    uint64_t in_cells = 1;
    uint64_t in_positions = 1;
  };

  std::vector<const Axis*> axes_;
  std::vector<Stride> strides_;  // by axis, in this order
  uint64_t cells_ = 1;
  uint64_t cells_per_shape_ = 1;
};

}  // namespace firstguess
