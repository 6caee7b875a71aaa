#include <algorithm>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {
namespace {

absl::Status Violated(absl::string_view rule, int64_t id) {
  return absl::InternalError(absl::StrCat(rule, ": ", id));
}

#define FG_INVARIANT(condition, rule, id) \
  if (!(condition)) return Violated(rule, id)

}  // namespace

absl::Status State::Impl::CheckInvariants() const {
  if (!broken.ok()) return broken;
  if (absl::Status status = CheckTrials(); !status.ok()) return status;
  if (absl::Status status = CheckPacks(); !status.ok()) return status;
  if (absl::Status status = CheckLeases(); !status.ok()) return status;
  if (absl::Status status = CheckWorkers(); !status.ok()) return status;
  return CheckSweeps();
}

absl::Status State::Impl::CheckTrials() const {
  size_t in_packs = 0;
  for (const auto& [id, pack] : packs) in_packs += pack->trials.size();
  FG_INVARIANT(in_packs == trials.size(), "every open trial is in exactly one pack", 0);
  for (const auto& [id, trial] : trials) {
    FG_INVARIANT(
        std::count(trial->pack->trials.begin(), trial->pack->trials.end(), trial.get()) == 1,
        "a trial is in its pack once", id);
    const bool is_final =
        trial->status != TrialStatus::kPending && trial->status != TrialStatus::kLeased;
    FG_INVARIANT(is_final == trial->committing, "only a trial being written is final", id);
    FG_INVARIANT((trial->status == TrialStatus::kLeased) == (trial->lease != nullptr),
                 "a leased trial has a lease, and no other has", id);
    if (trial->lease != nullptr) {
      const Lease::Member* member = trial->lease->Find(id);
      FG_INVARIANT(member != nullptr && member->open && trial->lease->pack == trial->pack,
                   "a trial's lease has it open and is of its pack", id);
    }
    for (const Lease* lease : trial->leases) {
      FG_INVARIANT(lease->Find(id)->trial == trial.get(),
                   "a lease knows each trial it had that is not final", id);
    }
    FG_INVARIANT(std::is_sorted(trial->wanted_by.begin(), trial->wanted_by.end()),
                 "wants are in order", id);
    for (const SweepId sweep : trial->wanted_by) {
      FG_INVARIANT(sweeps.at(sweep).state != SweepState::kCancelled &&
                       sweeps.at(sweep).open_trials.contains(id),
                   "only sweeps that are not cancelled want a trial, and they know it", id);
    }
    FG_INVARIANT(unwanted.contains(id) == (trial->wanted_by.empty() && !trial->committing),
                 "a trial that nobody wants waits to be cancelled", id);
  }
  FG_INVARIANT(std::all_of(unwanted.begin(), unwanted.end(),
                           [&](TrialId id) { return trials.contains(id); }),
               "only open trials are cancelled", 0);
  return absl::OkStatus();
}

absl::Status State::Impl::CheckPacks() const {
  size_t offered = 0;
  size_t backing_off = 0;
  for (const auto& [id, pack] : packs) {
    FG_INVARIANT(!pack->trials.empty() || pack->lease != nullptr, "a pack has trials or a lease",
                 id);
    FG_INVARIANT(std::is_sorted(pack->trials.begin(), pack->trials.end(),
                                [](const Trial* left, const Trial* right) {
                                  return left->slot < right->slot;
                                }),
                 "a pack's trials are by slot", id);
    FG_INVARIANT(pack->lease == nullptr || (pack->offered_to.empty() && !pack->due.has_value()),
                 "a leased pack is not offered", id);
    for (const Trial* trial : pack->trials) {
      if (pack->lease != nullptr || !trial->idle()) continue;
      const bool listed = pack->due.has_value() && *pack->due <= trial->ready_at;
      FG_INVARIANT(listed || std::includes(pack->offered_to.begin(), pack->offered_to.end(),
                                           trial->wanted_by.begin(), trial->wanted_by.end()),
                   "a trial that can be granted is offered to whoever wants it", trial->id);
    }
    for (const SweepId sweep : pack->offered_to) {
      const auto ready = sweeps.at(sweep).ready.find(pack->shape->key);
      FG_INVARIANT(ready != sweeps.at(sweep).ready.end() && ready->second.contains(id),
                   "a sweep lists the packs offered to it", id);
    }
    offered += pack->offered_to.size();
    backing_off += pack->due.has_value() ? 1 : 0;
  }
  size_t listed = 0;
  for (const auto& [id, sweep] : sweeps) {
    for (const auto& [shape, ready] : sweep.ready) listed += ready.size();
  }
  FG_INVARIANT(offered == listed && backing_off == due.size(), "no list has a pack too many", 0);
  return absl::OkStatus();
}

absl::Status State::Impl::CheckLeases() const {
  size_t not_ended = 0;
  for (const auto& [id, lease] : leases) {
    int64_t open = 0;
    int64_t unfinished = 0;
    for (const Lease::Member& member : lease->members) {
      FG_INVARIANT(!member.open || (member.trial != nullptr && member.trial->lease == lease.get()),
                   "an open member is a trial that this lease has", id);
      open += member.open ? 1 : 0;
      unfinished += member.trial != nullptr ? 1 : 0;
    }
    FG_INVARIANT(open == lease->open && unfinished == lease->unfinished,
                 "a lease counts its members", id);
    FG_INVARIANT(id <= last_lease_id, "lease ids come from the counter", id);
    if (lease->state == LeaseState::kEnded) {
      FG_INVARIANT(open == 0 && lease->worker == nullptr && lease->pack == nullptr,
                   "an ended lease has nobody and nothing", id);
      continue;
    }
    ++not_ended;
    FG_INVARIANT(lease->pack->lease == lease.get(), "a lease's pack has it", id);
    FG_INVARIANT(
        std::count(lease->worker->leases.begin(), lease->worker->leases.end(), lease.get()) == 1,
        "a lease's worker has it once", id);
    FG_INVARIANT(lease->state == LeaseState::kOpening || open > 0,
                 "a granted lease has something open", id);
  }
  size_t held = 0;
  for (const auto& [instance_id, worker] : workers) held += worker.leases.size();
  FG_INVARIANT(held == not_ended, "workers have exactly the leases that are not ended", 0);
  return absl::OkStatus();
}

absl::Status State::Impl::CheckWorkers() const {
  size_t waiting = 0;
  size_t expiring = 0;
  size_t ahead = 0;
  for (const auto& [instance_id, worker] : workers) {
    const auto held = static_cast<int64_t>(worker.leases.size());
    const bool is_hungry = worker.state == WorkerState::kConnected && !worker.holding_back &&
                           held < worker.description.capacity;
    FG_INVARIANT(
        is_hungry == worker.hungry_key.has_value() && (!is_hungry || *worker.hungry_key == held),
        "a worker is listed when it can take a lease", worker.ordinal);
    for (const Lease* lease : worker.leases) {
      const bool is_ahead = lease != worker.leases.front() &&
                            lease->state == LeaseState::kGranted && !lease->begun &&
                            !lease->reclaiming;
      FG_INVARIANT(is_ahead == lease->ahead && is_ahead == leases_ahead.contains(lease->id),
                   "a lease ahead of its worker's need is listed", lease->id);
      ahead += is_ahead ? 1 : 0;
    }
    FG_INVARIANT(worker.state == WorkerState::kLost || worker.expires_at.has_value(),
                 "a worker that is not lost expires", worker.ordinal);
    FG_INVARIANT((worker.state == WorkerState::kLost) == worker.forget_at.has_value(),
                 "a lost worker is to be forgotten", worker.ordinal);
    waiting += is_hungry ? 1 : 0;
    expiring += worker.expires_at.has_value() ? 1 : 0;
  }
  FG_INVARIANT(
      waiting == hungry.size() && expiring == expiries.size() && ahead == leases_ahead.size(),
      "no list has a worker or a lease too many", 0);
  return absl::OkStatus();
}

absl::Status State::Impl::CheckSweeps() const {
  size_t offering = 0;
  for (const auto& [id, sweep] : sweeps) {
    const SweepCounters& counters = sweep.counters;
    FG_INVARIANT(counters.done >= 0 && counters.failed >= 0 && counters.cancelled >= 0 &&
                     counters.leased >= 0 &&
                     counters.done + counters.failed + counters.cancelled + counters.leased <=
                         counters.cells,
                 "a sweep's counters sum up", id);
    FG_INVARIANT(counters.diverged <= counters.done, "diverged cells are done ones", id);
    const bool offers_work =
        sweep.state == SweepState::kRunning && (!sweep.ready.empty() || !sweep.fully_opened());
    FG_INVARIANT(offers_work == sweep.offer_key.has_value(), "a sweep with work offers it", id);
    FG_INVARIANT(!offers_work || offers.contains({-sweep.priority, sweep.turn, id}),
                 "a sweep stands at its turn", id);
    offering += offers_work ? 1 : 0;
    FG_INVARIANT(std::all_of(sweep.open_trials.begin(), sweep.open_trials.end(),
                             [&](TrialId trial) { return trials.contains(trial); }),
                 "a sweep wants open trials", id);
  }
  FG_INVARIANT(offering == offers.size(), "no list has a sweep too many", 0);
  return absl::OkStatus();
}

}  // namespace firstguess
