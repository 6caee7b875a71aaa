#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/spec/sweep.h"
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
// Lazy and immutable; thread-safe.
class PackPlan {
 public:
  struct Pack {
    uint64_t plan_index = 0;
    uint64_t size = 0;  // cells; slot s is the cell at place plan_index + s

    uint64_t end() const { return plan_index + size; }
    bool operator==(const Pack&) const = default;
  };

  // `sweep` is validated.
  explicit PackPlan(std::shared_ptr<const Sweep> sweep);

  const Grid& grid() const { return grid_; }
  uint64_t cells() const { return grid_.cells(); }

  // The pack that holds the cell at `place`. REQUIRES: place < cells().
  Pack PackAt(uint64_t place) const;

  // Raw cell number at a place of the plan, and back. REQUIRES: an argument < cells().
  uint64_t CellAt(uint64_t place) const;
  uint64_t PlaceOf(uint64_t cell) const;

  // Cells of one shape.
  uint64_t cells_per_shape() const { return cells_per_shape_; }
  // Size of all packs of this shape but the last.
  uint64_t PackSize(const TrialConfig& config) const;

 private:
  struct OrderedAxis {
    uint64_t size = 1;
    uint64_t cell_stride = 1;   // of its values in the grid's order
    uint64_t place_stride = 1;  // and in the plan's
  };

  Grid grid_;
  std::vector<OrderedAxis> axes_;
  uint64_t cells_per_shape_ = 1;
};

}  // namespace firstguess
