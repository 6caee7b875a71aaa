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

// What the cells of a sweep have, for checks over all of them.

// Where each field got its value or its axis, of those that a sweep file names and whose values
// were read.
using FieldPlaces = std::map<std::string, Place, std::less<>>;

// The place of the first of `fields` that the file names.
Place PlaceOf(const std::vector<absl::string_view>& fields, const FieldPlaces& places);

// Null unless `field` is on an axis.
const Axis* FindAxis(const Sweep& sweep, absl::string_view field);

// The values of a field over all cells; of a range its ends.
std::vector<FieldValue> ValuesOf(const Sweep& sweep, absl::string_view field);

// Likewise. REQUIRES: the field's values are of this type.
template <typename Value>
std::vector<Value> All(const Sweep& sweep, absl::string_view field) {
  std::vector<Value> values;
  for (const FieldValue& value : ValuesOf(sweep, field)) values.push_back(std::get<Value>(value));
  return values;
}

template <typename Number>
Number Smallest(const Sweep& sweep, absl::string_view field) {
  const std::vector<Number> numbers = All<Number>(sweep, field);
  return *std::min_element(numbers.begin(), numbers.end());
}

template <typename Number>
Number Largest(const Sweep& sweep, absl::string_view field) {
  const std::vector<Number> numbers = All<Number>(sweep, field);
  return *std::max_element(numbers.begin(), numbers.end());
}

}  // namespace firstguess
