#pragma once

#include "absl/strings/string_view.h"
#include "coordinator/store/curves.h"
#include "nlohmann/json.hpp"

namespace firstguess {

// Curves as /api/curves has them: each line as parallel lists, numbers to six digits.
nlohmann::ordered_json CurvesJson(const Curves& curves, absl::string_view quantity);

}  // namespace firstguess
