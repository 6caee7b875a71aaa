#include "coordinator/state/impl.h"

namespace firstguess {

// The first complete result of a trial wins, from any lease ever granted to its sender, over or
// not: results are deterministic.
void State::Impl::Handle(const ResultArrived& event) {
  using Outcome = ResultAckMessage::Outcome;
  const auto answer = [&](Outcome outcome) {
    Acknowledge(event.instance_id, event.lease_id, event.trial_id, outcome);
  };
  Lease* lease = FindLease(event.lease_id);
  if (lease == nullptr) return answer(Outcome::kNotFound);
  if (lease->instance_id != event.instance_id) return answer(Outcome::kPermissionDenied);
  Lease::Member* member = lease->Find(event.trial_id);
  if (member == nullptr) return answer(Outcome::kNotFound);
  if (member->trial == nullptr) {
    return answer(member->outcome == TrialStatus::kCancelled ? Outcome::kUnwanted
                                                             : Outcome::kDuplicate);
  }
  Trial& trial = *member->trial;
  if (trial.committing) {
    trial.late_results.push_back(lease->id);
    return;
  }
  const Worker* worker = FindWorker(event.instance_id);
  Emit(StoreResult{.trial_id = trial.id,
                   .lease_id = lease->id,
                   .worker = worker != nullptr ? worker->description.name : std::string(),
                   .finished_at = wall,
                   .trajectory = event.trajectory},
       ResultStored{.lease = lease->id, .trial = trial.id, .instance_id = event.instance_id});
  member->reported = true;
  Lease* holder = trial.lease;
  StartEnding(trial, TrialStatus::kDone);
  if (holder != nullptr) EndIfReported(*holder);
}

void State::Impl::Acknowledge(const std::string& instance_id, LeaseId lease, TrialId trial,
                              ResultAckMessage::Outcome outcome) {
  const Worker* worker = FindWorker(instance_id);
  if (worker == nullptr) return;
  Send(*worker, ResultAckMessage{.lease_id = lease, .trial_id = trial, .outcome = outcome});
}

}  // namespace firstguess
