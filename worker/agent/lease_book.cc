#include "worker/agent/lease_book.h"

#include <algorithm>
#include <limits>

namespace firstguess {

void LeaseBook::Add(const v1::Grant& grant) {
  Lease lease;
  lease.lease_id = grant.lease_id();
  lease.timeout_seconds_per_trial = grant.timeout_seconds_per_trial();
  for (const v1::Grant::Trial& trial : grant.trials()) {
    lease.trials.push_back({trial.trial_id(), trial.config()});
    lease.unreported.insert(trial.trial_id());
  }
  leases_.try_emplace(grant.lease_id(), std::move(lease));
}

const LeaseBook::Lease* LeaseBook::NextToBegin() const {
  for (const auto& [id, lease] : leases_) {
    if (!lease.begun && !lease.over) return &lease;
  }
  return nullptr;
}

const LeaseBook::Lease* LeaseBook::Find(int64_t lease_id) const {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

LeaseBook::Lease* LeaseBook::FindMutable(int64_t lease_id) {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

void LeaseBook::Begin(int64_t lease_id) { leases_.at(lease_id).begun = true; }

void LeaseBook::AddResult(int64_t lease_id, int64_t trial_id, v1::Trajectory trajectory) {
  if (Lease* const lease = FindMutable(lease_id)) lease->unreported.erase(trial_id);
  if (results_.try_emplace({lease_id, trial_id}, std::move(trajectory)).second) {
    unsent_.insert({lease_id, trial_id});
  }
}

void LeaseBook::AddFailure(v1::TrialFailed failure) {
  Lease* const lease = FindMutable(failure.lease_id());
  if (lease == nullptr) return;
  const int64_t trial_id = failure.trial_id();
  lease->unreported.erase(trial_id);
  lease->failures.try_emplace(trial_id, std::move(failure), false);
}

void LeaseBook::Stop(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message) {
  Lease* const lease = FindMutable(lease_id);
  if (lease == nullptr || lease->end.has_value()) return;
  lease->end.emplace();
  lease->end->set_lease_id(lease_id);
  lease->end->set_reason(reason);
  lease->end->set_message(message);
  if (!lease->begun) lease->over = true;
}

void LeaseBook::SetOver(int64_t lease_id, v1::LeaseEnded::Reason reason,
                        const std::string& message) {
  Lease* const lease = FindMutable(lease_id);
  if (lease == nullptr || lease->over) return;
  Stop(lease_id, reason, message);
  lease->over = true;
  if (!lease->unreported.empty()) return;
  lease->end->set_reason(v1::LeaseEnded::FINISHED);
  lease->end->clear_message();
}

void LeaseBook::Forget(int64_t lease_id) { leases_.erase(lease_id); }

bool LeaseBook::ResultsAcknowledged(int64_t lease_id) const {
  const auto next = results_.lower_bound({lease_id, std::numeric_limits<int64_t>::min()});
  return next == results_.end() || next->first.first != lease_id;
}

std::optional<v1::WorkerMessage> LeaseBook::NextToSend(size_t max_unacknowledged) {
  v1::WorkerMessage message;
  for (auto& [id, lease] : leases_) {
    for (auto& [trial_id, failure] : lease.failures) {
      if (failure.second) continue;
      failure.second = true;
      *message.mutable_trial_failed() = failure.first;
      return message;
    }
  }
  const size_t under_way = results_.size() - unsent_.size();
  if (!unsent_.empty() && under_way < max_unacknowledged) {
    const ResultKey key = *unsent_.begin();
    unsent_.erase(unsent_.begin());
    v1::Result* const result = message.mutable_result();
    result->set_lease_id(key.first);
    result->set_trial_id(key.second);
    *result->mutable_trajectory() = results_.at(key);
    result->set_last(true);
    return message;
  }
  for (auto& [id, lease] : leases_) {
    if (!lease.over || lease.end_sent || !ResultsAcknowledged(id)) continue;
    lease.end_sent = true;
    *message.mutable_lease_ended() = *lease.end;
    return message;
  }
  return std::nullopt;
}

void LeaseBook::Acknowledge(int64_t lease_id, int64_t trial_id) {
  results_.erase({lease_id, trial_id});
  unsent_.erase({lease_id, trial_id});
}

void LeaseBook::ConnectionLost() {
  for (const auto& [key, trajectory] : results_) unsent_.insert(key);
  for (auto& [id, lease] : leases_) {
    lease.end_sent = false;
    for (auto& [trial_id, failure] : lease.failures) failure.second = false;
  }
}

void LeaseBook::KeepWanted(const v1::Inventory& offered, const std::set<int64_t>& wanted) {
  for (const v1::Inventory::UnsentResult& result : offered.unsent_results()) {
    if (!wanted.contains(result.trial_id())) Acknowledge(result.lease_id(), result.trial_id());
  }
}

v1::Inventory LeaseBook::Inventory() const {
  v1::Inventory inventory;
  for (const auto& [id, lease] : leases_) {
    v1::Inventory::Lease* const held = inventory.add_leases();
    held->set_lease_id(id);
    held->set_begun(lease.begun);
  }
  for (const auto& [key, trajectory] : results_) {
    v1::Inventory::UnsentResult* const unsent = inventory.add_unsent_results();
    unsent->set_lease_id(key.first);
    unsent->set_trial_id(key.second);
  }
  return inventory;
}

std::vector<int64_t> LeaseBook::LeaseIds() const {
  std::vector<int64_t> ids;
  ids.reserve(leases_.size());
  for (const auto& [id, lease] : leases_) ids.push_back(id);
  return ids;
}

bool LeaseBook::AllDelivered() const {
  return results_.empty() && std::all_of(leases_.begin(), leases_.end(), [](const auto& entry) {
           const Lease& lease = entry.second;
           return lease.end_sent &&
                  std::all_of(lease.failures.begin(), lease.failures.end(),
                              [](const auto& failure) { return failure.second.second; });
         });
}

}  // namespace firstguess
