#include "coordinator/grid/run_product.h"

#include <algorithm>
#include <utility>

namespace firstguess {

// Cells of the combinations with the same runs on the first axes, divided by the product of those
// runs' widths, are the cells behind one choice of values on these axes.

RunProduct::RunProduct(std::vector<std::vector<uint64_t>> bounds, const std::vector<bool>& kept) {
  axes_.resize(bounds.size());
  uint64_t combinations = 1;
  for (size_t i = bounds.size(); i > 0; --i) {
    RunAxis& axis = axes_[i - 1];
    axis.bounds = std::move(bounds[i - 1]);
    axis.positions_behind = positions_;
    axis.combinations_behind = combinations;
    positions_ *= axis.bounds.back();
    combinations *= axis.bounds.size() - 1;
  }
  before_.reserve(combinations + 1);
  uint64_t before = 0;
  for (uint64_t c = 0; c < combinations; ++c) {
    before_.push_back(before);
    if (!kept[c]) continue;
    uint64_t cells = 1;
    for (const RunAxis& axis : axes_) {
      const size_t run = c / axis.combinations_behind % (axis.bounds.size() - 1);
      cells *= axis.bounds[run + 1] - axis.bounds[run];
    }
    before += cells;
  }
  before_.push_back(before);
}

size_t RunProduct::RunAxis::RunOf(uint64_t value) const {
  const auto behind = std::upper_bound(bounds.begin(), bounds.end(), value);
  return static_cast<size_t>(behind - bounds.begin()) - 1;
}

bool RunProduct::Contains(uint64_t position) const {
  if (position >= positions_) return false;
  uint64_t combination = 0;
  for (const RunAxis& axis : axes_) {
    combination += axis.RunOf(position / axis.positions_behind) * axis.combinations_behind;
    position %= axis.positions_behind;
  }
  return before_[combination + 1] > before_[combination];
}

uint64_t RunProduct::CountBefore(uint64_t position) const {
  if (position >= positions_) return size();
  uint64_t count = 0;
  uint64_t first = 0;   // combination with the runs chosen so far
  uint64_t widths = 1;  // product of theirs
  for (const RunAxis& axis : axes_) {
    const uint64_t value = position / axis.positions_behind;
    position %= axis.positions_behind;
    const size_t run = axis.RunOf(value);
    const uint64_t begin = first + run * axis.combinations_behind;
    count += (before_[begin] - before_[first]) / widths;
    widths *= axis.bounds[run + 1] - axis.bounds[run];
    const uint64_t behind_one =
        (before_[begin + axis.combinations_behind] - before_[begin]) / widths;
    count += (value - axis.bounds[run]) * behind_one;
    first = begin;
  }
  return count;
}

uint64_t RunProduct::at(uint64_t rank) const {
  uint64_t position = 0;
  uint64_t first = 0;
  uint64_t widths = 1;
  for (const RunAxis& axis : axes_) {
    const auto before = [&](uint64_t run) {
      return (before_[first + run * axis.combinations_behind] - before_[first]) / widths;
    };
    // The last run with at most `rank` before it.
    uint64_t run = 0;
    for (uint64_t beyond = axis.bounds.size() - 1; beyond - run > 1;) {
      const uint64_t middle = run + (beyond - run) / 2;
      (before(middle) <= rank ? run : beyond) = middle;
    }
    rank -= before(run);
    first += run * axis.combinations_behind;
    widths *= axis.bounds[run + 1] - axis.bounds[run];
    const uint64_t behind_one =
        (before_[first + axis.combinations_behind] - before_[first]) / widths;
    position += (axis.bounds[run] + rank / behind_one) * axis.positions_behind;
    rank %= behind_one;
  }
  return position;
}

}  // namespace firstguess
