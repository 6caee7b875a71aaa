#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {

int64_t State::Impl::Emit(Write write, Completion completion) {
  ++last_write;
  effects.writes.push_back({.number = last_write, .write = std::move(write)});
  under_way.push_back({.number = last_write, .completion = std::move(completion)});
  return last_write;
}

absl::Status State::Impl::CheckCommit(const WriteCommitted& event) const {
  if (!under_way.empty() && under_way.front().number == event.write_number) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "write ", event.write_number, " was reported as committed, but ",
      under_way.empty() ? std::string("no write is under way")
                        : absl::StrCat("write ", under_way.front().number, " comes next")));
}

void State::Impl::Handle(const WriteCommitted& event) {
  const WriteUnderWay done = std::move(under_way.front());
  under_way.pop_front();
  last_committed = done.number;
  for (const ChangedSweep& changed : event.result.sweeps) Mirror(changed);
  std::visit([&](const auto& completion) { Complete(completion, event.result); }, done.completion);
  if (auto found = replies_after.find(done.number); found != replies_after.end()) {
    for (Reply& reply : found->second) effects.replies.push_back(std::move(reply));
    replies_after.erase(found);
  }
}

void State::Impl::ReplyAfter(int64_t write_number, Reply reply) {
  if (write_number <= last_committed) {
    effects.replies.push_back(std::move(reply));
  } else {
    replies_after[write_number].push_back(std::move(reply));
  }
}

void State::Impl::Complete(const SweepWritten& done, const WriteResult&) {
  SweepRecord& sweep = sweeps.at(done.sweep);
  if (done.state) --sweep.state_writes;
  FollowStore(sweep);
}

void State::Impl::Complete(const PackOpened& done, const WriteResult& result) {
  --packs_opening;
  --leases_opening;
  Lease& lease = *FindLease(done.lease);
  Pack& pack = *lease.pack;
  for (const StoredTrial& stored : result.members) {
    if (Trial* trial = AddTrial(stored, pack, {done.sweep})) AddMember(lease, *trial);
  }
  for (const StoredTrial& stored : result.shared) {
    const auto found = trials.find(stored.trial_id);
    // One that is not known was cancelled until this sweep wanted it.
    Pack& owner = found != trials.end() ? *found->second->pack : PackFor(stored);
    if (found != trials.end()) {
      AddWant(*found->second, done.sweep);
    } else {
      AddTrial(stored, owner, {done.sweep});
    }
    Offer(owner);
  }
  if (lease.members.empty()) {
    // The store has recorded its end too.
    CloseLease(lease);
  } else {
    GrantOrReturn(lease);
  }
}

void State::Impl::Complete(const PackLeased& done, const WriteResult&) {
  --leases_opening;
  Lease* lease = FindLease(done.lease);
  // It may have ended meanwhile: cancelled, or every result came from an older lease.
  if (lease != nullptr && lease->state == LeaseState::kOpening) GrantOrReturn(*lease);
}

void State::Impl::Complete(const ResultStored& done, const WriteResult& result) {
  Acknowledge(
      done.instance_id, done.lease, done.trial,
      result.stored ? ResultAckMessage::Outcome::kStored : ResultAckMessage::Outcome::kDuplicate);
  Worker* worker = FindWorker(done.instance_id);
  if (worker != nullptr && result.stored) ++worker->trials_done;
  Forget(*trials.at(done.trial));
}

void State::Impl::Complete(const TrialsEnded& done, const WriteResult&) {
  for (const TrialId trial : done.trials) Forget(*trials.at(trial));
}

void State::Impl::Complete(const FailuresRetried&, const WriteResult& result) {
  std::set<PackId> touched;
  for (size_t i = 0; i < result.retried.size(); ++i) {
    const StoredTrial& stored = result.retried[i];
    AddTrial(stored, PackFor(stored), result.retried_wanted_by[i]);
    touched.insert(stored.pack_id);
  }
  for (const PackId pack : touched) Offer(*packs.at(pack));
}

}  // namespace firstguess
