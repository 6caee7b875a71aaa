#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/state/writes.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

// States and counters of the sweeps that a transaction touches: read when first asked for, changed
// in memory, written back once at the end of the transaction. Between transactions it is empty.
// Thread-bound to its database.
class SweepLedger {
 public:
  // `database` outlives the ledger.
  static absl::StatusOr<std::unique_ptr<SweepLedger>> Create(sqlite::Database* database);

  absl::Status Insert(const InsertSweep& write);
  // The counters of dropped cells are for Drop.
  absl::Status Extend(const ExtendSweep& write);
  absl::Status SetState(SweepId sweep_id, SweepState state);
  absl::StatusOr<SweepState> StateOf(SweepId sweep_id);

  // `cells` cells of the sweep, whose trial was `from` (none: they had no row before), have a trial
  // that is `to` now. `diverged` only with `to` done.
  absl::Status Move(SweepId sweep_id, std::optional<TrialStatus> from, TrialStatus to,
                    int64_t cells, bool diverged);

  // One cell of the sweep, whose trial is `status`, does not count any more.
  absl::Status Drop(SweepId sweep_id, TrialStatus status, bool diverged);

  // The write is over: sweeps of which every cell is finished become done, done ones of which one
  // is not any more become running, and `changed` gets all that differ from before the write.
  void EndWrite(absl::Time at, std::vector<ChangedSweep>* changed);

  // The transaction is about to commit: writes everything back.
  absl::Status Save();
  // The transaction is over, in either way.
  void Clear() { entries_.clear(); }

 private:
  struct Entry {
    SweepState state = SweepState::kRunning;
    SweepCounters counters;
    std::optional<double> finished_at;
    // Before the current write; none: the write didn't touch the sweep yet.
    std::optional<std::pair<SweepState, SweepCounters>> before;
    bool is_new = false;   // made by the current write
    bool changed = false;  // by this transaction
  };

  SweepLedger() = default;

  absl::StatusOr<Entry*> Find(SweepId sweep_id);
  absl::StatusOr<int64_t> CountPendingCells(SweepId sweep_id);

  sqlite::Statement insert_;
  sqlite::Statement insert_revision_;
  sqlite::Statement extend_;
  sqlite::Statement select_;
  sqlite::Statement update_;
  sqlite::Statement count_pending_cells_;
  std::map<SweepId, Entry> entries_;
};

}  // namespace firstguess
