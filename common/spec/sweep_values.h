#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/fields.h"
#include "common/spec/spec_errors.h"
#include "common/spec/sweep.h"

namespace firstguess {

// Cells as the checks over all of them see them: fields off the axes, and columns of values that
// are combined freely. `zip`ped fields that matter to a check are off the axes here, and there is
// one of these for each of their positions.
struct CellValues {
  TrialConfig base;
  std::vector<Column> columns;
};

// All that `cells` of one grid are, for a check that reads `fields`.
std::vector<CellValues> ValuesForCheck(const TrialConfig& base, const AxisProduct& grid,
                                       const std::vector<absl::string_view>& fields);

// Where each field got its value or its axis, of those that a sweep file names and whose values
// were read.
using FieldPlaces = std::map<std::string, Place, std::less<>>;

// The place of the first of `fields` that the file names.
Place PlaceOf(const std::vector<absl::string_view>& fields, const FieldPlaces& places);

// Null unless `field` is on an axis.
const Column* FindColumn(const CellValues& cells, absl::string_view field);

// The values of a field over all cells; of a range its ends.
std::vector<FieldValue> ValuesOf(const CellValues& cells, absl::string_view field);

// Likewise. REQUIRES: the field's values are of this type.
template <typename Value>
std::vector<Value> All(const CellValues& cells, absl::string_view field) {
  std::vector<Value> values;
  for (const FieldValue& value : ValuesOf(cells, field)) values.push_back(std::get<Value>(value));
  return values;
}

template <typename Number>
Number Smallest(const CellValues& cells, absl::string_view field) {
  const std::vector<Number> numbers = All<Number>(cells, field);
  return *std::min_element(numbers.begin(), numbers.end());
}

template <typename Number>
Number Largest(const CellValues& cells, absl::string_view field) {
  const std::vector<Number> numbers = All<Number>(cells, field);
  return *std::max_element(numbers.begin(), numbers.end());
}

}  // namespace firstguess
