#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/spec/sweep.h"
#include "coordinator/grid/cell_set.h"
#include "coordinator/grid/grid.h"
#include "coordinator/grid/plan_order.h"
#include "coordinator/grid/select_cells.h"
#include "coordinator/grid/sweep_cells.h"
#include "coordinator/grid/taper.h"

namespace firstguess {

// Which cells of a sweep are trained together, and in which slot: a pure function of the spec, so
// that it is the same whoever asks, whenever, and after whatever happened.
//
// The plan goes grid by grid, and within a grid shape by shape (plan_order.h). Every shape's cells
// are cut in packs of equal size (the last takes what is left), and those near the plan's end once
// more (taper.h):
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
// Places count only the cells of the sweep (sweep_cells.h), and of a later revision only those that
// the revision before does not have; packs are cut from them as above. Cells of any revision that a
// later one dropped keep their places, so that what is left keeps its pack and its slot; a plan is
// told of them by Within.
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

  // How packs are cut. What a database has opened packs by stays as it was: the numbers are stored.
  enum class Rules : int64_t {
    kEqual = 1,    // no taper
    kTapered = 2,  // what is above
  };

  // `sweep` is validated. `previous`: the plan of the revision before; null: there is none.
  // InvalidArgument when the cells can't be counted (select_cells.h), when there are none, or when
  // `sample` finds too few.
  static absl::StatusOr<PackPlan> Make(std::shared_ptr<const Sweep> sweep,
                                       const PackPlan* previous = nullptr,
                                       Rules rules = Rules::kTapered);

  // The same plan once a later revision is there: what that one does not have is dropped.
  absl::StatusOr<PackPlan> Within(const PackPlan& later) const;

  const Grid& grid() const { return own_->grid(); }
  const std::shared_ptr<const Sweep>& sweep() const { return own_->grid().shared_sweep(); }
  Rules rules() const { return rules_; }
  // Cells of the plan: its places.
  uint64_t cells() const { return parts_.back().place_end(); }
  // Cells of the sweep, those of earlier revisions too.
  uint64_t sweep_cells() const { return sweep_cells_; }

  // The pack that holds the cell at `place`. REQUIRES: place < cells().
  Pack PackAt(uint64_t place) const;

  // Raw cell number at a place of the plan, and back. REQUIRES: a place < cells(), a cell that is
  // planned.
  uint64_t CellAt(uint64_t place) const;
  uint64_t PlaceOf(uint64_t cell) const;

  // Whether the cell is planned here and no later revision dropped it.
  bool IsLive(uint64_t cell) const;
  // The first place from `place` on whose cell is live; cells() if there is none.
  uint64_t NextLive(uint64_t place) const;

  // Numbers the shapes of all grids in the plan's order, those without planned cells too.
  uint64_t ShapeNumber(uint64_t place) const;
  // The first place of the same shape, and the one behind its last.
  uint64_t ShapeBegin(uint64_t place) const;
  uint64_t ShapeEnd(uint64_t place) const;

  // Packs of the shape that begins at `place`.
  uint64_t PacksOfShape(uint64_t place) const;
  // Trials of a whole pack of the shape of `config`.
  uint64_t PackSize(const TrialConfig& config) const { return TaperOf(config).whole; }

 private:
  // One grid of the sweep.
  struct Part {
    PlanOrder order;
    CellSet planned;  // positions in `order`
    CellSet live;
    uint64_t first_cell = 0;
    uint64_t first_place = 0;
    uint64_t first_shape = 0;

    uint64_t place_end() const { return first_place + planned.size(); }
    uint64_t PositionAt(uint64_t place) const { return planned.at(place - first_place); }
    // The first position of the same shape.
    uint64_t ShapePosition(uint64_t place) const {
      return PositionAt(place) / order.cells_per_shape() * order.cells_per_shape();
    }
  };

  PackPlan(std::shared_ptr<const SweepCells> own, Rules rules)
      : own_(std::move(own)), rules_(rules) {}

  Taper TaperOf(const TrialConfig& config) const;
  const Part& PartAt(uint64_t place) const;
  const Part& PartOf(uint64_t cell) const;

  std::shared_ptr<const SweepCells> own_;
  Rules rules_;
  std::vector<CellFilter> filters_;  // of what is live
  std::vector<Part> parts_;          // by grid
  uint64_t sweep_cells_ = 0;
};

}  // namespace firstguess
