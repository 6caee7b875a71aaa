#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "tools/firstguess/report/analysis.h"
#include "tools/firstguess/report/axis_positions.h"
#include "tools/firstguess/report/report_json.h"
#include "tools/firstguess/report/trajectory_data.h"

namespace firstguess {

// The trajectories that the page carries: whole groups, the most biased first, at least one.
struct ChosenTrajectories {
  std::vector<Group> groups;
  std::vector<std::vector<TrajectoryData>> trajectories;  // as Group::trials
};

// Reads them, within the source's limits. `fields`: the page's axes.
absl::StatusOr<ChosenTrajectories> ChooseTrajectories(const ReportSource& source,
                                                      const std::vector<size_t>& fields);

// Adds groups, trials, step_sets and measured_trials to `page`.
void AddTrajectories(const SweepData& data, const ChosenTrajectories& chosen,
                     const AxisPositions& axes, nlohmann::json* page);

}  // namespace firstguess
