#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/times.h"
#include "coordinator/store/trial_columns.h"
#include "coordinator/store/write_executor.h"

// Trials: results, failures, ends of leases, cancelled, tried again.
namespace firstguess {
namespace {

bool IsOpen(TrialStatus status) {
  return status == TrialStatus::kPending || status == TrialStatus::kLeased;
}

}  // namespace

absl::Status WriteExecutor::Do(const StoreResult& write, WriteResult* result) {
  // Nearly always it is leased: then nothing has to be asked first.
  TrialStatus before = TrialStatus::kLeased;
  absl::StatusOr<bool> finished = FinishTrial(write, before);
  if (finished.ok() && !*finished) {
    const absl::StatusOr<TrialStatus> status = StatusOf(write.trial_id);
    if (!status.ok()) return status.status();
    before = *status;
    if (before == TrialStatus::kPending) finished = FinishTrial(write, before);
  }
  if (!finished.ok()) return finished.status();
  result->stored = *finished;
  if (!result->stored) return absl::OkStatus();
  FG_SQLITE_TRY(
      finish_attempt_.Execute(write.trial_id, write.lease_id, UnixSeconds(write.finished_at)));
  FG_SQLITE_TRY(measurements_->Insert(write.trial_id, *write.trajectory));
  return Recount(write.trial_id, before, TrialStatus::kDone,
                 write.trajectory->diverged_at_step >= 0);
}

absl::StatusOr<bool> WriteExecutor::FinishTrial(const StoreResult& write, TrialStatus before) {
  const Trajectory& trajectory = *write.trajectory;
  FG_SQLITE_TRY(finish_trial_.Execute(
      write.trial_id, write.worker, trajectory.device, trajectory.pack_size, trajectory.library,
      UnixSeconds(write.finished_at), trajectory.train_seconds,
      trajectory.diverged_at_step >= 0 ? std::optional(trajectory.diverged_at_step) : std::nullopt,
      trajectory.init_try > 0 ? std::optional(trajectory.init_try) : std::nullopt,
      TrialStatusName(before)));
  return database_->changes() == 1;
}

absl::Status WriteExecutor::Do(const EndAttempt& write, WriteResult*) {
  FG_SQLITE_TRY(close_attempt_.Execute(write.trial_id, write.lease_id, UnixSeconds(write.at),
                                       FailureClassName(write.failure), write.message));
  if (database_->changes() == 0) {
    return absl::InternalError(
        absl::StrCat("trial ", write.trial_id, " has no open attempt of lease ", write.lease_id));
  }
  if (write.charged) FG_SQLITE_TRY(charge_trial_.Execute(write.trial_id));
  if (!write.final_failure) return MakePending(write.trial_id, TrialStatus::kLeased);
  FG_SQLITE_TRY(fail_trial_.Execute(write.trial_id, FailureClassName(write.failure), write.message,
                                    UnixSeconds(write.at)));
  return Recount(write.trial_id, TrialStatus::kLeased, TrialStatus::kFailed);
}

absl::Status WriteExecutor::Do(const EndLease& write, WriteResult*) {
  FG_SQLITE_TRY(end_lease_.Execute(write.lease_id, UnixSeconds(write.at), write.outcome));
  if (database_->changes() == 0) {
    return absl::InternalError(absl::StrCat("there is no open lease ", write.lease_id, " to end"));
  }
  std::vector<TrialId> trials;
  {
    sqlite::Run run(&select_open_attempts_, write.lease_id);
    for (;;) {
      const absl::StatusOr<bool> row = run.Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      trials.push_back(run.row().Integer(0));
    }
  }
  for (const TrialId id : trials) {
    FG_SQLITE_TRY(close_attempt_.Execute(id, write.lease_id, UnixSeconds(write.at), write.outcome,
                                         write.message));
    FG_SQLITE_TRY(MakePending(id, TrialStatus::kLeased));
  }
  return absl::OkStatus();
}

absl::Status WriteExecutor::Do(const CancelTrials& write, WriteResult*) {
  for (const TrialId id : write.trials) {
    const absl::StatusOr<TrialStatus> before = StatusOf(id);
    if (!before.ok()) return before.status();
    if (!IsOpen(*before)) continue;
    FG_SQLITE_TRY(
        close_attempts_of_trial_.Execute(id, UnixSeconds(write.at), "nobody wants it any more"));
    FG_SQLITE_TRY(cancel_trial_.Execute(id, UnixSeconds(write.at)));
    FG_SQLITE_TRY(Recount(id, *before, TrialStatus::kCancelled));
  }
  return absl::OkStatus();
}

absl::Status WriteExecutor::Do(const RetryFailed& write, WriteResult* result) {
  const auto is_asked_for = [&](absl::string_view failure) {
    return write.classes.empty() ||
           std::any_of(write.classes.begin(), write.classes.end(),
                       [&](FailureClass one) { return FailureClassName(one) == failure; });
  };
  // Nothing is asked of a cancelled sweep.
  const absl::StatusOr<SweepState> state = sweeps_->StateOf(write.sweep_id);
  if (!state.ok()) return state.status();
  if (*state == SweepState::kCancelled) return absl::OkStatus();
  {
    sqlite::Run run(&select_failed_, write.sweep_id);
    for (;;) {
      const absl::StatusOr<bool> row = run.Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (!is_asked_for(run.row().TextView(6))) continue;
      absl::StatusOr<StoredTrial> trial = ReadStoredTrial(run.row());
      if (!trial.ok()) return trial.status();
      result->retried.push_back(*std::move(trial));
    }
  }
  for (StoredTrial& trial : result->retried) {
    FG_SQLITE_TRY(forget_failure_.Execute(trial.trial_id));
    FG_SQLITE_TRY(Recount(trial.trial_id, TrialStatus::kFailed, TrialStatus::kPending));
    trial.status = TrialStatus::kPending;
    trial.attempts = 0;
    const absl::StatusOr<std::vector<Want>> wants = WantsOf(trial.trial_id);
    if (!wants.ok()) return wants.status();
    std::vector<SweepId>& wanted_by = result->retried_wanted_by.emplace_back();
    for (const Want& want : *wants) {
      const absl::StatusOr<SweepState> wanting = sweeps_->StateOf(want.sweep_id);
      if (!wanting.ok()) return wanting.status();
      if (*wanting != SweepState::kCancelled) wanted_by.push_back(want.sweep_id);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TrialStatus> WriteExecutor::StatusOf(TrialId trial_id) {
  sqlite::Run run(&select_status_, trial_id);
  const absl::StatusOr<bool> row = run.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::InternalError(absl::StrCat("there is no trial ", trial_id));
  return TrialStatusFromName(run.row().TextView(0));
}

absl::StatusOr<std::vector<WriteExecutor::Want>> WriteExecutor::WantsOf(TrialId trial_id) {
  std::vector<Want> wants;
  sqlite::Run run(&select_wants_, trial_id);
  for (;;) {
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    if (!*row) return wants;
    wants.push_back({.sweep_id = run.row().Integer(0), .cells = run.row().Integer(1)});
  }
}

absl::Status WriteExecutor::Recount(TrialId trial_id, TrialStatus from, TrialStatus to,
                                    bool diverged) {
  const absl::StatusOr<std::vector<Want>> wants = WantsOf(trial_id);
  if (!wants.ok()) return wants.status();
  for (const Want& want : *wants) {
    FG_SQLITE_TRY(sweeps_->Move(want.sweep_id, from, to, want.cells, diverged));
  }
  return absl::OkStatus();
}

absl::Status WriteExecutor::MakePending(TrialId trial_id, TrialStatus from) {
  FG_SQLITE_TRY(make_pending_.Execute(trial_id));
  return Recount(trial_id, from, TrialStatus::kPending);
}

}  // namespace firstguess
