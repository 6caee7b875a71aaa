#pragma once

#include <optional>

#include "common/spec/scalar_reader.h"
#include "common/spec/sweep.h"

namespace firstguess {

// The values of `field` as they stand under `grid`. A range of an integer field stays a range. Two
// equal values are an error.
std::optional<Axis> ReadAxis(const Field& field, const YamlNode& node, ReadContext& context);

}  // namespace firstguess
