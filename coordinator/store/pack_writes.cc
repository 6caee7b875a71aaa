#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/times.h"
#include "coordinator/store/trial_columns.h"
#include "coordinator/store/write_executor.h"

// Packs: opened, leased again, split.
namespace firstguess {

absl::Status WriteExecutor::Do(const OpenPack& write, WriteResult* result) {
  FG_SQLITE_TRY(
      insert_pack_.Execute(write.pack_id, write.sweep_id, write.revision, write.plan_index));
  FG_SQLITE_TRY(InsertLease(write.lease, write.pack_id));
  for (const PlannedCell& cell : write.cells) FG_SQLITE_TRY(OpenCell(write, cell, result));
  if (!result->members.empty()) return absl::OkStatus();
  return end_lease_.Execute(write.lease.lease_id, UnixSeconds(write.lease.granted_at), "finished");
}

absl::Status WriteExecutor::OpenCell(const OpenPack& write, const PlannedCell& cell,
                                     WriteResult* result) {
  const std::string config = CanonicalJson(cell.config);
  const std::string key = Sha256Hex(config);
  const absl::StatusOr<std::optional<TrialId>> inserted = InsertTrial(write, cell, key, config);
  if (!inserted.ok()) return inserted.status();
  if (inserted->has_value()) {
    const TrialId id = **inserted;
    FG_SQLITE_TRY(insert_cell_.Execute(write.sweep_id, write.revision, cell.cell, id));
    FG_SQLITE_TRY(sweeps_->Move(write.sweep_id, std::nullopt, TrialStatus::kLeased, 1, false));
    result->members.push_back({.trial_id = id,
                               .pack_id = write.pack_id,
                               .slot = cell.slot,
                               .status = TrialStatus::kLeased,
                               .attempts = 0,
                               .config = cell.config});
    return InsertAttempt(id, write.lease);
  }
  absl::StatusOr<KnownTrial> found = FindTrial(key);
  if (!found.ok()) return found.status();
  StoredTrial& trial = found->trial;
  if (trial.status == TrialStatus::kCancelled) {
    FG_SQLITE_TRY(MakePending(trial.trial_id, trial.status));
    trial.status = TrialStatus::kPending;
  }
  FG_SQLITE_TRY(insert_cell_.Execute(write.sweep_id, write.revision, cell.cell, trial.trial_id));
  FG_SQLITE_TRY(sweeps_->Move(write.sweep_id, std::nullopt, trial.status, 1, found->diverged));
  const bool is_open =
      trial.status == TrialStatus::kPending || trial.status == TrialStatus::kLeased;
  // Two cells of a pack may be one trial.
  if (!is_open || trial.pack_id == write.pack_id) return absl::OkStatus();
  const bool is_listed =
      std::any_of(result->shared.begin(), result->shared.end(),
                  [&](const StoredTrial& shared) { return shared.trial_id == trial.trial_id; });
  if (!is_listed) result->shared.push_back(std::move(trial));
  return absl::OkStatus();
}

absl::StatusOr<WriteExecutor::KnownTrial> WriteExecutor::FindTrial(absl::string_view key) {
  sqlite::Run run(&find_trial_, key);
  const absl::StatusOr<bool> row = run.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::InternalError(absl::StrCat("there is no trial with key ", key));
  absl::StatusOr<StoredTrial> trial = ReadStoredTrial(run.row());
  if (!trial.ok()) return trial.status();
  return KnownTrial{.trial = *std::move(trial), .diverged = run.row().Integer(6) != 0};
}

absl::StatusOr<std::optional<TrialId>> WriteExecutor::InsertTrial(const OpenPack& write,
                                                                  const PlannedCell& cell,
                                                                  absl::string_view key,
                                                                  absl::string_view config) {
  insert_trial_.BindView(1, key);
  insert_trial_.BindView(2, config);
  insert_trial_.Bind(3, write.pack_id);
  insert_trial_.Bind(4, cell.slot);
  insert_trial_.Bind(5, UnixSeconds(write.lease.granted_at));
  BindConfig(cell.config, 6, &insert_trial_);
  FG_SQLITE_TRY(insert_trial_.Finish());
  if (database_->changes() == 0) return std::optional<TrialId>();
  return std::optional<TrialId>(database_->last_insert_rowid());
}

absl::Status WriteExecutor::InsertLease(const LeaseRecord& lease, PackId pack_id) {
  return insert_lease_.Execute(lease.lease_id, pack_id, lease.worker, lease.instance_id,
                               UnixSeconds(lease.granted_at));
}

absl::Status WriteExecutor::InsertAttempt(TrialId trial_id, const LeaseRecord& lease) {
  return insert_attempt_.Execute(trial_id, lease.lease_id, UnixSeconds(lease.granted_at));
}

absl::Status WriteExecutor::Do(const LeasePack& write, WriteResult*) {
  FG_SQLITE_TRY(InsertLease(write.lease, write.pack_id));
  for (const TrialId id : write.trials) {
    FG_SQLITE_TRY(lease_trial_.Execute(id, write.pack_id, UnixSeconds(write.lease.granted_at)));
    if (database_->changes() != 1) {
      return absl::InternalError(absl::StrCat("trial ", id,
                                              " was to be leased, but is not a"
                                              " pending one of pack ",
                                              write.pack_id));
    }
    FG_SQLITE_TRY(InsertAttempt(id, write.lease));
    FG_SQLITE_TRY(Recount(id, TrialStatus::kPending, TrialStatus::kLeased));
  }
  return absl::OkStatus();
}

absl::Status WriteExecutor::Do(const SplitPack& write, WriteResult*) {
  for (const SplitPack::Part& part : write.parts) {
    FG_SQLITE_TRY(insert_part_.Execute(write.pack_id, part.pack_id));
    if (database_->changes() != 1) {
      return absl::InternalError(absl::StrCat("there is no pack ", write.pack_id, " to split"));
    }
    for (const TrialId id : part.trials) {
      FG_SQLITE_TRY(move_to_part_.Execute(write.pack_id, id, part.pack_id));
      if (database_->changes() != 1) {
        return absl::InternalError(
            absl::StrCat("trial ", id, " was to leave pack ", write.pack_id, ", but is not in it"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace firstguess
