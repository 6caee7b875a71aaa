#pragma once

#include <optional>
#include <vector>

#include "common/spec/axis.h"
#include "common/spec/scalar_reader.h"

namespace firstguess {

// The values of `field` as they stand under `grid`. A range of an integer field stays a range.
std::optional<Column> ReadColumn(const Field& field, const YamlNode& node, ReadContext& context);

// The same as an axis of its own, on which two equal values are an error.
std::optional<Axis> ReadAxis(const Field& field, const YamlNode& node, ReadContext& context);

// Adds an error unless the columns of a `zip` at `place` are equally long, at most 10^5, and differ
// as a whole at all positions. REQUIRES: at least one.
bool CheckZipped(const std::vector<Column>& columns, Place place, ReadContext& context);

}  // namespace firstguess
