#pragma once

#include <memory>
#include <random>
#include <vector>

#include "common/spec/sweep.h"

namespace firstguess {

// Axis values in braces: Axis("width", Values({int64_t{32}, int64_t{64}})).
inline std::vector<FieldValue> Values(std::vector<FieldValue> values) { return values; }

// A small valid sweep: up to six axes of up to four values over shape and slot fields in any order,
// and pack limits from one trial to more than the grid.
std::shared_ptr<const Sweep> RandomSweep(std::mt19937_64& random);

}  // namespace firstguess
