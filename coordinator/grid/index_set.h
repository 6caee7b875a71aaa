#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "common/spec/axis.h"

namespace firstguess {

// Some of the positions on an axis, in rising order: in equal steps (nothing is listed then), or
// listed. Immutable; thread-safe.
class IndexSet {
 public:
  using Steps = Column::Range;

  // None.
  IndexSet() : indices_(Steps()) {}
  explicit IndexSet(Steps steps) : indices_(steps) {}
  // REQUIRES: rising.
  explicit IndexSet(std::vector<uint64_t> listed) : indices_(std::move(listed)) {}
  // 0 … size - 1.
  static IndexSet All(uint64_t size);

  uint64_t size() const;
  // REQUIRES: rank < size().
  uint64_t at(uint64_t rank) const;
  // How many are smaller than `index`.
  uint64_t CountBelow(uint64_t index) const;
  bool Contains(uint64_t index) const;

  // Those that `other` has too.
  IndexSet Intersect(const IndexSet& other) const;

 private:
  std::variant<Steps, std::vector<uint64_t>> indices_;
};

// The integers of both ranges.
Column::Range Intersect(const Column::Range& left, const Column::Range& right);

// The positions in `column` of the values that `other`, of the same field, has too. Two ranges are
// not enumerated.
IndexSet SharedPositions(const Column& column, const Column& other);

}  // namespace firstguess
