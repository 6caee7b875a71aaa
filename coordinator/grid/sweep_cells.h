#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/grid/grid.h"

namespace firstguess {

// The cells of a sweep: the raw ones (grid.h) less those that are excluded; of one that is in two
// grids the first; and with `sample`, those that it draws. Immutable; thread-safe.
class SweepCells {
 public:
  // `sweep` is validated. InvalidArgument when `sample` does not find as many cells as it should.
  static absl::StatusOr<std::shared_ptr<const SweepCells>> Make(std::shared_ptr<const Sweep> sweep);

  const Grid& grid() const { return grid_; }
  const Sweep& sweep() const { return grid_.sweep(); }
  // Raw numbers of the cells that were drawn, ascending; null: there is no sample.
  const std::vector<uint64_t>* drawn() const { return drawn_.has_value() ? &*drawn_ : nullptr; }

  bool Has(const TrialConfig& config) const;

 private:
  explicit SweepCells(std::shared_ptr<const Sweep> sweep) : grid_(std::move(sweep)) {}

  Grid grid_;
  std::optional<std::vector<uint64_t>> drawn_;
};

}  // namespace firstguess
