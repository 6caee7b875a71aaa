#include "tools/firstguess/report/trajectories_json.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/str_format.h"

namespace firstguess {
namespace {

using nlohmann::json;

json RoundedJson(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(absl::StrFormat("%.6g", value).c_str(), nullptr);
}

json TrialJson(const TrialRow& trial, size_t group, size_t step_set,
               const TrajectoryData& trajectory) {
  json mean_prob = json::array();
  for (const std::vector<double>& of_class : trajectory.mean_prob) {
    json row = json::array();
    for (const double value : of_class) row.push_back(RoundedJson(value));
    mean_prob.push_back(std::move(row));
  }
  json accuracy = json::array();
  for (const double value : trajectory.accuracy) accuracy.push_back(RoundedJson(value));
  return {{"id", trial.trial_id},
          {"group", group},
          {"treatment", trial.treatment},
          {"favoured", trial.favoured_class},
          {"diverged_at_step",
           trial.diverged_at_step.has_value() ? json(*trial.diverged_at_step) : json(nullptr)},
          {"steps", step_set},
          {"support", trajectory.support},
          {"rank", trajectory.rank},
          {"accuracy", std::move(accuracy)},
          {"mean_prob", std::move(mean_prob)},
          {"correct", trajectory.correct}};
}

}  // namespace

absl::StatusOr<ChosenTrajectories> ChooseTrajectories(const ReportSource& source,
                                                      const std::vector<size_t>& fields) {
  ChosenTrajectories chosen;
  size_t trials = 0;
  size_t numbers = 0;
  for (Group& group : GroupByStart(*source.data, fields)) {
    trials += group.trials.size();
    if (trials > source.limits.trajectories && !chosen.groups.empty()) break;
    std::vector<TrajectoryData> trajectories;
    for (const size_t trial : group.trials) {
      absl::StatusOr<TrajectoryData> read = source.trajectory(source.data->trials[trial].trial_id);
      if (!read.ok()) return read.status();
      numbers += 2 * read->support.size() * read->steps.size();
      trajectories.push_back(*std::move(read));
    }
    if (numbers > source.limits.trajectory_numbers && !chosen.groups.empty()) break;
    chosen.groups.push_back(std::move(group));
    chosen.trajectories.push_back(std::move(trajectories));
  }
  return chosen;
}

void AddTrajectories(const SweepData& data, const ChosenTrajectories& chosen,
                     const AxisPositions& axes, json* page) {
  std::map<std::vector<int64_t>, size_t> step_sets;
  json groups = json::array();
  json trials = json::array();
  json sets = json::array();
  for (size_t g = 0; g < chosen.groups.size(); ++g) {
    const Group& group = chosen.groups[g];
    groups.push_back({{"axes", axes.PositionsJson(axes.fields(), group.values)}});
    for (size_t i = 0; i < group.trials.size(); ++i) {
      const TrajectoryData& trajectory = chosen.trajectories[g][i];
      const auto [set, added] = step_sets.try_emplace(trajectory.steps, step_sets.size());
      if (added) sets.push_back(trajectory.steps);
      trials.push_back(TrialJson(data.trials[group.trials[i]], g, set->second, trajectory));
    }
  }
  (*page)["groups"] = std::move(groups);
  (*page)["trials"] = std::move(trials);
  (*page)["step_sets"] = std::move(sets);
  (*page)["measured_trials"] =
      std::count_if(data.trials.begin(), data.trials.end(),
                    [](const TrialRow& trial) { return trial.first.has_value(); });
}

}  // namespace firstguess
