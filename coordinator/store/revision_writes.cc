#include <set>
#include <vector>

#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/trial_columns.h"
#include "coordinator/store/write_executor.h"

// A sweep's new revisions.
namespace firstguess {
namespace {

struct DroppedCell {
  int64_t rowid = 0;
  TrialId trial_id = 0;
  TrialStatus status = TrialStatus::kPending;
  bool diverged = false;
};

}  // namespace

absl::Status WriteExecutor::Do(const ExtendSweep& write, WriteResult* result) {
  FG_SQLITE_TRY(sweeps_->Extend(write));
  if (write.drops == nullptr) return absl::OkStatus();
  std::vector<DroppedCell> dropped;
  {
    sqlite::Run run(&select_live_cells_, write.sweep_id);
    for (;;) {
      const absl::StatusOr<bool> row = run.Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (!write.drops(run.row().Integer(1), static_cast<uint64_t>(run.row().Integer(2)))) continue;
      const absl::StatusOr<TrialStatus> status = TrialStatusFromName(run.row().TextView(4));
      if (!status.ok()) return status.status();
      dropped.push_back({.rowid = run.row().Integer(0),
                         .trial_id = run.row().Integer(3),
                         .status = *status,
                         .diverged = run.row().Integer(5) != 0});
    }
  }
  std::set<TrialId> open;
  for (const DroppedCell& cell : dropped) {
    FG_SQLITE_TRY(drop_cell_.Execute(cell.rowid, write.revision));
    FG_SQLITE_TRY(sweeps_->Drop(write.sweep_id, cell.status, cell.diverged));
    if (cell.status == TrialStatus::kPending || cell.status == TrialStatus::kLeased) {
      open.insert(cell.trial_id);
    }
  }
  // Another cell of the sweep may be the same trial.
  for (const TrialId trial : open) {
    const absl::StatusOr<bool> wanted = HasLiveCell(write.sweep_id, trial);
    if (!wanted.ok()) return wanted.status();
    if (!*wanted) result->dropped.push_back(trial);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> WriteExecutor::HasLiveCell(SweepId sweep_id, TrialId trial_id) {
  sqlite::Run run(&has_live_cell_, sweep_id, trial_id);
  return run.Step();
}

}  // namespace firstguess
