#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/spec/fields.h"
#include "common/spec/sweep.h"

namespace firstguess {

// The cells of a sweep: the product of its axes in file order, the last one varying fastest. A cell
// is known by its raw number in that order. Lazy: nothing is enumerated, so a grid of 10^12 cells
// costs as much as one of ten. Immutable; thread-safe.
//
//   grid: {width: [32, 64], seed: {range: [0, 2]}}
//   cell 4 = {width: 64, seed: 1}
class Grid {
 public:
  // `sweep` is validated.
  explicit Grid(std::shared_ptr<const Sweep> sweep);

  const Sweep& sweep() const { return *sweep_; }
  uint64_t cells() const { return cells_; }

  // REQUIRES: cell < cells().
  TrialConfig ConfigAt(uint64_t cell) const;

  // The cell that ConfigAt makes `config` of; none if there is none.
  std::optional<uint64_t> CellOf(const TrialConfig& config) const;

 private:
  std::shared_ptr<const Sweep> sweep_;
  std::vector<const Field*> fields_;  // of the axes
  uint64_t cells_ = 1;
};

}  // namespace firstguess
