#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "tools/firstguess/report/sweep_data.h"
#include "tools/firstguess/report/trajectory_data.h"

namespace firstguess {

// How much of a large sweep a page carries. What is counted or averaged is always over all trials.
struct PageLimits {
  size_t trajectories = 2000;  // trials, the most biased starts first, whole starts only
  size_t trajectory_numbers = 1500000;
  size_t points = 4000;  // starts drawn one by one
  size_t rows = 5000;    // of the table, the most biased first
};

struct ReportSource {
  const SweepData* data = nullptr;
  std::string database;     // its name, as it is printed
  double generated_at = 0;  // Unix seconds
  // Reads one trial.
  std::function<absl::StatusOr<TrajectoryData>(int64_t trial_id)> trajectory;
  PageLimits limits;
};

// Everything that the page's scripts show; page/data.js says how they use it. Trajectories are
// rounded to six significant digits.
absl::StatusOr<nlohmann::json> ReportJson(const ReportSource& source);

}  // namespace firstguess
