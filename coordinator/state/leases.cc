#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {

Lease::Member* Lease::Find(TrialId trial) {
  const auto found =
      std::lower_bound(members.begin(), members.end(), trial,
                       [](const Member& member, TrialId wanted) { return member.id < wanted; });
  return found != members.end() && found->id == trial ? &*found : nullptr;
}

const Lease::Member* Lease::Find(TrialId trial) const {
  return const_cast<Lease*>(this)->Find(trial);
}

Lease& State::Impl::AddLease(LeaseId id, Worker& worker, Pack& pack) {
  std::unique_ptr<Lease>& lease = leases[id];
  lease = std::make_unique<Lease>();
  lease->id = id;
  lease->instance_id = worker.description.instance_id;
  lease->worker = &worker;
  lease->pack = &pack;
  pack.lease = lease.get();
  Withdraw(pack);
  worker.leases.push_back(lease.get());
  Reindex(worker);
  return *lease;
}

void State::Impl::AddMember(Lease& lease, Trial& trial) {
  const auto place =
      std::upper_bound(lease.members.begin(), lease.members.end(), trial.id,
                       [](TrialId id, const Lease::Member& member) { return id < member.id; });
  lease.members.insert(place, {.id = trial.id, .trial = &trial});
  ++lease.open;
  ++lease.unfinished;
  MoveTrial(trial, TrialStatus::kLeased);
  trial.lease = &lease;
  trial.leases.push_back(&lease);
}

LeaseRecord State::Impl::RecordOf(const Lease& lease) const {
  return {.lease_id = lease.id,
          .worker = lease.worker->description.name,
          .instance_id = lease.instance_id,
          .granted_at = wall};
}

Lease* State::Impl::FindLease(LeaseId id) const {
  const auto found = leases.find(id);
  return found == leases.end() ? nullptr : found->second.get();
}

void State::Impl::MoveLease(Lease& lease, LeaseState to) {
  Broken(CheckTransition(lease.state, to));
  lease.state = to;
}

// The lease is on disk: tells the worker, unless that makes no sense any more.
void State::Impl::GrantOrReturn(Lease& lease) {
  const Worker& worker = *lease.worker;
  if (worker.state != WorkerState::kConnected || worker.holding_back) {
    EndLease(lease, "returned", "the worker was leaving before it could be told");
    return;
  }
  GrantMessage grant = {.lease_id = lease.id,
                        .grant_number = lease.id,
                        .members = {},
                        .timeout_per_trial = TimeoutOf(lease)};
  bool wanted = false;
  for (const Lease::Member& member : lease.members) {
    if (!member.open) continue;
    wanted = wanted || !member.trial->wanted_by.empty();
    grant.members.push_back(
        {.trial_id = member.id, .slot = member.trial->slot, .config = member.trial->config});
  }
  if (!wanted) {
    EndLease(lease, "dropped", "nobody wants its trials any more");
    return;
  }
  if (!UrgencyOf(lease).has_value()) {
    EndLease(lease, "returned", "its sweep was paused before the worker could be told");
    return;
  }
  std::sort(grant.members.begin(), grant.members.end(),
            [](const auto& left, const auto& right) { return left.slot < right.slot; });
  MoveLease(lease, LeaseState::kGranted);
  lease.granted_at = now;
  Reindex(*lease.worker);
  Send(worker, std::move(grant));
}

// The lease is over, here and in the store: its worker is free for another, and what it left
// undone can be granted again.
void State::Impl::CloseLease(Lease& lease) {
  MoveLease(lease, LeaseState::kEnded);
  for (Lease::Member& member : lease.members) {
    if (!member.open) continue;
    member.open = false;
    member.trial->lease = nullptr;
    MoveTrial(*member.trial, TrialStatus::kPending);
  }
  lease.open = 0;
  ListAhead(lease, false);
  Worker& worker = *std::exchange(lease.worker, nullptr);
  worker.leases.erase(std::find(worker.leases.begin(), worker.leases.end(), &lease));
  Reindex(worker);
  Wake(worker);
  Pack& pack = *std::exchange(lease.pack, nullptr);
  pack.lease = nullptr;
  Offer(pack);
  EraseIfEmpty(pack);
  if (lease.unfinished == 0) Retire(lease);
}

void State::Impl::EndLease(Lease& lease, absl::string_view outcome, absl::string_view message) {
  Emit(firstguess::EndLease{.lease_id = lease.id,
                            .outcome = std::string(outcome),
                            .message = std::string(message),
                            .at = wall,
                            .worker = lease.worker->description.name},
       NothingMore());
  CloseLease(lease);
}

// A lease ends by itself as soon as nothing of it is open; the worker's word is not waited for.
void State::Impl::EndIfReported(Lease& lease) {
  if (lease.open > 0) return;
  const bool all_reported =
      std::all_of(lease.members.begin(), lease.members.end(),
                  [](const Lease::Member& member) { return member.reported; });
  if (all_reported) {
    EndLease(lease, "finished", "");
    return;
  }
  // Some are cancelled, or their results came from older leases.
  if (lease.state == LeaseState::kGranted) Send(*lease.worker, DropMessage{.lease_id = lease.id});
  EndLease(lease, "dropped", "nothing of it is wanted any more");
}

// All trials of an ended lease are final: it becomes one of its worker's last ones.
void State::Impl::Retire(Lease& lease) {
  Worker* worker = FindWorker(lease.instance_id);
  if (worker == nullptr) {
    leases.erase(lease.id);
    return;
  }
  worker->remembered.push_back(lease.id);
  if (worker->remembered.size() <= kRememberedLeases) return;
  leases.erase(worker->remembered.front());
  worker->remembered.pop_front();
}

}  // namespace firstguess
