#pragma once

#include "common/spec/sweep.h"
#include "nlohmann/json.hpp"
#include "tools/firstguess/terminal.h"

namespace firstguess {

// The axes of each of the sweep's grids, a line an axis: its fields, how many positions it has, a
// bar as long, and its values.
void PrintGridShape(const Sweep& sweep, Terminal* out);

// The same: [{"cells": 3, "axes": [{"fields": ["width"], "size": 3, "first": ["32"], "last":
// ["128"]}]}].
nlohmann::ordered_json GridShapeJson(const Sweep& sweep);

}  // namespace firstguess
