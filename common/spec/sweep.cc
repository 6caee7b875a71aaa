#include "common/spec/sweep.h"

#include "absl/strings/str_cat.h"

namespace firstguess {

uint64_t Sweep::raw_cells() const {
  uint64_t cells = 0;
  for (const AxisProduct& grid : grids) cells += grid.cells();
  return cells;
}

std::string SpecError::ToString() const {
  return absl::StrCat(path, ":", line, ":", column, ": ", message);
}

}  // namespace firstguess
