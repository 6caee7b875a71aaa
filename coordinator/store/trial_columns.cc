#include "coordinator/store/trial_columns.h"

#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

std::vector<std::string> ColumnNames() {
  std::vector<std::string> names;
  for (const Field& field : TrialFields()) {
    names.emplace_back(field.name);
    if (field.type() == FieldType::kLoss) names.push_back(absl::StrCat(field.name, "_params"));
  }
  return names;
}

template <typename Enum>
absl::StatusOr<Enum> FromName(absl::string_view name, absl::string_view (*name_of)(Enum),
                              Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (name_of(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return absl::DataLossError(absl::StrCat("the database says `", name, "`, which is unknown"));
}

}  // namespace

std::string ConfigColumns() { return absl::StrJoin(ColumnNames(), ", "); }

std::string ConfigParameters() {
  return absl::StrJoin(std::vector<std::string>(ColumnNames().size(), "?"), ", ");
}

int BindConfig(const TrialConfig& config, int first, sqlite::Statement* statement) {
  int index = first;
  for (const Field& field : TrialFields()) {
    const bool has_effect = field.HasEffect(config);
    std::visit(
        [&](auto member) {
          const auto& value = config.*member;
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Loss>) {
            statement->Bind(index++, value.name);
            statement->Bind(index++, LossParametersJson(value));
          } else if (has_effect) {
            statement->Bind(index++, value);
          } else {
            statement->Bind(index++, nullptr);
          }
        },
        field.member);
  }
  return index;
}

absl::StatusOr<StoredTrial> ReadStoredTrial(const sqlite::Statement& row) {
  StoredTrial trial;
  trial.trial_id = row.Integer(0);
  trial.pack_id = row.Integer(1);
  trial.slot = row.Integer(2);
  const absl::StatusOr<TrialStatus> status = TrialStatusFromName(row.TextView(3));
  if (!status.ok()) return status.status();
  trial.status = *status;
  trial.attempts = row.Integer(4);
  absl::StatusOr<TrialConfig> config = TrialConfigFromJson(row.TextView(5));
  if (!config.ok()) {
    return absl::DataLossError(absl::StrCat("the configuration of trial ", trial.trial_id,
                                            " can't be read: ", config.status().message()));
  }
  trial.config = *std::move(config);
  return trial;
}

absl::StatusOr<TrialStatus> TrialStatusFromName(absl::string_view name) {
  return FromName(name, TrialStatusName, TrialStatus::kCancelled);
}

absl::StatusOr<SweepState> SweepStateFromName(absl::string_view name) {
  return FromName(name, SweepStateName, SweepState::kDone);
}

}  // namespace firstguess
