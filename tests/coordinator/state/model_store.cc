#include "tests/coordinator/state/model_store.h"

#include <algorithm>
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

bool IsOpen(TrialStatus status) {
  return status == TrialStatus::kPending || status == TrialStatus::kLeased;
}

// When the write happened; splitting and retrying carry no time, and finish nothing.
absl::Time TimeOf(const Write& write) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.at; }) return one.at;
        if constexpr (requires { one.lease.granted_at; }) return one.lease.granted_at;
        if constexpr (requires { one.finished_at; }) return one.finished_at;
        return absl::InfinitePast();
      },
      write);
}

}  // namespace

WriteResult ModelStore::Execute(const Write& write) {
  std::map<SweepId, std::pair<SweepState, SweepCounters>> before;
  for (const auto& [id, sweep] : sweeps_) before[id] = {sweep.state, Count(id)};
  WriteResult result;
  std::visit([&](const auto& one) { Run(one, result); }, write);
  for (auto& [id, sweep] : sweeps_) {
    const bool is_open = sweep.state == SweepState::kRunning || sweep.state == SweepState::kPaused;
    if (is_open && IsFinished(id)) {
      sweep.state = SweepState::kDone;
    } else if (sweep.state == SweepState::kDone && !IsFinished(id)) {
      sweep.state = SweepState::kRunning;
    }
    const SweepCounters counters = Count(id);
    const auto known = before.find(id);
    if (known != before.end() && known->second.first != sweep.state) {
      const bool over = sweep.state == SweepState::kDone || sweep.state == SweepState::kCancelled;
      sweep.finished_at = over ? std::optional(TimeOf(write)) : std::nullopt;
    }
    if (known != before.end() && known->second == std::pair(sweep.state, counters)) continue;
    result.sweeps.push_back({.sweep_id = id, .state = sweep.state, .counters = counters});
  }
  return result;
}

void ModelStore::Run(const InsertSweep& write, WriteResult&) {
  Expect(!sweeps_.contains(write.sweep_id), "a new sweep has a new id", write.sweep_id);
  sweeps_[write.sweep_id] = {.name = write.name,
                             .revisions = {{.spec = write.spec,
                                            .canonical = write.canonical,
                                            .plan_rules = write.plan_rules}},
                             .priority = write.priority,
                             .cells = write.cells,
                             .created_at = write.at,
                             .finished_at = {},
                             .rows = {}};
}

void ModelStore::Run(const ExtendSweep& write, WriteResult& result) {
  SweepRow& sweep = sweeps_.at(write.sweep_id);
  Expect(sweep.state != SweepState::kCancelled, "a cancelled sweep is not extended",
         write.sweep_id);
  sweep.revisions.push_back(
      {.spec = write.spec, .canonical = write.canonical, .plan_rules = write.plan_rules});
  Expect(static_cast<int64_t>(sweep.revisions.size()) == write.revision,
         "revisions are counted from 1", write.sweep_id);
  sweep.priority = write.priority;
  sweep.cells = write.cells;
  std::set<TrialId> dropped;
  for (auto& [cell, row] : sweep.rows) {
    if (row.dropped_in.has_value() || write.drops == nullptr) continue;
    if (!write.drops(cell.first, cell.second)) continue;
    row.dropped_in = write.revision;
    dropped.insert(row.trial_id);
  }
  for (const TrialId id : dropped) {
    if (IsOpen(trials_.at(id).status) && !sweep.HasLive(id)) result.dropped.push_back(id);
  }
}

bool ModelStore::SweepRow::HasLive(TrialId trial_id) const {
  return std::any_of(rows.begin(), rows.end(), [&](const auto& cell) {
    return cell.second.trial_id == trial_id && !cell.second.dropped_in.has_value();
  });
}

void ModelStore::Run(const SetSweepState& write, WriteResult&) {
  sweeps_.at(write.sweep_id).state = write.state;
}

void ModelStore::Run(const OpenPack& write, WriteResult& result) {
  Expect(!packs_.contains(write.pack_id), "a new pack has a new id", write.pack_id);
  packs_[write.pack_id] = {.sweep_id = write.sweep_id,
                           .revision = write.revision,
                           .plan_index = write.plan_index,
                           .parent = {}};
  AddLease(write.lease, write.pack_id);
  SweepRow& sweep = sweeps_.at(write.sweep_id);
  std::vector<TrialId> shared;
  for (const PlannedCell& planned : write.cells) {
    const TrialId next = trials_.empty() ? 1 : trials_.rbegin()->first + 1;
    const auto [known, is_new] = trials_by_key_.try_emplace(TrialKey(planned.config), next);
    const TrialId id = known->second;
    const bool is_first =
        sweep.rows
            .try_emplace({write.revision, planned.cell}, CellRow{.trial_id = id, .dropped_in = {}})
            .second;
    Expect(is_first, "a cell is planned once", id);
    if (is_new) {
      trials_[id] = {.config = planned.config,
                     .pack_id = write.pack_id,
                     .slot = planned.slot,
                     .failure = {},
                     .failure_message = {},
                     .trajectory = {}};
      StartAttempt(id, write.lease.lease_id);
      result.members.push_back(Stored(id));
      continue;
    }
    TrialRow& trial = trials_.at(id);
    if (trial.status == TrialStatus::kCancelled) trial.status = TrialStatus::kPending;
    // Two cells of the pack may be one trial.
    if (!IsOpen(trial.status) || trial.pack_id == write.pack_id) continue;
    if (std::find(shared.begin(), shared.end(), id) == shared.end()) shared.push_back(id);
  }
  for (const TrialId id : shared) result.shared.push_back(Stored(id));
  if (result.members.empty()) leases_.at(write.lease.lease_id).outcome = "finished";
}

void ModelStore::Run(const LeasePack& write, WriteResult&) {
  Expect(!write.trials.empty(), "a lease is for something", write.lease.lease_id);
  AddLease(write.lease, write.pack_id);
  for (const TrialId id : write.trials) {
    Expect(trials_.at(id).pack_id == write.pack_id, "a leased trial is of its pack", id);
    Expect(trials_.at(id).status == TrialStatus::kPending, "only pending trials are leased", id);
    StartAttempt(id, write.lease.lease_id);
  }
}

void ModelStore::Run(const StoreResult& write, WriteResult& result) {
  TrialRow& trial = trials_.at(write.trial_id);
  Expect(leases_.contains(write.lease_id), "a result is of a lease", write.trial_id);
  result.stored = IsOpen(trial.status);
  if (!result.stored) return;
  trial.status = TrialStatus::kDone;
  trial.trajectory = write.trajectory;
  CloseAttempt(write.trial_id, write.lease_id, "finished", "");
  CloseAttempt(write.trial_id, 0, "dropped", "");
}

void ModelStore::Run(const EndAttempt& write, WriteResult&) {
  TrialRow& trial = trials_.at(write.trial_id);
  Expect(trial.status == TrialStatus::kLeased, "only a leased trial's attempt ends",
         write.trial_id);
  Expect(
      CloseAttempt(write.trial_id, write.lease_id, FailureClassName(write.failure), write.message),
      "an attempt that ends was open", write.trial_id);
  if (write.charged) ++trial.attempts;
  trial.status = write.final_failure ? TrialStatus::kFailed : TrialStatus::kPending;
  if (write.final_failure) {
    trial.failure = write.failure;
    trial.failure_message = write.message;
  }
}

void ModelStore::Run(const EndLease& write, WriteResult&) {
  LeaseRow& lease = leases_.at(write.lease_id);
  Expect(!lease.outcome.has_value(), "a lease ends once", write.lease_id);
  lease.outcome = write.outcome;
  for (auto& [id, trial] : trials_) {
    if (CloseAttempt(id, write.lease_id, write.outcome, write.message)) {
      trial.status = TrialStatus::kPending;
    }
  }
}

void ModelStore::Run(const SplitPack& write, WriteResult&) {
  const PackRow parent = packs_.at(write.pack_id);
  for (const SplitPack::Part& part : write.parts) {
    Expect(!packs_.contains(part.pack_id), "a part has a new id", part.pack_id);
    Expect(!part.trials.empty(), "a part has trials", part.pack_id);
    packs_[part.pack_id] = parent;
    packs_[part.pack_id].parent = write.pack_id;
    for (const TrialId id : part.trials) {
      TrialRow& trial = trials_.at(id);
      Expect(trial.pack_id == write.pack_id, "a divided trial is of the parent", id);
      Expect(trial.status == TrialStatus::kPending, "a divided trial is pending", id);
      trial.pack_id = part.pack_id;
      trial.replanned = true;
    }
  }
}

void ModelStore::Run(const CancelTrials& write, WriteResult&) {
  for (const TrialId id : write.trials) {
    TrialRow& trial = trials_.at(id);
    Expect(IsOpen(trial.status), "only an open trial is cancelled", id);
    Expect(WantedBy(id).empty(), "only a trial that nobody wants is cancelled", id);
    CloseAttempt(id, 0, "dropped", "nobody wants it any more");
    trial.status = TrialStatus::kCancelled;
  }
}

void ModelStore::Run(const RetryFailed& write, WriteResult& result) {
  for (auto& [id, trial] : trials_) {
    if (trial.status != TrialStatus::kFailed) continue;
    const std::vector<SweepId> wanted_by = WantedBy(id);
    if (std::find(wanted_by.begin(), wanted_by.end(), write.sweep_id) == wanted_by.end()) continue;
    if (!write.classes.empty() && std::find(write.classes.begin(), write.classes.end(),
                                            *trial.failure) == write.classes.end()) {
      continue;
    }
    trial.status = TrialStatus::kPending;
    trial.attempts = 0;
    trial.failure.reset();
    trial.failure_message.clear();
    result.retried.push_back(Stored(id));
    result.retried_wanted_by.push_back(wanted_by);
    for (const SweepId sweep : wanted_by) {
      SweepState& state = sweeps_.at(sweep).state;
      if (state == SweepState::kDone) state = SweepState::kRunning;
    }
  }
}

OpenWork ModelStore::LoadOpenWork() const {
  OpenWork work;
  for (const auto& [id, row] : sweeps_) {
    StoredSweep sweep = {.sweep_id = id,
                         .name = row.name,
                         .state = row.state,
                         .priority = row.priority,
                         .counters = Count(id),
                         .revisions = {},
                         .created_at = row.created_at,
                         .finished_at = row.finished_at};
    for (const RevisionRow& revision : row.revisions) {
      sweep.revisions.push_back({.spec = revision.spec,
                                 .canonical = revision.canonical,
                                 .plan_rules = revision.plan_rules,
                                 .last_plan_index = {}});
    }
    for (const auto& [pack_id, pack] : packs_) {
      if (pack.sweep_id != id) continue;
      auto& last = sweep.revisions[static_cast<size_t>(pack.revision - 1)].last_plan_index;
      last = std::max(last.value_or(0), pack.plan_index);
    }
    work.sweeps.push_back(std::move(sweep));
  }
  std::map<PackId, StoredPack> open_packs;
  for (const auto& [id, trial] : trials_) {
    if (!IsOpen(trial.status)) continue;
    StoredPack& pack = open_packs[trial.pack_id];
    pack.trials.push_back(Stored(id));
    pack.wanted_by.push_back(WantedBy(id));
  }
  for (auto& [id, pack] : open_packs) {
    pack.pack_id = id;
    pack.sweep_id = packs_.at(id).sweep_id;
    for (const auto& [lease_id, lease] : leases_) {
      if (lease.pack_id == id && (lease.outcome == "lost" || lease.outcome == "expired")) {
        ++pack.times_lost;
      }
    }
    work.packs.push_back(std::move(pack));
  }
  for (const auto& [id, row] : leases_) {
    if (row.outcome.has_value()) continue;
    StoredLease lease = {.lease_id = id,
                         .pack_id = row.pack_id,
                         .worker = row.worker,
                         .instance_id = row.instance_id,
                         .trials = {}};
    for (const auto& [trial_id, attempts] : attempts_) {
      const AttemptRow& last = attempts.back();
      if (last.lease_id == id && !last.outcome.has_value()) lease.trials.push_back(trial_id);
    }
    work.leases.push_back(std::move(lease));
  }
  work.last_sweep_id = sweeps_.empty() ? 0 : sweeps_.rbegin()->first;
  work.last_pack_id = packs_.empty() ? 0 : packs_.rbegin()->first;
  work.last_lease_id = leases_.empty() ? 0 : leases_.rbegin()->first;
  return work;
}

SweepCounters ModelStore::Count(SweepId sweep_id) const {
  const SweepRow& sweep = sweeps_.at(sweep_id);
  SweepCounters counters = {.cells = sweep.cells};
  int64_t live = 0;
  for (const auto& [cell, row] : sweep.rows) {
    if (row.dropped_in.has_value()) continue;
    ++live;
    const TrialRow& trial = trials_.at(row.trial_id);
    counters.done += trial.status == TrialStatus::kDone ? 1 : 0;
    counters.failed += trial.status == TrialStatus::kFailed ? 1 : 0;
    counters.cancelled += trial.status == TrialStatus::kCancelled ? 1 : 0;
    counters.leased += trial.status == TrialStatus::kLeased ? 1 : 0;
    counters.diverged += trial.trajectory != nullptr && trial.trajectory->diverged_at_step >= 0;
  }
  if (sweep.state == SweepState::kCancelled) {
    counters.cancelled += sweep.cells - live;
  }
  return counters;
}

bool ModelStore::IsFinished(SweepId sweep_id) const {
  const SweepCounters counters = Count(sweep_id);
  return counters.done + counters.failed == counters.cells;
}

void ModelStore::Expect(bool condition, absl::string_view what, int64_t id) {
  if (!condition && health_.ok()) health_ = absl::InternalError(absl::StrCat(what, ": ", id));
}

void ModelStore::AddLease(const LeaseRecord& lease, PackId pack_id) {
  Expect(!leases_.contains(lease.lease_id), "a new lease has a new id", lease.lease_id);
  for (const auto& [id, other] : leases_) {
    Expect(other.pack_id != pack_id || other.outcome.has_value(), "a pack has one open lease", id);
  }
  leases_[lease.lease_id] = {
      .pack_id = pack_id, .worker = lease.worker, .instance_id = lease.instance_id, .outcome = {}};
}

void ModelStore::StartAttempt(TrialId trial_id, LeaseId lease_id) {
  trials_.at(trial_id).status = TrialStatus::kLeased;
  attempts_[trial_id].push_back({.lease_id = lease_id, .outcome = {}, .message = {}});
}

bool ModelStore::CloseAttempt(TrialId trial_id, LeaseId lease_id, absl::string_view outcome,
                              absl::string_view message) {
  AttemptRow& last = attempts_.at(trial_id).back();
  if (last.outcome.has_value() || (lease_id != 0 && last.lease_id != lease_id)) return false;
  last.outcome = std::string(outcome);
  last.message = std::string(message);
  return true;
}

StoredTrial ModelStore::Stored(TrialId trial_id) const {
  const TrialRow& trial = trials_.at(trial_id);
  return {.trial_id = trial_id,
          .pack_id = trial.pack_id,
          .slot = trial.slot,
          .status = trial.status,
          .attempts = trial.attempts,
          .config = trial.config};
}

std::vector<SweepId> ModelStore::WantedBy(TrialId trial_id) const {
  std::vector<SweepId> wanted_by;
  for (const auto& [id, sweep] : sweeps_) {
    if (sweep.HasLive(trial_id) && sweep.state != SweepState::kCancelled) wanted_by.push_back(id);
  }
  return wanted_by;
}

}  // namespace firstguess
