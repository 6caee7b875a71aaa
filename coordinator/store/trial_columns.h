#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "coordinator/state/writes.h"
#include "coordinator/store/sqlite/statement.h"

namespace firstguess {

// The columns of table `trial` that hold the configuration by field, in order, with commas; and as
// many question marks.
std::string ConfigColumns();
std::string ConfigParameters();

// Binds them from parameter `first` on; returns the parameter that follows.
int BindConfig(const TrialConfig& config, int first, sqlite::Statement* statement);

// The columns that ReadStoredTrial reads.
inline constexpr char kStoredTrialColumns[] = "trial_id, pack_id, slot, status, attempts, config";

// DataLoss, naming the trial, for what this program would not have written.
absl::StatusOr<StoredTrial> ReadStoredTrial(const sqlite::Statement& row);

absl::StatusOr<TrialStatus> TrialStatusFromName(absl::string_view name);
absl::StatusOr<SweepState> SweepStateFromName(absl::string_view name);

}  // namespace firstguess
