#include "common/spec/fields.h"

#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/field_table.h"
#include "common/spec/limits.h"
#include "common/spec/losses.h"

namespace firstguess {
namespace {

std::string LossText(const Loss& loss) {
  std::vector<std::string> parameters;
  for (const auto& [name, value] : loss.parameters) {
    const double* number = std::get_if<double>(&value);
    parameters.push_back(absl::StrCat(
        name, "=", number != nullptr ? NumberText(*number) : std::get<std::string>(value)));
  }
  if (parameters.empty()) return loss.name;
  return absl::StrCat(loss.name, "(", absl::StrJoin(parameters, ", "), ")");
}

absl::Status WrongType(const Field& field) {
  constexpr absl::string_view kTypes[] = {"an integer", "a number", "a word", "a loss"};
  return absl::InvalidArgumentError(
      absl::StrCat("`", field.name, "` must be ", kTypes[static_cast<int>(field.type())]));
}

absl::Status CheckSpelling(const Field& field, absl::string_view text) {
  const absl::StatusOr<std::string> canonical = field.canonical(text);
  if (!canonical.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", field.name, "` ", canonical.status().message()));
  }
  if (*canonical == text) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("`", field.name, "` must be written `", *canonical, "`, not `", text, "`"));
}

// -0 is 0: the two train alike and must be one trial.
double WithoutNegativeZero(double value) { return value == 0 ? 0.0 : value; }

Loss WithoutNegativeZero(Loss loss) {
  for (auto& [name, value] : loss.parameters) {
    if (double* number = std::get_if<double>(&value)) *number = WithoutNegativeZero(*number);
  }
  return loss;
}

}  // namespace

std::string ToText(const FieldValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* number = std::get_if<double>(&value)) return NumberText(*number);
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  return LossText(std::get<Loss>(value));
}

const std::vector<Field>& TrialFields() {
  static const auto* const fields = [] {
    auto* all = new std::vector<Field>;
    for (auto part : {NetworkFields, TrainingFields, DataAndMeasurementFields}) {
      for (Field& field : part()) all->push_back(std::move(field));
    }
    return all;
  }();
  return *fields;
}

bool Field::IsWritten(const TrialConfig& config) const {
  static const auto* const defaults = new TrialConfig;
  if (!HasEffect(config)) return false;
  return !is_newer || GetField(config, *this) != GetField(*defaults, *this);
}

const Field* FindField(absl::string_view name) {
  static const auto* const by_name = [] {
    auto* fields = new absl::flat_hash_map<absl::string_view, const Field*>;
    for (const Field& field : TrialFields()) fields->emplace(field.name, &field);
    return fields;
  }();
  const auto found = by_name->find(name);
  return found == by_name->end() ? nullptr : found->second;
}

FieldValue GetField(const TrialConfig& config, const Field& field) {
  return std::visit([&](auto member) { return FieldValue(config.*member); }, field.member);
}

absl::Status CheckField(const Field& field, const FieldValue& value) {
  switch (field.type()) {
    case FieldType::kInteger: {
      const auto* integer = std::get_if<int64_t>(&value);
      if (integer == nullptr) return WrongType(field);
      return CheckNumber(field.name, static_cast<double>(*integer), field.min, field.max);
    }
    case FieldType::kReal: {
      if (const auto* integer = std::get_if<int64_t>(&value)) {
        return CheckNumber(field.name, static_cast<double>(*integer), field.min, field.max);
      }
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) return WrongType(field);
      return CheckNumber(field.name, *number, field.min, field.max);
    }
    case FieldType::kWord: {
      const auto* word = std::get_if<std::string>(&value);
      if (word == nullptr) return WrongType(field);
      if (field.canonical != nullptr) return CheckSpelling(field, *word);
      return CheckWord(field.name, *word, field.words);
    }
    case FieldType::kLoss: {
      const auto* loss = std::get_if<Loss>(&value);
      if (loss == nullptr) return WrongType(field);
      return CheckLoss(*loss);
    }
  }
  return WrongType(field);
}

absl::Status SetField(TrialConfig& config, const Field& field, const FieldValue& value) {
  if (absl::Status status = CheckField(field, value); !status.ok()) return status;
  switch (field.type()) {
    case FieldType::kInteger:
      config.*std::get<int64_t TrialConfig::*>(field.member) = std::get<int64_t>(value);
      break;
    case FieldType::kReal: {
      const auto* integer = std::get_if<int64_t>(&value);
      config.*std::get<double TrialConfig::*>(field.member) =
          integer != nullptr ? static_cast<double>(*integer)
                             : WithoutNegativeZero(std::get<double>(value));
      break;
    }
    case FieldType::kWord:
      config.*std::get<std::string TrialConfig::*>(field.member) = std::get<std::string>(value);
      break;
    case FieldType::kLoss:
      config.*std::get<Loss TrialConfig::*>(field.member) =
          WithoutNegativeZero(std::get<Loss>(value));
      break;
  }
  return absl::OkStatus();
}

TrialConfig WithoutIdleFields(const TrialConfig& config) {
  static const auto* const defaults = new TrialConfig;
  TrialConfig result = config;
  for (const Field& field : TrialFields()) {
    if (field.HasEffect(config)) continue;
    std::visit([&](auto member) { result.*member = (*defaults).*member; }, field.member);
  }
  return result;
}

}  // namespace firstguess
