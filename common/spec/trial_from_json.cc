#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/fields.h"
#include "common/spec/losses.h"
#include "common/spec/trial.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

using Json = nlohmann::json;

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("trial configuration: ", what));
}

// Parses an object. An error for anything that is not JSON, and for a key that stands twice in one
// object: the library keeps the last silently.
absl::StatusOr<Json> ParseObject(absl::string_view text) {
  std::vector<std::set<std::string>> open_objects;
  std::string duplicate;
  const auto watch = [&](int /*depth*/, Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      open_objects.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open_objects.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!open_objects.back().insert(key).second) duplicate = key;
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Invalid("not a JSON object");
  if (!duplicate.empty()) return Invalid(absl::StrCat("`", duplicate, "` stands twice"));
  return json;
}

absl::StatusOr<FieldValue> ReadValue(const Field& field, const Json& json) {
  if (json.is_number_integer()) {
    const bool fits = json.is_number_unsigned()
                          ? json.get<uint64_t>() <= static_cast<uint64_t>(kMaxInteger)
                          : json.get<int64_t>() >= -kMaxInteger;
    if (fits) return json.get<int64_t>();
    if (field.type() == FieldType::kReal) return json.get<double>();
    return Invalid(absl::StrCat("`", field.name, "` is too large"));
  }
  if (json.is_number_float()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return Invalid(absl::StrCat("`", field.name, "` must be a number or a string"));
}

absl::StatusOr<FieldValue> ReadLoss(const Json& name, const Json& parameters) {
  if (!name.is_string()) return Invalid("`loss` must be a string");
  if (!parameters.is_object()) return Invalid("`loss_params` must be an object");
  Loss loss;
  loss.name = name.get<std::string>();
  for (const auto& [key, value] : parameters.items()) {
    if (value.is_number()) {
      loss.parameters[key] = value.get<double>();
    } else if (value.is_string()) {
      loss.parameters[key] = value.get<std::string>();
    } else {
      return Invalid(absl::StrCat("`", key, "` of the loss must be a number or a string"));
    }
  }
  return loss;
}

absl::Status CheckVersionAndKeys(const Json& json) {
  if (!json.contains("format_version") || json["format_version"] != 1) {
    return Invalid("`format_version` must be 1");
  }
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    if (FindField(key) == nullptr && key != "format_version" && key != "loss_params") {
      return Invalid(absl::StrCat("unknown field `", key, "`"));
    }
  }
  if (!json.contains("loss_params")) return Invalid("`loss_params` is missing");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrialConfig> TrialConfigFromJson(absl::string_view json) {
  absl::StatusOr<Json> parsed = ParseObject(json);
  if (!parsed.ok()) return parsed.status();
  const Json& object = *parsed;
  if (absl::Status status = CheckVersionAndKeys(object); !status.ok()) return status;

  TrialConfig config;
  for (const Field& field : TrialFields()) {
    const auto found = object.find(std::string(field.name));
    if (found == object.end()) continue;
    absl::StatusOr<FieldValue> value = field.type() == FieldType::kLoss
                                           ? ReadLoss(*found, object["loss_params"])
                                           : ReadValue(field, *found);
    if (!value.ok()) return value.status();
    if (absl::Status status = SetField(config, field, *value); !status.ok()) {
      return Invalid(status.message());
    }
  }
  for (const Field& field : TrialFields()) {
    const bool present = object.contains(std::string(field.name));
    if (present == field.IsWritten(config)) continue;
    const char* what = !present                  ? "is missing"
                       : field.HasEffect(config) ? "has its default and must be left out"
                                                 : "has no effect here and must be left out";
    return Invalid(absl::StrCat("`", field.name, "` ", what));
  }
  return config;
}

}  // namespace firstguess
