#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/state/impl.h"

// What the state machine remembers, in words: one line a record, in the order of their ids. Points
// in time are told from now and numbers of writes from the last committed one, so that what behaves
// alike reads alike. What follows from other records (the lists that invariants.cc holds against
// them) is left out, and so are replies, which decide nothing.
namespace firstguess {
namespace {

template <typename Ids>
std::string List(const Ids& ids) {
  return absl::StrCat("[", absl::StrJoin(ids, ","), "]");
}

template <typename Map>
std::vector<typename Map::key_type> SortedKeys(const Map& map) {
  std::vector<typename Map::key_type> keys;
  for (const auto& entry : map) keys.push_back(entry.first);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Milliseconds(duration), " ms");
}

LeaseId IdOf(const Lease* lease) { return lease == nullptr ? 0 : lease->id; }

std::string DescribeTrial(const Trial& trial, absl::Duration now) {
  std::vector<LeaseId> leases;
  for (const Lease* lease : trial.leases) leases.push_back(lease->id);
  std::string text = absl::StrCat("trial ", trial.id, " slot ", trial.slot, " ",
                                  TrialStatusName(trial.status), " attempts ", trial.attempts);
  absl::StrAppend(&text, " pack ", trial.pack->id, " lease ", IdOf(trial.lease), " of ",
                  List(leases), " wanted by ", List(trial.wanted_by));
  if (trial.committing) absl::StrAppend(&text, " committing, late ", List(trial.late_results));
  if (trial.ready_at > now) {
    absl::StrAppend(&text, " ready in ", Milliseconds(trial.ready_at - now));
  }
  return text;
}

std::string DescribePack(const Pack& pack, absl::Duration now) {
  std::vector<TrialId> trials;
  for (const Trial* trial : pack.trials) trials.push_back(trial->id);
  std::string text =
      absl::StrCat("pack ", pack.id, " trials ", List(trials), " lease ", IdOf(pack.lease),
                   " lost ", pack.times_lost, " offered to ", List(pack.offered_to));
  if (pack.due.has_value()) absl::StrAppend(&text, " due in ", Milliseconds(*pack.due - now));
  return text;
}

std::string DescribeLease(const Lease& lease, absl::Duration now) {
  std::string text =
      absl::StrCat("lease ", lease.id, " ", LeaseStateName(lease.state), " of ", lease.instance_id,
                   " pack ", lease.pack == nullptr ? 0 : lease.pack->id);
  for (const Lease::Member& member : lease.members) {
    absl::StrAppend(&text, " trial ", member.id, member.open ? " open" : "",
                    member.reported ? " reported" : "");
    if (member.trial == nullptr) absl::StrAppend(&text, " ", TrialStatusName(member.outcome));
  }
  if (lease.state == LeaseState::kGranted) {
    absl::StrAppend(&text, lease.begun ? " begun" : "", lease.reclaiming ? " reclaiming" : "",
                    " granted ", Milliseconds(now - lease.granted_at), " ago");
  }
  return text;
}

std::string DescribeWorker(const Worker& worker, absl::Duration now, absl::Duration late) {
  std::vector<LeaseId> leases;
  for (const Lease* lease : worker.leases) leases.push_back(lease->id);
  std::string text =
      absl::StrCat("worker ", worker.ordinal, " ", worker.description.instance_id, " epoch ",
                   worker.description.epoch, " ", WorkerStateName(worker.state),
                   worker.drain_asked ? " asked" : "", worker.holding_back ? " holding back" : "",
                   " leases ", List(leases), " remembers ", List(worker.remembered));
  absl::StrAppend(&text, " saw ", worker.last_grant_seen, " awaits ", worker.awaited, " barred ",
                  List(SortedKeys(worker.barred)));
  if (worker.expires_at.has_value()) {
    absl::StrAppend(&text, " expires in ", Milliseconds(*worker.expires_at + late - now));
  }
  if (worker.forget_at.has_value()) {
    absl::StrAppend(&text, " forgotten in ", Milliseconds(*worker.forget_at - now));
  }
  return text;
}

std::string DescribeSweep(const SweepRecord& sweep, int64_t last_turn, int64_t last_committed) {
  std::vector<uint64_t> cursors;
  for (const RevisionPlan& plan : sweep.plans) cursors.push_back(plan.cursor);
  std::vector<TrialId> open(sweep.open_trials.begin(), sweep.open_trials.end());
  std::sort(open.begin(), open.end());
  const SweepCounters& counters = sweep.counters;
  std::string text = absl::StrCat(
      "sweep ", sweep.id, " revision ", sweep.revision, " ", SweepStateName(sweep.state),
      " stored ", SweepStateName(sweep.stored_state), " turn ", last_turn - sweep.turn, " ago");
  absl::StrAppend(&text, " cells ", counters.cells, " done ", counters.done, " failed ",
                  counters.failed, " cancelled ", counters.cancelled, " leased ", counters.leased);
  absl::StrAppend(&text, " cursors ", List(cursors), " open ", List(open), " forgiven ",
                  sweep.forgiven_failures, " writes ",
                  std::max<int64_t>(0, sweep.last_write - last_committed), " ", sweep.state_writes);
  for (const auto& [shape, ready] : sweep.ready) absl::StrAppend(&text, " ready ", List(ready));
  return text;
}

}  // namespace

std::string State::Describe() const {
  const Impl& impl = *impl_;
  std::vector<std::string> lines = {absl::StrCat(
      "ids ", impl.last_sweep_id, " ", impl.last_pack_id, " ", impl.last_lease_id, " under way ",
      impl.under_way.size(), " opening ", impl.packs_opening, " ", impl.leases_opening)};
  absl::StrAppend(&lines.front(), impl.new_work ? " new work" : "",
                  impl.throttled ? " throttled" : "", impl.disk_full ? " disk full" : "",
                  " unwanted ", List(impl.unwanted), " empty ", List(impl.restored_empty));
  if (impl.last_tick.has_value()) {
    absl::StrAppend(&lines.front(), " tick ", Milliseconds(impl.now - *impl.last_tick), " ago");
  }
  for (const auto& write : impl.under_way) {
    lines.push_back(absl::StrCat("write ", write.number - impl.last_committed, " kind ",
                                 write.completion.index()));
  }
  for (const auto& [id, sweep] : impl.sweeps) {
    lines.push_back(DescribeSweep(sweep, impl.last_turn, impl.last_committed));
  }
  for (const PackId id : SortedKeys(impl.packs)) {
    lines.push_back(DescribePack(*impl.packs.at(id), impl.now));
  }
  for (const TrialId id : SortedKeys(impl.trials)) {
    lines.push_back(DescribeTrial(*impl.trials.at(id), impl.now));
  }
  for (const LeaseId id : SortedKeys(impl.leases)) {
    lines.push_back(DescribeLease(*impl.leases.at(id), impl.now));
  }
  for (const auto& [ordinal, worker] : impl.workers_by_ordinal) {
    lines.push_back(DescribeWorker(*worker, impl.now, impl.late));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace firstguess
