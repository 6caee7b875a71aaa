#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/state/writes.h"
#include "coordinator/store/measurements.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sweep_ledger.h"

namespace firstguess {

// What each Write does to the tables. Always true between writes: a trial is leased if and only if
// it has an open attempt, and then exactly one; counters of sweeps agree with their cells.
//
// Internal: the write contradicts what is in the database. Thread-bound to its database.
class WriteExecutor {
 public:
  // `database` outlives the executor.
  static absl::StatusOr<std::unique_ptr<WriteExecutor>> Create(sqlite::Database* database);

  // REQUIRES: a write transaction is open. After an error it must be rolled back.
  absl::Status Execute(const Write& write, WriteResult* result);

  // Before COMMIT: writes the sweeps back, and `batch` as the number of this transaction.
  absl::Status Finish(int64_t batch);
  // After COMMIT or ROLLBACK.
  void Clear() { sweeps_->Clear(); }

  // The number of the latest transaction that is in the file.
  absl::StatusOr<int64_t> LastBatch();

 private:
  struct KnownTrial {
    StoredTrial trial;
    bool diverged = false;
  };
  struct Want {
    SweepId sweep_id = 0;
    int64_t cells = 0;  // live ones of the trial
  };

  explicit WriteExecutor(sqlite::Database* database) : database_(database) {}
  absl::Status PrepareStatements();

  absl::Status Do(const InsertSweep& write, WriteResult* result);
  absl::Status Do(const ExtendSweep& write, WriteResult* result);
  absl::Status Do(const SetSweepState& write, WriteResult* result);
  absl::Status Do(const OpenPack& write, WriteResult* result);
  absl::Status Do(const LeasePack& write, WriteResult* result);
  absl::Status Do(const StoreResult& write, WriteResult* result);
  absl::Status Do(const EndAttempt& write, WriteResult* result);
  absl::Status Do(const EndLease& write, WriteResult* result);
  absl::Status Do(const SplitPack& write, WriteResult* result);
  absl::Status Do(const CancelTrials& write, WriteResult* result);
  absl::Status Do(const RetryFailed& write, WriteResult* result);

  // In revision_writes.cc.
  absl::StatusOr<bool> HasLiveCell(SweepId sweep_id, TrialId trial_id);

  // In pack_writes.cc.
  absl::Status OpenCell(const OpenPack& write, const PlannedCell& cell, WriteResult* result);
  absl::StatusOr<KnownTrial> FindTrial(absl::string_view key);
  // Nothing: there is one with this key.
  absl::StatusOr<std::optional<TrialId>> InsertTrial(const OpenPack& write, const PlannedCell& cell,
                                                     absl::string_view key,
                                                     absl::string_view config);
  absl::Status InsertLease(const LeaseRecord& lease, PackId pack_id);
  absl::Status InsertAttempt(TrialId trial_id, const LeaseRecord& lease);

  // In trial_writes.cc.
  absl::StatusOr<TrialStatus> StatusOf(TrialId trial_id);
  // Writes the result down where the trial's status is `before`, and says whether it was.
  absl::StatusOr<bool> FinishTrial(const StoreResult& write, TrialStatus before);
  // The live cells of a trial, by sweep.
  absl::StatusOr<std::vector<Want>> WantsOf(TrialId trial_id);
  // Counts the trial's cells under another status, in every sweep.
  absl::Status Recount(TrialId trial_id, TrialStatus from, TrialStatus to, bool diverged = false);
  absl::Status MakePending(TrialId trial_id, TrialStatus from);

  sqlite::Database* const database_;
  std::unique_ptr<SweepLedger> sweeps_;
  std::unique_ptr<Measurements> measurements_;

  sqlite::Statement find_trial_;
  sqlite::Statement insert_trial_;
  sqlite::Statement insert_cell_;
  sqlite::Statement select_live_cells_;
  sqlite::Statement drop_cell_;
  sqlite::Statement has_live_cell_;
  sqlite::Statement insert_pack_;
  sqlite::Statement insert_part_;
  sqlite::Statement move_to_part_;
  sqlite::Statement insert_lease_;
  sqlite::Statement end_lease_;
  sqlite::Statement insert_attempt_;
  sqlite::Statement lease_trial_;
  sqlite::Statement select_status_;
  sqlite::Statement select_wants_;
  sqlite::Statement finish_trial_;
  sqlite::Statement finish_attempt_;
  sqlite::Statement close_attempt_;
  sqlite::Statement close_attempts_of_trial_;
  sqlite::Statement select_open_attempts_;
  sqlite::Statement charge_trial_;
  sqlite::Statement fail_trial_;
  sqlite::Statement make_pending_;
  sqlite::Statement cancel_trial_;
  sqlite::Statement select_failed_;
  sqlite::Statement forget_failure_;
  sqlite::Statement select_batch_;
  sqlite::Statement update_batch_;
};

}  // namespace firstguess
