#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/grid/cell_set.h"
#include "coordinator/grid/plan_order.h"
#include "coordinator/grid/sweep_cells.h"

namespace firstguess {

// Another sweep whose cells alone, or all but whose cells, are wanted.
struct CellFilter {
  std::shared_ptr<const SweepCells> cells;
  bool keep = false;
};

// The positions in `order`, that of one grid of `own`, whose cells belong to `own` and pass all
// filters. Counted and found without going through the cells: only the values that excludes, other
// grids and filters tell apart are combined. InvalidArgument when there are more than 10^6 such
// combinations.
absl::StatusOr<CellSet> SelectCells(const PlanOrder& order, const SweepCells& own, size_t grid,
                                    const std::vector<CellFilter>& filters);

}  // namespace firstguess
