#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/grid/grid.h"

namespace firstguess {

// Whether one of the sweep's `exclude` entries fits `config`.
bool IsExcluded(const Sweep& sweep, const TrialConfig& config);

// The raw cells that `sample` of the grid's sweep draws, ascending; of a cell that is in two grids
// the first number. Draw i = 0, 1, 2 … of seed S is, until enough different cells are found that
// are not excluded,
//   random: cell SHA-256("firstguess/v1/sample/S/i"), as a big-endian number, modulo grid.cells()
//   sobol:  point i of the sequence (sobol.h); coordinate k is shifted (exclusive or) by the first
//   4
//           bytes, big-endian, of SHA-256("firstguess/v1/sobol/S/k"), and of the k-th axis, with n
//           values, it takes the one at floor(coordinate * n).
// So a larger count keeps the earlier draws. InvalidArgument when too many draws find nothing new.
// REQUIRES: the sweep has a sample.
absl::StatusOr<std::vector<uint64_t>> DrawCells(const Grid& grid);

}  // namespace firstguess
