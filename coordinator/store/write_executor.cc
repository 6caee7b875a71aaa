#include "coordinator/store/write_executor.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/prepare.h"
#include "coordinator/store/trial_columns.h"

namespace firstguess {
namespace {

// When the write happened. Splitting and retrying finish nothing and carry no time.
absl::Time TimeOf(const Write& write) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.at; }) {
          return one.at;
        } else if constexpr (requires { one.lease.granted_at; }) {
          return one.lease.granted_at;
        } else if constexpr (requires { one.finished_at; }) {
          return one.finished_at;
        } else {
          return absl::UnixEpoch();
        }
      },
      write);
}

}  // namespace

absl::StatusOr<std::unique_ptr<WriteExecutor>> WriteExecutor::Create(sqlite::Database* database) {
  std::unique_ptr<WriteExecutor> executor(new WriteExecutor(database));
  absl::StatusOr<std::unique_ptr<SweepLedger>> sweeps = SweepLedger::Create(database);
  if (!sweeps.ok()) return sweeps.status();
  executor->sweeps_ = *std::move(sweeps);
  absl::StatusOr<std::unique_ptr<Measurements>> measurements = Measurements::Create(database);
  if (!measurements.ok()) return measurements.status();
  executor->measurements_ = *std::move(measurements);
  FG_SQLITE_TRY(executor->PrepareStatements());
  return executor;
}

absl::Status WriteExecutor::PrepareStatements() {
  return sqlite::PrepareAll(
      database_,
      {{&find_trial_, absl::StrCat("SELECT ", kStoredTrialColumns,
                                   ", diverged_at_step IS NOT NULL FROM trial WHERE key = ?")},
       {&insert_trial_,
        absl::StrCat("INSERT INTO trial (key, status, config, pack_id, slot, started_at, ",
                     ConfigColumns(), ") VALUES (?, 'leased', ?, ?, ?, ?, ", ConfigParameters(),
                     ") ON CONFLICT (key) DO NOTHING")},
       {&insert_cell_, "INSERT INTO cell (sweep_id, revision, cell, trial_id) VALUES (?, ?, ?, ?)"},
       {&select_live_cells_,
        "SELECT cell.rowid, cell.revision, cell.cell, cell.trial_id, trial.status,"
        " trial.diverged_at_step IS NOT NULL FROM cell JOIN trial USING (trial_id)"
        " WHERE cell.sweep_id = ? AND cell.dropped_in IS NULL"},
       {&drop_cell_, "UPDATE cell SET dropped_in = ?2 WHERE rowid = ?1"},
       {&has_live_cell_,
        "SELECT 1 FROM cell WHERE trial_id = ?2 AND sweep_id = ?1 AND dropped_in IS NULL LIMIT 1"},
       {&insert_pack_,
        "INSERT INTO pack (pack_id, sweep_id, revision, plan_index) VALUES (?, ?, ?, ?)"},
       {&insert_part_,
        "INSERT INTO pack (pack_id, sweep_id, revision, plan_index, parent_pack_id)"
        " SELECT ?2, sweep_id, revision, plan_index, pack_id FROM pack WHERE pack_id = ?1"},
       {&move_to_part_,
        "UPDATE trial SET pack_id = ?3, replanned = 1 WHERE trial_id = ?2 AND pack_id = ?1"},
       {&insert_lease_,
        "INSERT INTO lease (lease_id, pack_id, worker, instance_id, granted_at)"
        " VALUES (?, ?, ?, ?, ?)"},
       {&end_lease_,
        "UPDATE lease SET ended_at = ?2, outcome = ?3 WHERE lease_id = ?1 AND ended_at IS NULL"},
       {&insert_attempt_,
        "INSERT INTO attempt (trial_id, attempt, lease_id, started_at) VALUES (?1,"
        " (SELECT coalesce(max(attempt), 0) + 1 FROM attempt WHERE trial_id = ?1), ?2, ?3)"},
       {&lease_trial_,
        "UPDATE trial SET status = 'leased', started_at = ?3"
        " WHERE trial_id = ?1 AND pack_id = ?2 AND status = 'pending'"},
       {&select_status_, "SELECT status FROM trial WHERE trial_id = ?"},
       {&select_wants_,
        "SELECT sweep_id, count(*) FROM cell WHERE trial_id = ? AND dropped_in IS NULL"
        " GROUP BY sweep_id"},
       {&finish_trial_,
        "UPDATE trial SET status = 'done', worker = ?2, device = ?3, pack_size = ?4, library = ?5,"
        " finished_at = ?6, train_seconds = ?7, diverged_at_step = ?8, init_try = ?9"
        " WHERE trial_id = ?1 AND status = ?10"},
       {&finish_attempt_,
        "UPDATE attempt SET ended_at = ?3,"
        " outcome = CASE lease_id WHEN ?2 THEN 'finished' ELSE 'dropped' END"
        " WHERE trial_id = ?1 AND ended_at IS NULL"
        " AND attempt = (SELECT max(attempt) FROM attempt WHERE trial_id = ?1)"},
       {&close_attempt_,
        "UPDATE attempt SET ended_at = ?3, outcome = ?4, message = nullif(?5, '')"
        " WHERE trial_id = ?1 AND lease_id = ?2 AND ended_at IS NULL"},
       {&close_attempts_of_trial_,
        "UPDATE attempt SET ended_at = ?2, outcome = 'dropped', message = ?3"
        " WHERE trial_id = ?1 AND ended_at IS NULL"},
       {&select_open_attempts_,
        "SELECT trial_id FROM attempt INDEXED BY attempt_open"
        " WHERE lease_id = ? AND ended_at IS NULL"},
       {&charge_trial_, "UPDATE trial SET attempts = attempts + 1 WHERE trial_id = ?"},
       {&fail_trial_,
        "UPDATE trial SET status = 'failed', failure_class = ?2, failure_message = ?3,"
        " finished_at = ?4 WHERE trial_id = ?1"},
       {&make_pending_,
        "UPDATE trial SET status = 'pending', finished_at = NULL WHERE trial_id = ?"},
       {&cancel_trial_,
        "UPDATE trial SET status = 'cancelled', finished_at = ?2 WHERE trial_id = ?1"},
       {&select_failed_,
        absl::StrCat("SELECT ", kStoredTrialColumns,
                     ", failure_class FROM trial INDEXED BY trial_failed WHERE status = 'failed'"
                     " AND EXISTS (SELECT 1 FROM cell WHERE cell.trial_id = trial.trial_id"
                     " AND cell.sweep_id = ? AND cell.dropped_in IS NULL) ORDER BY trial_id")},
       {&forget_failure_,
        "UPDATE trial SET status = 'pending', attempts = 0, failure_class = NULL,"
        " failure_message = NULL, finished_at = NULL WHERE trial_id = ?"},
       {&select_batch_, "SELECT batch FROM store_state"},
       {&update_batch_, "UPDATE store_state SET batch = ?"}});
}

absl::Status WriteExecutor::Execute(const Write& write, WriteResult* result) {
  FG_SQLITE_TRY(std::visit([&](const auto& one) { return Do(one, result); }, write));
  sweeps_->EndWrite(TimeOf(write), &result->sweeps);
  return absl::OkStatus();
}

absl::Status WriteExecutor::Finish(int64_t batch) {
  FG_SQLITE_TRY(sweeps_->Save());
  return update_batch_.Execute(batch);
}

absl::StatusOr<int64_t> WriteExecutor::LastBatch() {
  sqlite::Run run(&select_batch_);
  const absl::StatusOr<bool> row = run.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError("table store_state is empty");
  return run.row().Integer(0);
}

absl::Status WriteExecutor::Do(const InsertSweep& write, WriteResult*) {
  return sweeps_->Insert(write);
}

absl::Status WriteExecutor::Do(const SetSweepState& write, WriteResult*) {
  return sweeps_->SetState(write.sweep_id, write.state);
}

}  // namespace firstguess
