#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/spec/axis.h"

namespace firstguess {

// Where on an axis some of its fields have given values. A single range is computed; everything
// else is looked up in an index of the listed values. Immutable; thread-safe.
class AxisIndex {
 public:
  // Of all columns, or of some, by their numbers. `axis` must outlive this.
  explicit AxisIndex(const Axis& axis);
  AxisIndex(const Axis& axis, const std::vector<size_t>& columns);

  // The positions, ascending, with these values, one for each column.
  std::vector<uint64_t> Find(const std::vector<FieldValue>& values) const;

 private:
  std::vector<const Column*> columns_;
  absl::flat_hash_map<std::string, std::vector<uint64_t>> positions_;  // by the values' texts
};

}  // namespace firstguess
