#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

// A failure is charged to a trial only when it ran alone, or when the trainer named it. A pack of
// several that fails is split, so that the guilty one is found in a few halvings.
namespace firstguess {
namespace {

using Reason = LeaseReportedEnded::Reason;

std::vector<Trial*> OpenTrials(const Lease& lease) {
  std::vector<Trial*> open;
  for (const Lease::Member& member : lease.members) {
    if (member.open) open.push_back(member.trial);
  }
  std::sort(open.begin(), open.end(), [](const Trial* left, const Trial* right) {
    return std::pair(left->slot, left->id) < std::pair(right->slot, right->id);
  });
  return open;
}

}  // namespace

void State::Impl::Handle(const TrialReportedFailed& event) {
  Lease* lease = FindLease(event.lease_id);
  if (lease == nullptr || lease->instance_id != event.instance_id ||
      lease->state != LeaseState::kGranted) {
    return;
  }
  Lease::Member* member = lease->Find(event.trial_id);
  if (member == nullptr || !member->open) return;
  Trial& trial = *member->trial;
  member->reported = true;
  const bool charged =
      event.failure != FailureClass::kPreempted && event.failure != FailureClass::kLost;
  // An invalid trial would be invalid again, and the same draws would not meet the condition.
  const bool final_failure = event.failure == FailureClass::kInvalid ||
                             event.failure == FailureClass::kInitCondition ||
                             (charged && trial.attempts + 1 >= MaxAttempts(trial));
  EndAttemptOf(trial, event.failure, event.message, charged, final_failure);
  EndIfReported(*lease);
}

void State::Impl::Handle(const LeaseReportedEnded& event) {
  Lease* lease = FindLease(event.lease_id);
  if (lease == nullptr || lease->instance_id != event.instance_id ||
      lease->state != LeaseState::kGranted) {
    return;
  }
  Worker& worker = *lease->worker;
  switch (event.reason) {
    case Reason::kFinished:
      // It ended by itself if every trial was reported, so one was not.
      EndFailed(*lease, FailureClass::kCrash,
                absl::StrCat("the worker ended the lease without a result",
                             event.message.empty() ? "" : ": ", event.message));
      break;
    case Reason::kReturned:
      worker.holding_back = worker.holding_back || !lease->reclaiming;
      EndLease(*lease, "returned", event.message);
      break;
    case Reason::kDropped:
      EndLease(*lease, "dropped", event.message);
      break;
    case Reason::kPreempted:
      worker.holding_back = true;
      EndLease(*lease, FailureClassName(FailureClass::kPreempted), event.message);
      break;
    case Reason::kIncapable:
      worker.barred[lease->pack->shape->key] = event.message;
      EndLease(*lease, "incapable", event.message);
      break;
    case Reason::kCrashed:
      EndFailed(*lease, FailureClass::kCrash, event.message);
      break;
    case Reason::kTimedOut:
      EndFailed(*lease, FailureClass::kTimeout, event.message);
      break;
    case Reason::kOutOfMemory:
      EndFailed(*lease, FailureClass::kOutOfMemory, event.message);
      break;
  }
}

// The whole lease failed, and nobody knows by which trial.
void State::Impl::EndFailed(Lease& lease, FailureClass failure, const std::string& message) {
  const std::vector<Trial*> open = OpenTrials(lease);
  Pack& pack = *lease.pack;
  if (lease.members.size() == 1) {
    Trial& trial = *open.front();
    EndAttemptOf(trial, failure, message, /*charged=*/true,
                 trial.attempts + 1 >= MaxAttempts(trial));
  }
  EndLease(lease, FailureClassName(failure), message);
  if (open.size() > 1) Split(pack, open);
}

// The worker is gone, or the lease is gone from the worker.
void State::Impl::EndLost(Lease& lease, absl::string_view outcome, absl::string_view message) {
  const std::vector<Trial*> open = OpenTrials(lease);
  Pack& pack = *lease.pack;
  ++pack.times_lost;
  if (open.size() == 1 && pack.times_lost >= options.trial_losses_before_failure) {
    EndAttemptOf(*open.front(), FailureClass::kLost,
                 absl::StrCat("lost ", pack.times_lost, " times, last because ", message),
                 /*charged=*/false, /*final_failure=*/true);
  }
  EndLease(lease, outcome, message);
  if (open.size() > 1 && pack.times_lost >= options.pack_losses_before_split) Split(pack, open);
}

// The caller ends the lease, if this was its last open trial.
void State::Impl::EndAttemptOf(Trial& trial, FailureClass failure, const std::string& message,
                               bool charged, bool final_failure) {
  Completion completion = NothingMore();
  if (final_failure) completion = TrialsEnded{.trials = {trial.id}};
  Emit(EndAttempt{.trial_id = trial.id,
                  .lease_id = trial.lease->id,
                  .failure = failure,
                  .message = message,
                  .charged = charged,
                  .final_failure = final_failure,
                  .at = wall,
                  .worker = trial.lease->worker->description.name},
       std::move(completion));
  if (charged) ++trial.attempts;
  if (final_failure) {
    StartEnding(trial, TrialStatus::kFailed);
    return;
  }
  LeaveLease(trial);
  MoveTrial(trial, TrialStatus::kPending);
  if (!charged) return;
  const double doublings = static_cast<double>(trial.attempts - 1);
  trial.ready_at =
      now + std::min(options.retry_delay * std::exp2(doublings), options.retry_delay_cap);
}

// The most generous of the sweeps that want it.
int64_t State::Impl::MaxAttempts(const Trial& trial) const {
  int64_t most = 1;
  for (const SweepId id : trial.wanted_by) most = std::max(most, sweeps.at(id).sweep->max_attempts);
  return most;
}

// What each of its trials may take, by the most generous of the sweeps that want one: zero if a
// sweep sets no bound.
absl::Duration State::Impl::TimeoutOf(const Lease& lease) const {
  absl::Duration longest;
  for (const Lease::Member& member : lease.members) {
    if (!member.open) continue;
    for (const SweepId id : member.trial->wanted_by) {
      const std::optional<double> seconds = sweeps.at(id).sweep->trial_timeout;
      if (!seconds.has_value()) return absl::ZeroDuration();
      longest = std::max(longest, absl::Seconds(*seconds));
    }
  }
  return longest;
}

}  // namespace firstguess
