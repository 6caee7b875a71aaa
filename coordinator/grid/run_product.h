#pragma once

#include <cstdint>
#include <vector>

namespace firstguess {

// Some positions of a product of axes, numbered with the last axis varying fastest: each axis is
// cut in runs of neighbouring values, and every combination of runs is in the set as a whole or not
// at all. Ranks and positions invert in O(axes * log(runs)), whatever the sizes; the memory is that
// of the combinations. Immutable; thread-safe.
class RunProduct {
 public:
  // `bounds`: for each axis 0, where each further run starts, and its size. `kept`: for each
  // combination of runs, the last axis varying fastest.
  RunProduct(std::vector<std::vector<uint64_t>> bounds, const std::vector<bool>& kept);

  uint64_t size() const { return before_.back(); }
  bool Contains(uint64_t position) const;
  // How many are smaller than `position`, which need not be in the set.
  uint64_t CountBefore(uint64_t position) const;
  // REQUIRES: rank < size().
  uint64_t at(uint64_t rank) const;

 private:
  struct RunAxis {
    std::vector<uint64_t> bounds;
    uint64_t positions_behind = 1;     // product of the sizes of the axes behind
    uint64_t combinations_behind = 1;  // product of their numbers of runs

    size_t RunOf(uint64_t value) const;
  };

  std::vector<RunAxis> axes_;
  uint64_t positions_ = 1;
  std::vector<uint64_t> before_;  // positions kept in the combinations before each, and in all
};

}  // namespace firstguess
