#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {

// Adds a pending trial to `pack`. Null, and broken, if it is known already.
Trial* State::Impl::AddTrial(const StoredTrial& stored, Pack& pack,
                             const std::vector<SweepId>& wanted_by) {
  auto [entry, is_new] = trials.try_emplace(stored.trial_id);
  if (!is_new) {
    Broken(absl::InternalError(absl::StrCat("trial ", stored.trial_id, " appears twice")));
    return nullptr;
  }
  entry->second = std::make_unique<Trial>();
  Trial& trial = *entry->second;
  trial.id = stored.trial_id;
  trial.slot = stored.slot;
  trial.attempts = stored.attempts;
  trial.config = stored.config;
  trial.pack = &pack;
  const auto place = std::upper_bound(
      pack.trials.begin(), pack.trials.end(), &trial, [](const Trial* left, const Trial* right) {
        return std::tie(left->slot, left->id) < std::tie(right->slot, right->id);
      });
  pack.trials.insert(place, &trial);
  unwanted.insert(trial.id);
  for (const SweepId sweep : wanted_by) AddWant(trial, sweep);
  return &trial;
}

void State::Impl::MoveTrial(Trial& trial, TrialStatus to) {
  Broken(CheckTransition(trial.status, to));
  trial.status = to;
}

// The lease that has the trial has nothing more to report about it.
void State::Impl::LeaveLease(Trial& trial) {
  if (trial.lease == nullptr) return;
  trial.lease->Find(trial.id)->open = false;
  --trial.lease->open;
  trial.lease = nullptr;
}

// A write that makes the trial final was emitted. The caller ends the lease it left, if that was
// its last.
void State::Impl::StartEnding(Trial& trial, TrialStatus to) {
  MoveTrial(trial, to);
  trial.committing = true;
  LeaveLease(trial);
  unwanted.erase(trial.id);
  if (trial.pack->lease == nullptr) Offer(*trial.pack);
}

// The trial's final status is committed.
void State::Impl::Forget(Trial& trial) {
  const bool cancelled = trial.status == TrialStatus::kCancelled;
  for (const LeaseId id : trial.late_results) {
    Acknowledge(
        FindLease(id)->instance_id, id, trial.id,
        cancelled ? ResultAckMessage::Outcome::kUnwanted : ResultAckMessage::Outcome::kDuplicate);
  }
  for (Lease* lease : trial.leases) {
    Lease::Member* member = lease->Find(trial.id);
    member->trial = nullptr;
    member->outcome = trial.status;
    --lease->unfinished;
    if (lease->state == LeaseState::kEnded && lease->unfinished == 0) Retire(*lease);
  }
  for (const SweepId sweep : trial.wanted_by) sweeps.at(sweep).open_trials.erase(trial.id);
  Pack& pack = *trial.pack;
  pack.trials.erase(std::find(pack.trials.begin(), pack.trials.end(), &trial));
  EraseIfEmpty(pack);
  trials.erase(trial.id);
}

}  // namespace firstguess
