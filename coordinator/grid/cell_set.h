#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/spec/sweep.h"
#include "coordinator/grid/index_set.h"

namespace firstguess {

// Positions on the axes of a grid, one for each, the slowest first. A trial has fewer fields.
using Digits = std::array<uint64_t, 32>;

// A product of positions, one set an axis.
using CellBox = std::vector<IndexSet>;

// The cells of `sweep` that `other` has too, on the axes of `sweep` in file order: cells whose
// fields all have equal values, wherever the two files write them. Nothing: there are none.
std::optional<CellBox> SharedCells(const Sweep& sweep, const Sweep& other);

// How many those are.
uint64_t CountShared(const Sweep& sweep, const Sweep& other);

// The cells of one product that are not in another, in lexicographic order of their digits: counted
// and found in O(axes) set operations, never enumerated. Immutable; thread-safe.
class CellSet {
 public:
  // Both have as many axes. `without` may be missing: then nothing is taken away.
  CellSet(CellBox kept, std::optional<CellBox> without);
  // Of a grid with so many axes.
  static CellSet None(size_t axes);

  uint64_t size() const { return size_; }
  bool Contains(const Digits& digits) const;
  // How many come before `digits`, which need not be in the set.
  uint64_t CountBefore(const Digits& digits) const;
  // REQUIRES: rank < size().
  Digits at(uint64_t rank) const;

  // Those that are in `box` too.
  CellSet Within(const CellBox& box) const;

 private:
  // A product with the number of its combinations on the axes behind each.
  struct Product {
    explicit Product(CellBox the_axes);
    uint64_t CountBefore(const Digits& digits) const;
    bool Contains(const Digits& digits) const;

    CellBox axes;
    std::vector<uint64_t> behind;
    uint64_t size = 1;
  };

  Product kept_;
  std::optional<Product> without_;  // part of kept_
  uint64_t size_ = 0;
};

}  // namespace firstguess
