#include "worker/agent/lease_book.h"

#include <algorithm>
#include <utility>

namespace firstguess {

void LeaseBook::Add(const v1::Grant& grant) {
  Lease lease{.lease_id = grant.lease_id(),
              .trials = {},
              .timeout_seconds_per_trial = grant.timeout_seconds_per_trial(),
              .end = {}};
  for (const v1::Grant::Trial& trial : grant.trials()) {
    lease.trials.push_back({trial.trial_id(), trial.config()});
  }
  leases_.try_emplace(grant.lease_id(), std::move(lease));
}

const LeaseBook::Lease* LeaseBook::NextToBegin() const {
  for (const auto& [id, lease] : leases_) {
    if (!lease.begun && !lease.over && !lease.end.has_value()) return &lease;
  }
  return nullptr;
}

const LeaseBook::Lease* LeaseBook::Find(int64_t lease_id) const {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

void LeaseBook::Begin(int64_t lease_id) { leases_.at(lease_id).begun = true; }

void LeaseBook::AddResult(int64_t lease_id, int64_t trial_id, v1::Trajectory trajectory) {
  v1::Result message;
  message.set_lease_id(lease_id);
  message.set_trial_id(trial_id);
  message.set_last(true);
  *message.mutable_trajectory() = std::move(trajectory);
  results_[{lease_id, trial_id}] = {std::move(message), false};
}

void LeaseBook::AddFailure(v1::TrialFailed failure) { failures_.push_back(std::move(failure)); }

void LeaseBook::Stop(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message) {
  const auto found = leases_.find(lease_id);
  if (found == leases_.end()) return;
  Lease& lease = found->second;
  if (!lease.end.has_value()) {
    lease.end.emplace();
    lease.end->set_lease_id(lease_id);
    lease.end->set_reason(reason);
    lease.end->set_message(message);
  }
  lease.stopping = true;
  if (!lease.begun) lease.over = true;
}

void LeaseBook::SetOver(int64_t lease_id, v1::LeaseEnded::Reason reason,
                        const std::string& message) {
  const auto found = leases_.find(lease_id);
  if (found == leases_.end()) return;
  Stop(lease_id, reason, message);
  found->second.over = true;
}

void LeaseBook::Forget(int64_t lease_id) { leases_.erase(lease_id); }

bool LeaseBook::Delivered(int64_t lease_id) const {
  const auto next = results_.lower_bound({lease_id, 0});
  return next == results_.end() || next->first.first != lease_id;
}

std::optional<v1::WorkerMessage> LeaseBook::NextToSend(size_t max_unacknowledged) {
  v1::WorkerMessage message;
  if (!failures_.empty()) {
    *message.mutable_trial_failed() = std::move(failures_.front());
    failures_.erase(failures_.begin());
    return message;
  }
  size_t under_way = 0;
  for (const auto& [key, result] : results_) under_way += result.sent ? 1 : 0;
  if (under_way < max_unacknowledged) {
    for (auto& [key, result] : results_) {
      if (result.sent) continue;
      result.sent = true;
      *message.mutable_result() = result.message;
      return message;
    }
  }
  for (auto& [id, lease] : leases_) {
    if (!lease.over || !Delivered(id)) continue;
    *message.mutable_lease_ended() = *std::move(lease.end);
    leases_.erase(id);
    return message;
  }
  return std::nullopt;
}

void LeaseBook::Acknowledge(int64_t lease_id, int64_t trial_id) {
  results_.erase({lease_id, trial_id});
}

void LeaseBook::ConnectionLost() {
  for (auto& [key, result] : results_) result.sent = false;
}

void LeaseBook::KeepResults(const std::vector<int64_t>& wanted_trials) {
  for (auto result = results_.begin(); result != results_.end();) {
    const bool wanted = std::find(wanted_trials.begin(), wanted_trials.end(),
                                  result->first.second) != wanted_trials.end();
    result = wanted ? std::next(result) : results_.erase(result);
  }
}

v1::Inventory LeaseBook::Inventory() const {
  v1::Inventory inventory;
  for (const auto& [id, lease] : leases_) {
    v1::Inventory::Lease* const held = inventory.add_leases();
    held->set_lease_id(id);
    held->set_begun(lease.begun);
  }
  for (const auto& [key, result] : results_) {
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

}  // namespace firstguess
