#include "coordinator/store/open_work.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/prepare.h"
#include "coordinator/store/times.h"
#include "coordinator/store/trial_columns.h"

namespace firstguess {
namespace {

using sqlite::Database;
using sqlite::Run;
using sqlite::Statement;

// Calls `use` for each row.
template <typename Use>
absl::Status ForEachRow(Statement* statement, Use use) {
  for (;;) {
    const absl::StatusOr<bool> row = statement->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    FG_SQLITE_TRY(use(*statement));
  }
}

absl::Status ReadSweeps(Database* database, std::vector<StoredSweep>* sweeps) {
  Statement select;
  Statement revisions;
  FG_SQLITE_TRY(sqlite::PrepareAll(
      database,
      {{&select,
        "SELECT sweep_id, name, state, priority, cells, done, failed, cancelled, leased, diverged,"
        " created_at, finished_at FROM sweep ORDER BY sweep_id"},
       {&revisions,
        "SELECT spec, canonical, plan_rules, (SELECT max(plan_index) FROM pack"
        "  WHERE pack.sweep_id = sweep_revision.sweep_id"
        "  AND pack.revision = sweep_revision.revision)"
        " FROM sweep_revision WHERE sweep_id = ? ORDER BY revision"}}));
  return ForEachRow(&select, [&](const Statement& row) -> absl::Status {
    const absl::StatusOr<SweepState> state = SweepStateFromName(row.TextView(2));
    if (!state.ok()) return state.status();
    StoredSweep& sweep = sweeps->emplace_back();
    sweep.sweep_id = row.Integer(0);
    sweep.name = row.Text(1);
    sweep.state = *state;
    sweep.priority = row.Integer(3);
    sweep.counters = {.cells = row.Integer(4),
                      .done = row.Integer(5),
                      .failed = row.Integer(6),
                      .cancelled = row.Integer(7),
                      .leased = row.Integer(8),
                      .diverged = row.Integer(9)};
    sweep.created_at = FromUnixSeconds(row.Real(10));
    if (!row.IsNull(11)) sweep.finished_at = FromUnixSeconds(row.Real(11));
    Run run(&revisions, sweep.sweep_id);
    for (;;) {
      const absl::StatusOr<bool> found = run.Step();
      if (!found.ok()) return found.status();
      if (!*found) return absl::OkStatus();
      StoredRevision& revision = sweep.revisions.emplace_back();
      revision.spec = run.row().Text(0);
      revision.canonical = run.row().Text(1);
      revision.plan_rules = run.row().Integer(2);
      if (!run.row().IsNull(3)) {
        revision.last_plan_index = static_cast<uint64_t>(run.row().Integer(3));
      }
    }
  });
}

absl::Status ReadPacks(Database* database, std::vector<StoredPack>* packs) {
  Statement trials;
  Statement wants;
  Statement pack;
  FG_SQLITE_TRY(sqlite::PrepareAll(
      database,
      {{&trials, absl::StrCat("SELECT ", kStoredTrialColumns,
                              " FROM trial INDEXED BY trial_open"
                              " WHERE status IN ('pending', 'leased')"
                              " ORDER BY pack_id, trial_id")},
       {&wants,
        "SELECT DISTINCT cell.sweep_id FROM cell JOIN sweep USING (sweep_id)"
        " WHERE cell.trial_id = ? AND cell.dropped_in IS NULL AND sweep.state <> 'cancelled'"
        " ORDER BY cell.sweep_id"},
       {&pack,
        "SELECT sweep_id, (SELECT count(*) FROM lease INDEXED BY lease_lost"
        " WHERE lease.pack_id = pack.pack_id AND outcome IN ('lost', 'expired'))"
        " FROM pack WHERE pack_id = ?"}}));
  return ForEachRow(&trials, [&](const Statement& row) -> absl::Status {
    absl::StatusOr<StoredTrial> trial = ReadStoredTrial(row);
    if (!trial.ok()) return trial.status();
    if (packs->empty() || packs->back().pack_id != trial->pack_id) {
      StoredPack& added = packs->emplace_back();
      added.pack_id = trial->pack_id;
      Run run(&pack, added.pack_id);
      const absl::StatusOr<bool> found = run.Step();
      if (!found.ok()) return found.status();
      if (!*found) return absl::DataLossError(absl::StrCat("there is no pack ", added.pack_id));
      added.sweep_id = run.row().Integer(0);
      added.times_lost = run.row().Integer(1);
    }
    std::vector<SweepId>& wanted_by = packs->back().wanted_by.emplace_back();
    Run run(&wants, trial->trial_id);
    packs->back().trials.push_back(*std::move(trial));
    for (;;) {
      const absl::StatusOr<bool> want = run.Step();
      if (!want.ok()) return want.status();
      if (!*want) return absl::OkStatus();
      wanted_by.push_back(run.row().Integer(0));
    }
  });
}

absl::Status ReadLeases(Database* database, std::vector<StoredLease>* leases) {
  Statement select;
  FG_SQLITE_TRY(sqlite::PrepareAll(
      database, {{&select,
                  "SELECT lease.lease_id, pack_id, worker, instance_id, attempt.trial_id"
                  " FROM lease INDEXED BY lease_open LEFT JOIN attempt INDEXED BY attempt_open"
                  " ON attempt.lease_id = lease.lease_id AND attempt.ended_at IS NULL"
                  " WHERE lease.ended_at IS NULL ORDER BY lease.lease_id, attempt.trial_id"}}));
  return ForEachRow(&select, [&](const Statement& row) -> absl::Status {
    if (leases->empty() || leases->back().lease_id != row.Integer(0)) {
      StoredLease& lease = leases->emplace_back();
      lease.lease_id = row.Integer(0);
      lease.pack_id = row.Integer(1);
      lease.worker = row.Text(2);
      lease.instance_id = row.Text(3);
    }
    if (!row.IsNull(4)) leases->back().trials.push_back(row.Integer(4));
    return absl::OkStatus();
  });
}

// Ids are never deleted, so that the largest is the last one given.
absl::Status ReadLastIds(Database* database, OpenWork* work) {
  Statement select;
  FG_SQLITE_TRY(
      sqlite::PrepareAll(database, {{&select,
                                     "SELECT (SELECT coalesce(max(sweep_id), 0) FROM sweep),"
                                     " (SELECT coalesce(max(pack_id), 0) FROM pack),"
                                     " (SELECT coalesce(max(lease_id), 0) FROM lease)"}}));
  return ForEachRow(&select, [&](const Statement& row) {
    work->last_sweep_id = row.Integer(0);
    work->last_pack_id = row.Integer(1);
    work->last_lease_id = row.Integer(2);
    return absl::OkStatus();
  });
}

absl::Status ReadAll(Database* database, OpenWork* work) {
  FG_SQLITE_TRY(ReadSweeps(database, &work->sweeps));
  FG_SQLITE_TRY(ReadPacks(database, &work->packs));
  FG_SQLITE_TRY(ReadLeases(database, &work->leases));
  return ReadLastIds(database, work);
}

}  // namespace

absl::StatusOr<OpenWork> ReadOpenWork(Database* database) {
  FG_SQLITE_TRY(database->Execute("BEGIN"));
  OpenWork work;
  const absl::Status status = ReadAll(database, &work);
  FG_SQLITE_TRY(database->Execute("COMMIT"));
  if (!status.ok()) return status;
  return work;
}

}  // namespace firstguess
