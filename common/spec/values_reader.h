#pragma once

#include <optional>
#include <vector>

#include "common/spec/scalar_reader.h"
#include "common/spec/sweep.h"

namespace firstguess {

// Readers of several values of one scalar type, as they stand on an axis:
//   [a, b, c]                   the values
//   {range: [first, last]}      integers, both ends included; a third number is the step
//   {linspace: [from, to, n]}   n values in equal steps
//   {geomspace: [from, to, n]}  n values in equal ratios
// Each value is checked; errors are added at the place of what is wrong.

// True for {range: ...}.
bool IsRange(const YamlNode& node);

// A range, not listed. REQUIRES: IsRange(node).
std::optional<Column::Range> ReadRange(const ScalarType& type, const YamlNode& node,
                                       ReadContext& context);

// Any of the four, listed.
std::optional<std::vector<PlacedValue>> ReadValues(const ScalarType& type, const YamlNode& node,
                                                   ReadContext& context);

// Adds an error and returns false if `count` more values would be too many for one file.
bool ReserveValues(uint64_t count, Place place, ReadContext& context);

}  // namespace firstguess
