#include "coordinator/grid/sweep_cells.h"

#include <algorithm>
#include <utility>

#include "coordinator/grid/sample.h"

namespace firstguess {

absl::StatusOr<std::shared_ptr<const SweepCells>> SweepCells::Make(
    std::shared_ptr<const Sweep> sweep) {
  const std::shared_ptr<SweepCells> cells(new SweepCells(std::move(sweep)));
  if (cells->sweep().sample.has_value()) {
    absl::StatusOr<std::vector<uint64_t>> drawn = DrawCells(cells->grid_);
    if (!drawn.ok()) return drawn.status();
    cells->drawn_ = *std::move(drawn);
  }
  return std::shared_ptr<const SweepCells>(cells);
}

bool SweepCells::Has(const TrialConfig& config) const {
  const std::optional<uint64_t> cell = grid_.CellOf(config);
  if (!cell.has_value()) return false;
  if (drawn_.has_value()) return std::binary_search(drawn_->begin(), drawn_->end(), *cell);
  return !IsExcluded(sweep(), config);
}

}  // namespace firstguess
