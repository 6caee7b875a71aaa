#include "common/spec/sweep_canonical.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/spec/canonical_json.h"
#include "common/spec/fields.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

using Json = nlohmann::json;

Json LossParameters(const Loss& loss) {
  Json parameters = Json::object();
  for (const auto& [name, value] : loss.parameters) {
    std::visit([&, &key = name](const auto& parameter) { parameters[key] = parameter; }, value);
  }
  return parameters;
}

Json ValueJson(const FieldValue& value) {
  if (const auto* loss = std::get_if<Loss>(&value)) {
    return {{"loss", loss->name}, {"loss_params", LossParameters(*loss)}};
  }
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::get<std::string>(value);
}

bool IsOnAxis(const Sweep& sweep, absl::string_view field) {
  return std::any_of(sweep.grids.begin(), sweep.grids.end(),
                     [&](const AxisProduct& grid) { return grid.Find(field) != nullptr; });
}

bool IsOnAxisOfAll(const Sweep& sweep, absl::string_view field) {
  return std::all_of(sweep.grids.begin(), sweep.grids.end(),
                     [&](const AxisProduct& grid) { return grid.Find(field) != nullptr; });
}

Json BaseJson(const Sweep& sweep) {
  Json base = Json::object();
  for (const Field& field : TrialFields()) {
    if (IsOnAxisOfAll(sweep, field.name)) continue;
    const bool may_gain_effect =
        std::any_of(field.depends_on.begin(), field.depends_on.end(),
                    [&](absl::string_view other) { return IsOnAxis(sweep, other); });
    if (!may_gain_effect && !field.HasEffect(sweep.base)) continue;
    const FieldValue value = GetField(sweep.base, field);
    if (field.is_newer && value == GetField(TrialConfig{}, field)) continue;
    if (const auto* loss = std::get_if<Loss>(&value)) {
      base["loss"] = loss->name;
      base["loss_params"] = LossParameters(*loss);
    } else {
      base[std::string(field.name)] = ValueJson(value);
    }
  }
  return base;
}

// The column as a range, if its values are two or more integers in equal rising steps.
std::optional<Column::Range> AsRange(const Column& column) {
  if (column.size() < 2) return std::nullopt;
  if (column.range() != nullptr) return *column.range();
  if (!std::holds_alternative<int64_t>(column.at(0))) return std::nullopt;
  const int64_t first = std::get<int64_t>(column.at(0));
  const int64_t step = std::get<int64_t>(column.at(1)) - first;
  if (step < 1) return std::nullopt;
  for (uint64_t i = 2; i < column.size(); ++i) {
    if (std::get<int64_t>(column.at(i)) - std::get<int64_t>(column.at(i - 1)) != step) {
      return std::nullopt;
    }
  }
  return Column::Range{.first = first, .step = step, .count = column.size()};
}

Json ColumnJson(const Column& column) {
  Json json = {{"field", column.field()}};
  if (const std::optional<Column::Range> range = AsRange(column)) {
    json["range"] = {{"first", range->first}, {"step", range->step}, {"count", range->count}};
    return json;
  }
  Json& values = json["values"] = Json::array();
  for (uint64_t i = 0; i < column.size(); ++i) values.push_back(ValueJson(column.at(i)));
  return json;
}

Json ColumnsJson(const std::vector<Column>& columns) {
  Json json = Json::array();
  for (const Column& column : columns) json.push_back(ColumnJson(column));
  return json;
}

Json GridJson(const AxisProduct& grid) {
  Json json = Json::array();
  for (const Axis& axis : grid.axes) {
    if (axis.columns().size() == 1) {
      json.push_back(ColumnJson(axis.columns().front()));
    } else {
      json.push_back({{"zip", ColumnsJson(axis.columns())}});
    }
  }
  return json;
}

// The cells: `grid` as a list of axes, or `grids` as a list of such lists; `exclude`; `sample`.
void AddCells(const Sweep& sweep, Json& json) {
  if (sweep.grids.size() == 1) {
    json["grid"] = GridJson(sweep.grids.front());
  } else {
    for (const AxisProduct& grid : sweep.grids) json["grids"].push_back(GridJson(grid));
  }
  for (const Exclude& exclude : sweep.excludes) {
    json["exclude"].push_back(ColumnsJson(exclude.columns));
  }
  if (sweep.sample.has_value()) {
    const bool is_sobol = sweep.sample->method == Sample::Method::kSobol;
    json["sample"] = {{"count", sweep.sample->count},
                      {"method", is_sobol ? "sobol" : "random"},
                      {"seed", sweep.sample->seed}};
  }
}

Json RequirementsJson(const Requirements& needs) {
  return {{"device", needs.device},
          {"device_name", needs.device_name},
          {"memory", needs.memory_bytes},
          {"labels", needs.labels}};
}

}  // namespace

std::string CanonicalSpec(const Sweep& sweep) {
  Json json = {
      {"format_version", 1},
      {"name", sweep.name},
      {"priority", sweep.priority},
      {"max_attempts", sweep.max_attempts},
      {"requires", RequirementsJson(sweep.needs)},
      {"pack", {{"max_trials", sweep.pack.max_trials}, {"max_flops", sweep.pack.max_flops}}},
      {"fields", BaseJson(sweep)}};
  if (sweep.max_failures.has_value()) json["max_failures"] = *sweep.max_failures;
  if (sweep.trial_timeout.has_value()) json["trial_timeout"] = *sweep.trial_timeout;
  AddCells(sweep, json);
  return CanonicalText(json);
}

}  // namespace firstguess
