#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace firstguess {

// Draws one chart as SVG with the report's chart library, in an interpreter that knows neither
// files nor network. `request` and `report` are the arguments of plot() in charts/plot.js.
// Internal: a script failed.
absl::StatusOr<std::string> RenderSvg(const nlohmann::json& request, const nlohmann::json& report);

}  // namespace firstguess
