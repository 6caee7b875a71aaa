#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/spec/trial.h"

namespace firstguess {

// A value of one trial field.
using FieldValue = std::variant<int64_t, double, std::string, Loss>;

// As a person reads it: 64, 0.05, relu, blurry(gamma=0.5, gradient=detached).
std::string ToText(const FieldValue& value);

// Where a field stands in a sweep file.
enum class FieldSection { kTop, kTrain, kMeasure, kInitCondition };

// Numbered like FieldValue's alternatives.
enum class FieldType { kInteger, kReal, kWord, kLoss };

// The largest integer that JSON, SQL and binary64 all carry exactly: 2^53 - 1.
inline constexpr int64_t kMaxInteger = 9007199254740991;

// What a trial field is. The parser, the canonical JSON, the database's columns and the command
// line all read this one table.
struct Field {
  using Member = std::variant<int64_t TrialConfig::*, double TrialConfig::*,
                              std::string TrialConfig::*, Loss TrialConfig::*>;

  absl::string_view name;
  Member member = {};
  FieldSection section = FieldSection::kTop;
  // Limits of a number, both included.
  double min = 0;
  double max = std::numeric_limits<double>::infinity();
  // What a word may be.
  std::vector<absl::string_view> words = {};
  // Not null of a word that may be more than `words`: its one spelling, or InvalidArgument that
  // goes on from the field's name.
  absl::StatusOr<std::string> (*canonical)(absl::string_view text) = nullptr;
  // A list of words or numbers, in one word apart by commas; in a sweep file, a sequence.
  bool is_list = false;
  // Null when the field always has an effect; else says so for one configuration, by its values of
  // the fields `depends_on` alone.
  bool (*has_effect)(const TrialConfig&) = nullptr;
  std::vector<absl::string_view> depends_on = {};
  // Newer than format version 1: left out of every canonical form while it has its default, so that
  // what was stored before keeps its identity.
  bool is_newer = false;
  absl::string_view description = {};

  FieldType type() const { return static_cast<FieldType>(member.index()); }
  // False when `config` trains alike whatever this field says. Such a field is left out of the
  // canonical JSON.
  bool HasEffect(const TrialConfig& config) const {
    return has_effect == nullptr || has_effect(config);
  }
  // Whether the canonical JSON of `config` has it.
  bool IsWritten(const TrialConfig& config) const;
};

// All fields; `loss` is followed by `loss_params` in the database. Newer ones stand where they
// belong here, and at the end of the database's columns. Static; thread-safe.
const std::vector<Field>& TrialFields();

// Whether the network has batch normalisation.
bool HasBatchNorm(const TrialConfig& config);

// Whether the initial weights are drawn again until their first guess is as asked for.
bool HasInitCondition(const TrialConfig& config);

// Null when no field has this name.
const Field* FindField(absl::string_view name);

FieldValue GetField(const TrialConfig& config, const Field& field);

// InvalidArgument, naming the field and what it may be, unless `value` is valid for it. An integer
// is taken for a real field.
absl::Status CheckField(const Field& field, const FieldValue& value);

// Checks and assigns; -0 becomes 0. On an error `config` is unchanged.
absl::Status SetField(TrialConfig& config, const Field& field, const FieldValue& value);

// The parameters of `loss` as a canonical JSON object: the database's `loss_params`.
std::string LossParametersJson(const Loss& loss);

// `config` with every field that has no effect set to its default: what TrialConfigFromJson makes
// of its canonical JSON. Two configurations have the same key if and only if these are equal.
TrialConfig WithoutIdleFields(const TrialConfig& config);

}  // namespace firstguess
