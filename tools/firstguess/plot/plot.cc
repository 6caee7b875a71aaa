#include "tools/firstguess/plot/plot.h"

#include <algorithm>
#include <memory>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/hint.h"
#include "tools/firstguess/plot/svg_renderer.h"
#include "tools/firstguess/report/analysis.h"
#include "tools/firstguess/report/labels.h"
#include "tools/firstguess/report/read_sweep.h"
#include "tools/firstguess/report/report_json.h"

namespace firstguess {
namespace {

using nlohmann::json;

constexpr absl::string_view kLoss = "loss";

absl::Status NoSuchName(absl::string_view what, const std::string& name,
                        const std::vector<std::string>& names) {
  const std::vector<absl::string_view> known(names.begin(), names.end());
  return absl::InvalidArgumentError(absl::StrCat("there is no ", what, " `", name, "`",
                                                 Hint(name, known), "; there is ",
                                                 absl::StrJoin(names, ", ")));
}

// Varying fields that a chart may have an axis of; seeds are aggregated over.
std::vector<std::string> AxisNames(const SweepData& data, bool with_loss) {
  std::vector<std::string> names;
  for (const size_t field : VaryingFields(data)) {
    if (!IsSeed(data.fields[field])) names.push_back(data.fields[field].name);
  }
  if (with_loss && data.treatments.size() > 1) names.emplace_back(kLoss);
  return names;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The trial's value of a field as text; a loss also by its label, "blurry, gamma 0.5".
bool Fits(const SweepData& data, const TrialRow& trial, const std::string& name,
          const std::string& value) {
  if (name == kLoss) {
    const Treatment& treatment = data.treatments[trial.treatment];
    return treatment.loss == value || treatment.label == value;
  }
  return ValueLabel(ValueOf(data, trial, FieldIndex(data, name))) == value;
}

std::vector<std::string> ValuesOf(const SweepData& data, const std::string& name) {
  std::vector<std::string> values;
  if (name == kLoss) {
    for (const Treatment& treatment : data.treatments) values.push_back(treatment.label);
    return values;
  }
  for (const SqlValue& value : data.fields[FieldIndex(data, name)].values) {
    values.push_back(ValueLabel(value));
  }
  return values;
}

// Leaves the trials that every condition fits.
absl::Status Choose(const PlotOptions& options, SweepData* data) {
  std::vector<std::string> names;
  for (const TrialField& field : data->fields) names.push_back(field.name);
  names.emplace_back(kLoss);
  for (const auto& condition : options.where) {
    const std::string& name = condition.first;
    const std::string& value = condition.second;
    if (!Contains(names, name)) {
      const std::vector<absl::string_view> known(names.begin(), names.end());
      return absl::InvalidArgumentError(
          absl::StrCat("a trial has no field `", name, "`", Hint(name, known)));
    }
    std::erase_if(data->trials,
                  [&](const TrialRow& trial) { return !Fits(*data, trial, name, value); });
    if (data->trials.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("no trial has ", name, " ", value, "; of ",
                                                     name, " there is ",
                                                     absl::StrJoin(ValuesOf(*data, name), ", ")));
    }
  }
  std::erase_if(data->trials, [](const TrialRow& trial) { return !trial.first.has_value(); });
  if (data->trials.empty()) return absl::UnavailableError("no such trial has been measured yet");
  return absl::OkStatus();
}

// Leaves the most biased start, or it and what differs from it in seeds alone.
void KeepOneStart(bool with_other_seeds, SweepData* data) {
  std::vector<size_t> fields = VaryingFields(*data);
  if (with_other_seeds) {
    std::erase_if(fields, [data](size_t field) { return IsSeed(data->fields[field]); });
  }
  const Group first = GroupByStart(*data, fields).front();
  std::vector<TrialRow> kept;
  for (const size_t trial : first.trials) kept.push_back(data->trials[trial]);
  data->trials = std::move(kept);
}

// The axes of a heat map that were not said: two that are numbers, rather than the loss.
absl::Status ChooseAxes(const SweepData& data, std::string* x, std::string* y) {
  const std::vector<std::string> names = AxisNames(data, true);
  for (const std::string* name : {x, y}) {
    if (!name->empty() && !Contains(names, *name)) return NoSuchName("axis", *name, names);
  }
  for (std::string* name : {x, y}) {
    const std::string& other = name == x ? *y : *x;
    for (const std::string& candidate : names) {
      if (name->empty() && candidate != other) *name = candidate;
    }
  }
  if (x->empty() || y->empty() || *x == *y) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a heat map needs two different axes; the sweep varies ", absl::StrJoin(names, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> PlotCharts() { return {"trajectories", "initial-bias", "heat-map"}; }

std::vector<std::string> PlotQuantities(const std::string& chart) {
  if (chart == "trajectories") return {"mean_prob", "recall"};
  if (chart == "initial-bias") return {"max_guess", "mean_prob"};
  return {"initial_max_guess", "final_max_guess", "accuracy", "above_chance"};
}

absl::StatusOr<std::string> PlotSvg(const PlotOptions& options) {
  PlotOptions chosen = options;
  if (!Contains(PlotCharts(), chosen.chart)) return NoSuchName("chart", chosen.chart, PlotCharts());
  const std::vector<std::string> quantities = PlotQuantities(chosen.chart);
  if (chosen.quantity.empty()) chosen.quantity = quantities.front();
  if (!Contains(quantities, chosen.quantity)) {
    return NoSuchName(absl::StrCat("quantity of ", chosen.chart), chosen.quantity, quantities);
  }
  absl::StatusOr<std::unique_ptr<SweepReader>> reader = SweepReader::Open(chosen.database);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<SweepData> data = (*reader)->ReadSweep(chosen.sweep);
  if (!data.ok()) return data.status();
  if (absl::Status status = Choose(chosen, &*data); !status.ok()) return status;
  if (chosen.chart == "heat-map") {
    if (absl::Status status = ChooseAxes(*data, &chosen.x, &chosen.y); !status.ok()) return status;
  }
  if (!chosen.by.empty() && chosen.by != "none") {
    const std::vector<std::string> names = AxisNames(*data, false);
    if (!Contains(names, chosen.by)) return NoSuchName("axis", chosen.by, names);
  }
  if (chosen.chart == "trajectories") KeepOneStart(chosen.ranks, &*data);
  ReportSource source;
  source.data = &*data;
  source.trajectory = [&reader](int64_t trial_id) { return (*reader)->ReadTrajectory(trial_id); };
  if (chosen.chart != "trajectories") source.limits.trajectories = 1;
  const absl::StatusOr<json> report = ReportJson(source);
  if (!report.ok()) return report.status();
  return RenderSvg({{"chart", chosen.chart},
                    {"quantity", chosen.quantity},
                    {"lines", chosen.ranks ? "ranks" : "classes"},
                    {"by", chosen.by},
                    {"x", chosen.x},
                    {"y", chosen.y},
                    {"width", chosen.width},
                    {"height", chosen.height}},
                   *report);
}

}  // namespace firstguess
