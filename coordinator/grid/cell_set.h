#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "coordinator/grid/run_product.h"

namespace firstguess {

// Some positions of a product of axes, in rising order: combinations of runs, less a list of
// single ones; or a list alone. Immutable and cheap to copy; thread-safe.
class CellSet {
 public:
  // `removed` is ascending and part of `product`.
  CellSet(std::shared_ptr<const RunProduct> product, const std::vector<uint64_t>& removed);
  // `listed` is ascending.
  explicit CellSet(std::vector<uint64_t> listed);

  uint64_t size() const;
  bool Contains(uint64_t position) const;
  // How many are smaller than `position`, which need not be in the set.
  uint64_t CountBefore(uint64_t position) const;
  // REQUIRES: rank < size().
  uint64_t at(uint64_t rank) const;

 private:
  std::shared_ptr<const RunProduct> product_;  // null: a list alone
  // Ascending: ranks in the product of what is not in the set; or the positions of the list.
  std::shared_ptr<const std::vector<uint64_t>> listed_;
};

}  // namespace firstguess
