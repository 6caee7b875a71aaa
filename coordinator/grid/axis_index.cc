#include "coordinator/grid/axis_index.h"

#include <numeric>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

std::vector<size_t> AllColumns(const Axis& axis) {
  std::vector<size_t> columns(axis.columns().size());
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

// Values of one field are told apart by their texts; a word may have any character but this one.
void AppendKey(const FieldValue& value, std::string* key) {
  absl::StrAppend(key, ToText(value), absl::string_view("\0", 1));
}

}  // namespace

AxisIndex::AxisIndex(const Axis& axis) : AxisIndex(axis, AllColumns(axis)) {}

AxisIndex::AxisIndex(const Axis& axis, const std::vector<size_t>& columns) {
  for (const size_t column : columns) columns_.push_back(&axis.columns()[column]);
  if (columns_.size() == 1 && columns_.front()->range() != nullptr) return;
  for (uint64_t i = 0; i < axis.size(); ++i) {
    std::string key;
    for (const Column* column : columns_) AppendKey(column->at(i), &key);
    positions_[key].push_back(i);
  }
}

std::vector<uint64_t> AxisIndex::Find(const std::vector<FieldValue>& values) const {
  if (positions_.empty()) {
    const std::optional<uint64_t> position = columns_.front()->Find(values.front());
    return position.has_value() ? std::vector<uint64_t>{*position} : std::vector<uint64_t>();
  }
  std::string key;
  for (const FieldValue& value : values) AppendKey(value, &key);
  const auto found = positions_.find(key);
  return found == positions_.end() ? std::vector<uint64_t>() : found->second;
}

}  // namespace firstguess
