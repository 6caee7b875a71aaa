#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/spec/sweep.h"
#include "coordinator/grid/cell_set.h"
#include "coordinator/grid/grid.h"

namespace firstguess {

// Which cells of a sweep are trained together, and in which slot: a pure function of the spec, so
// that it is the same whoever asks, whenever, and after whatever happened.
//
// The axes are split in two: shape axes, whose fields a pack's trials share, and slot axes, all
// others. The plan's order is shape-major: first by the shape axes, then by the slot axes, each in
// file order with the last varying fastest. Every shape's cells are cut in packs of equal size (the
// last takes what is left):
//
//   size = min(pack.max_trials, floor(pack.max_flops / flops of one trial)), at least 1
//
// A pack's plan_index is the place of its first cell in that order. It is not the pack's ordinal
// number: counting the packs before one would need a sum over all shapes before it, while a place
// is inverted with one division per axis. So the next pack's plan_index is this one's plus its
// size, and the last pack ends at cells().
//
//   grid: {loss: [a, b, c], width: [32, 64]}, pack: {max_trials: 2}
//   order: (32 a) (32 b) | (32 c) | (64 a) (64 b) | (64 c);  plan_index 0, 2, 3, 5
//
// The plan of a later revision of a sweep has only the cells that the revision before does not
// have; its places count those alone, and packs are cut from them as above. Cells of any revision
// that a later one dropped keep their places, so that what is left keeps its pack and its slot; a
// plan is told of them by Within.
//
// Lazy and immutable; thread-safe.
class PackPlan {
 public:
  struct Pack {
    uint64_t plan_index = 0;
    uint64_t size = 0;  // places; slot s is the cell at place plan_index + s

    uint64_t end() const { return plan_index + size; }
    bool operator==(const Pack&) const = default;
  };

  // Both are validated. `previous`: the revision before; null: there is none.
  explicit PackPlan(std::shared_ptr<const Sweep> sweep, const Sweep* previous = nullptr);

  // The same plan once a later revision is there: what that one does not have is dropped.
  PackPlan Within(const Sweep& later) const;

  const Grid& grid() const { return grid_; }
  // Cells of the plan: its places.
  uint64_t cells() const { return planned_.size(); }

  // The pack that holds the cell at `place`. REQUIRES: place < cells().
  Pack PackAt(uint64_t place) const;

  // Raw cell number at a place of the plan, and back. REQUIRES: a place < cells(), a cell that is
  // planned.
  uint64_t CellAt(uint64_t place) const;
  uint64_t PlaceOf(uint64_t cell) const;

  // Whether the cell is planned here and no later revision dropped it.
  bool IsLive(uint64_t cell) const { return live_.Contains(DigitsOf(cell)); }
  // The first place from `place` on whose cell is live; cells() if there is none.
  uint64_t NextLive(uint64_t place) const;

  // Numbers the shapes of the whole grid in the plan's order.
  uint64_t ShapeNumber(uint64_t place) const;
  // The place behind the last one of the same shape.
  uint64_t ShapeEnd(uint64_t place) const;

  // Cells of one shape in the whole grid.
  uint64_t cells_per_shape() const { return cells_per_shape_; }
  // Size of all packs of this shape but the last.
  uint64_t PackSize(const TrialConfig& config) const;

 private:
  struct OrderedAxis {
    size_t index = 0;  // in the file
    uint64_t size = 1;
    uint64_t cell_stride = 1;  // of its values in the grid's order
  };

  static std::vector<OrderedAxis> OrderAxes(const Sweep& sweep);
  CellBox Ordered(const CellBox& box) const;
  CellSet AllBut(const Sweep* previous) const;
  Digits DigitsOf(uint64_t cell) const;
  // The first cell of a shape, by its number.
  Digits ShapeStart(uint64_t shape) const;

  Grid grid_;
  std::vector<OrderedAxis> axes_;  // in the plan's order
  size_t shape_axes_ = 0;          // the first of them
  uint64_t cells_per_shape_ = 1;
  CellSet planned_;
  CellSet live_;
};

}  // namespace firstguess
