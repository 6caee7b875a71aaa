#pragma once

#include "absl/time/time.h"
#include "coordinator/service/view.h"
#include "nlohmann/json.hpp"

namespace firstguess {

// Sweeps and workers as JSON (/api/overview): those that run or wait first, then the newest. Of
// more than a page can show, the first ones and how many there are. `now`: wall-clock time.
nlohmann::ordered_json OverviewJson(const View& view, absl::Time now);

}  // namespace firstguess
