#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/spec/sweep.h"
#include "coordinator/grid/axis_index.h"

namespace firstguess {

// The raw cells of a sweep: grid by grid in file order, of each the product of its axes with the
// last one varying fastest. A cell is known by its number in that order. Lazy: nothing is
// enumerated, so 10^12 cells cost as much as ten. Immutable; thread-safe.
//
//   grid: {width: [32, 64], seed: {range: [0, 2]}}
//   cell 4 = {width: 64, seed: 1}
//
// Which of them are cells of the sweep, less what is excluded, in two grids, or not drawn, is for
// SweepCells to say.
class Grid {
 public:
  // `sweep` is validated.
  explicit Grid(std::shared_ptr<const Sweep> sweep);

  const Sweep& sweep() const { return *sweep_; }
  const std::shared_ptr<const Sweep>& shared_sweep() const { return sweep_; }
  uint64_t cells() const { return parts_.back().first_cell + parts_.back().cells; }
  // The number of the first cell of one grid of the sweep.
  uint64_t first_cell(size_t grid) const { return parts_[grid].first_cell; }

  // REQUIRES: cell < cells().
  TrialConfig ConfigAt(uint64_t cell) const;

  // The first cell that ConfigAt makes `config` of; none if there is none.
  std::optional<uint64_t> CellOf(const TrialConfig& config) const;
  // The same among those of one grid of the sweep.
  std::optional<uint64_t> CellIn(size_t grid, const TrialConfig& config) const;

 private:
  struct Part {
    // Where on the axis the configuration is.
    std::optional<uint64_t> PositionOf(size_t axis, const TrialConfig& config) const;

    const AxisProduct* product = nullptr;
    std::vector<std::vector<const Field*>> fields;  // by axis and column
    std::map<size_t, AxisIndex> zipped;             // by axis, of those with several columns
    std::vector<const Field*> constants;            // fields off the axes
    uint64_t first_cell = 0;
    uint64_t cells = 0;
  };

  std::shared_ptr<const Sweep> sweep_;
  std::vector<Part> parts_;  // by grid
};

}  // namespace firstguess
