#include "common/spec/sweep_canonical.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/spec/canonical_json.h"
#include "common/spec/fields.h"
#include "common/spec/sweep_values.h"
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
  return FindAxis(sweep, field) != nullptr;
}

Json BaseJson(const Sweep& sweep) {
  Json base = Json::object();
  for (const Field& field : TrialFields()) {
    if (IsOnAxis(sweep, field.name)) continue;
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

// The axis as a range, if its values are two or more integers in equal rising steps.
std::optional<Axis::Range> AsRange(const Axis& axis) {
  if (axis.size() < 2) return std::nullopt;
  if (axis.range() != nullptr) return *axis.range();
  if (!std::holds_alternative<int64_t>(axis.at(0))) return std::nullopt;
  const int64_t first = std::get<int64_t>(axis.at(0));
  const int64_t step = std::get<int64_t>(axis.at(1)) - first;
  if (step < 1) return std::nullopt;
  for (uint64_t i = 2; i < axis.size(); ++i) {
    if (std::get<int64_t>(axis.at(i)) - std::get<int64_t>(axis.at(i - 1)) != step) {
      return std::nullopt;
    }
  }
  return Axis::Range{.first = first, .step = step, .count = axis.size()};
}

Json AxisJson(const Axis& axis) {
  Json json = {{"field", axis.field()}};
  if (const std::optional<Axis::Range> range = AsRange(axis)) {
    json["range"] = {{"first", range->first}, {"step", range->step}, {"count", range->count}};
    return json;
  }
  Json& values = json["values"] = Json::array();
  for (uint64_t i = 0; i < axis.size(); ++i) values.push_back(ValueJson(axis.at(i)));
  return json;
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
      {"fields", BaseJson(sweep)},
      {"grid", Json::array()}};
  if (sweep.max_failures.has_value()) json["max_failures"] = *sweep.max_failures;
  if (sweep.trial_timeout.has_value()) json["trial_timeout"] = *sweep.trial_timeout;
  for (const Axis& axis : sweep.axes) json["grid"].push_back(AxisJson(axis));
  return CanonicalText(json);
}

}  // namespace firstguess
