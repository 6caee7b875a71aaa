#include "common/spec/sweep.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firstguess {

uint64_t Axis::size() const {
  if (const Range* range = this->range()) return range->count;
  return std::get<std::vector<FieldValue>>(values_).size();
}

FieldValue Axis::at(uint64_t index) const {
  if (const Range* range = this->range()) {
    return range->first + static_cast<int64_t>(index) * range->step;
  }
  return std::get<std::vector<FieldValue>>(values_)[index];
}

std::optional<uint64_t> Axis::Find(const FieldValue& value) const {
  if (const Range* range = this->range()) {
    const auto* integer = std::get_if<int64_t>(&value);
    if (integer == nullptr || *integer < range->first) return std::nullopt;
    // Unsigned: the difference of two integers of either sign may not fit in int64_t.
    const uint64_t distance = static_cast<uint64_t>(*integer) - static_cast<uint64_t>(range->first);
    const auto step = static_cast<uint64_t>(range->step);
    if (distance % step != 0 || distance / step >= range->count) return std::nullopt;
    return distance / step;
  }
  const auto& values = std::get<std::vector<FieldValue>>(values_);
  const auto found = std::find(values.begin(), values.end(), value);
  if (found == values.end()) return std::nullopt;
  return static_cast<uint64_t>(found - values.begin());
}

uint64_t Sweep::raw_cells() const {
  uint64_t cells = 1;
  for (const Axis& axis : axes) cells *= axis.size();
  return cells;
}

std::string SpecError::ToString() const {
  return absl::StrCat(path, ":", line, ":", column, ": ", message);
}

}  // namespace firstguess
