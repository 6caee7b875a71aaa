#include "coordinator/store/sweep_ledger.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/prepare.h"
#include "coordinator/store/times.h"
#include "coordinator/store/trial_columns.h"

namespace firstguess {
namespace {

// The counter that holds cells of this status; null for pending, which is what is left over.
int64_t* CounterOf(TrialStatus status, SweepCounters* counters) {
  switch (status) {
    case TrialStatus::kPending:
      return nullptr;
    case TrialStatus::kLeased:
      return &counters->leased;
    case TrialStatus::kDone:
      return &counters->done;
    case TrialStatus::kFailed:
      return &counters->failed;
    case TrialStatus::kCancelled:
      return &counters->cancelled;
  }
  return nullptr;
}

bool IsFinished(const SweepCounters& counters) {
  return counters.done + counters.failed == counters.cells;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SweepLedger>> SweepLedger::Create(sqlite::Database* database) {
  std::unique_ptr<SweepLedger> ledger(new SweepLedger);
  FG_SQLITE_TRY(sqlite::PrepareAll(
      database,
      {{&ledger->insert_,
        "INSERT INTO sweep (sweep_id, name, revision, state, priority, cells, created_at)"
        " VALUES (?, ?, 1, 'running', ?, ?, ?)"},
       {&ledger->insert_revision_,
        "INSERT INTO sweep_revision (sweep_id, revision, spec, canonical, plan_rules,"
        " submitted_at) VALUES (?, ?, ?, ?, ?, ?)"},
       {&ledger->extend_, "UPDATE sweep SET revision = ?2, priority = ?3 WHERE sweep_id = ?1"},
       {&ledger->select_,
        "SELECT state, cells, done, failed, cancelled, leased, diverged, finished_at FROM sweep"
        " WHERE sweep_id = ?"},
       {&ledger->update_,
        "UPDATE sweep SET state = ?2, cells = ?3, done = ?4, failed = ?5, cancelled = ?6,"
        " leased = ?7, diverged = ?8, finished_at = ?9 WHERE sweep_id = ?1"},
       {&ledger->count_pending_cells_,
        "SELECT count(*) FROM trial INDEXED BY trial_open"
        " JOIN cell ON cell.trial_id = trial.trial_id AND cell.sweep_id = ?"
        " AND cell.dropped_in IS NULL"
        " WHERE trial.status IN ('pending', 'leased') AND trial.status = 'pending'"}}));
  return ledger;
}

absl::Status SweepLedger::Insert(const InsertSweep& write) {
  FG_SQLITE_TRY(insert_.Execute(write.sweep_id, write.name, write.priority, write.cells,
                                UnixSeconds(write.at)));
  FG_SQLITE_TRY(insert_revision_.Execute(write.sweep_id, 1, write.spec, write.canonical,
                                         write.plan_rules, UnixSeconds(write.at)));
  const absl::StatusOr<Entry*> entry = Find(write.sweep_id);
  if (!entry.ok()) return entry.status();
  (*entry)->is_new = true;
  return absl::OkStatus();
}

absl::Status SweepLedger::Extend(const ExtendSweep& write) {
  const absl::StatusOr<Entry*> entry = Find(write.sweep_id);
  if (!entry.ok()) return entry.status();
  if ((*entry)->state == SweepState::kCancelled) {
    return absl::InternalError(
        absl::StrCat("sweep ", write.sweep_id, " is cancelled and was to be extended"));
  }
  (*entry)->counters.cells = write.cells;
  FG_SQLITE_TRY(extend_.Execute(write.sweep_id, write.revision, write.priority));
  return insert_revision_.Execute(write.sweep_id, write.revision, write.spec, write.canonical,
                                  write.plan_rules, UnixSeconds(write.at));
}

absl::Status SweepLedger::SetState(SweepId sweep_id, SweepState state) {
  const absl::StatusOr<Entry*> found = Find(sweep_id);
  if (!found.ok()) return found.status();
  Entry& entry = **found;
  if (entry.state == state) return absl::OkStatus();
  if (entry.state == SweepState::kCancelled) {
    return absl::InternalError(absl::StrCat("sweep ", sweep_id, " is cancelled and was to become ",
                                            SweepStateName(state)));
  }
  if (state == SweepState::kCancelled) {
    // Cells without a trial are cancelled with it. Those that wait for another sweep are not.
    const absl::StatusOr<int64_t> pending = CountPendingCells(sweep_id);
    if (!pending.ok()) return pending.status();
    SweepCounters& counters = entry.counters;
    counters.cancelled =
        counters.cells - counters.done - counters.failed - counters.leased - *pending;
  }
  entry.state = state;
  return absl::OkStatus();
}

absl::StatusOr<SweepState> SweepLedger::StateOf(SweepId sweep_id) {
  const absl::StatusOr<Entry*> entry = Find(sweep_id);
  if (!entry.ok()) return entry.status();
  return (*entry)->state;
}

absl::Status SweepLedger::Move(SweepId sweep_id, std::optional<TrialStatus> from, TrialStatus to,
                               int64_t cells, bool diverged) {
  const absl::StatusOr<Entry*> found = Find(sweep_id);
  if (!found.ok()) return found.status();
  Entry& entry = **found;
  // In a cancelled sweep, cells without a trial count as cancelled.
  if (!from.has_value() && entry.state == SweepState::kCancelled) from = TrialStatus::kCancelled;
  if (from.has_value()) {
    if (int64_t* counter = CounterOf(*from, &entry.counters)) *counter -= cells;
  }
  if (int64_t* counter = CounterOf(to, &entry.counters)) *counter += cells;
  if (diverged) entry.counters.diverged += cells;
  return absl::OkStatus();
}

absl::Status SweepLedger::Drop(SweepId sweep_id, TrialStatus status, bool diverged) {
  const absl::StatusOr<Entry*> found = Find(sweep_id);
  if (!found.ok()) return found.status();
  SweepCounters& counters = (*found)->counters;
  if (int64_t* counter = CounterOf(status, &counters)) --*counter;
  if (diverged) --counters.diverged;
  return absl::OkStatus();
}

void SweepLedger::EndWrite(absl::Time at, std::vector<ChangedSweep>* changed) {
  for (auto& [sweep_id, entry] : entries_) {
    if (!entry.before.has_value()) continue;
    const auto before = *std::exchange(entry.before, std::nullopt);
    const bool is_open = entry.state == SweepState::kRunning || entry.state == SweepState::kPaused;
    if (is_open && IsFinished(entry.counters)) {
      entry.state = SweepState::kDone;
    } else if (entry.state == SweepState::kDone && !IsFinished(entry.counters)) {
      entry.state = SweepState::kRunning;
    }
    if (entry.state != before.first) {
      const bool is_over =
          entry.state == SweepState::kDone || entry.state == SweepState::kCancelled;
      entry.finished_at = is_over ? std::optional(UnixSeconds(at)) : std::nullopt;
    }
    const bool differs = before != std::pair(entry.state, entry.counters);
    entry.changed = entry.changed || differs;
    if (differs || std::exchange(entry.is_new, false)) {
      changed->push_back({.sweep_id = sweep_id, .state = entry.state, .counters = entry.counters});
    }
  }
}

absl::Status SweepLedger::Save() {
  for (const auto& [sweep_id, entry] : entries_) {
    if (!entry.changed) continue;
    const SweepCounters& counters = entry.counters;
    FG_SQLITE_TRY(update_.Execute(sweep_id, SweepStateName(entry.state), counters.cells,
                                  counters.done, counters.failed, counters.cancelled,
                                  counters.leased, counters.diverged, entry.finished_at));
  }
  return absl::OkStatus();
}

absl::StatusOr<SweepLedger::Entry*> SweepLedger::Find(SweepId sweep_id) {
  auto [found, is_new] = entries_.try_emplace(sweep_id);
  Entry& entry = found->second;
  if (is_new) {
    sqlite::Run run(&select_, sweep_id);
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::InternalError(absl::StrCat("there is no sweep ", sweep_id));
    const absl::StatusOr<SweepState> state = SweepStateFromName(run.row().TextView(0));
    if (!state.ok()) return state.status();
    entry.state = *state;
    entry.counters = {.cells = run.row().Integer(1),
                      .done = run.row().Integer(2),
                      .failed = run.row().Integer(3),
                      .cancelled = run.row().Integer(4),
                      .leased = run.row().Integer(5),
                      .diverged = run.row().Integer(6)};
    if (!run.row().IsNull(7)) entry.finished_at = run.row().Real(7);
  }
  if (!entry.before.has_value()) entry.before = {entry.state, entry.counters};
  return &entry;
}

absl::StatusOr<int64_t> SweepLedger::CountPendingCells(SweepId sweep_id) {
  sqlite::Run run(&count_pending_cells_, sweep_id);
  const absl::StatusOr<bool> row = run.Step();
  if (!row.ok()) return row.status();
  return run.row().Integer(0);
}

}  // namespace firstguess
