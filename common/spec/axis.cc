#include "common/spec/axis.h"

#include <algorithm>

namespace firstguess {

uint64_t Column::size() const {
  if (const Range* range = this->range()) return range->count;
  return std::get<std::vector<FieldValue>>(values_).size();
}

FieldValue Column::at(uint64_t index) const {
  if (const Range* range = this->range()) {
    return range->first + static_cast<int64_t>(index) * range->step;
  }
  return std::get<std::vector<FieldValue>>(values_)[index];
}

std::optional<uint64_t> Column::Find(const FieldValue& value) const {
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

uint64_t AxisProduct::cells() const {
  uint64_t cells = 1;
  for (const Axis& axis : axes) cells *= axis.size();
  return cells;
}

const Column* AxisProduct::Find(absl::string_view field) const {
  for (const Axis& axis : axes) {
    for (const Column& column : axis.columns()) {
      if (column.field() == field) return &column;
    }
  }
  return nullptr;
}

}  // namespace firstguess
