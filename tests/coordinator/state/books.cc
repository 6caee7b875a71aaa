#include "tests/coordinator/state/books.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace firstguess {

void Books::Sent(const ToWorker& message, const ModelStore& store) {
  if (const auto* ack = std::get_if<ResultAckMessage>(&message.message)) {
    const auto trial = store.trials().find(ack->trial_id);
    if (ack->outcome == ResultAckMessage::Outcome::kStored) {
      ASSERT_EQ(trial->second.status, TrialStatus::kDone) << "acknowledged, but not stored";
      acknowledged_.insert(ack->trial_id);
    } else if (ack->outcome == ResultAckMessage::Outcome::kDuplicate && !retried_) {
      ASSERT_TRUE(trial->second.status == TrialStatus::kDone ||
                  trial->second.status == TrialStatus::kFailed);
    }
  }
  if (const auto* grant = std::get_if<GrantMessage>(&message.message)) {
    ASSERT_FALSE(grant->members.empty());
    ASSERT_TRUE(granted_.insert(grant->lease_id).second)
        << "lease " << grant->lease_id << " is granted twice";
    ASSERT_TRUE(store.leases().contains(grant->lease_id));
    for (const auto& member : grant->members) {
      const auto& attempts = store.attempts(member.trial_id);
      ASSERT_TRUE(std::any_of(attempts.begin(), attempts.end(), [&](const auto& attempt) {
        return attempt.lease_id == grant->lease_id;
      })) << "granted, but not written down";
    }
  }
}

void Books::Answered(const Reply& reply, const ModelStore& store) {
  ASSERT_TRUE(reply.sweep_id == 0 || store.sweeps().contains(reply.sweep_id))
      << "answered, but not stored";
}

void Books::Check(Machine& machine) {
  const ModelStore& store = machine.store();
  ASSERT_TRUE(store.health().ok()) << store.health();
  for (const auto& [id, trial] : store.trials()) {
    const auto known = final_.find(id);
    if (known != final_.end()) {
      const bool may_change = known->second == TrialStatus::kCancelled ||
                              (known->second == TrialStatus::kFailed && retried_);
      ASSERT_TRUE(trial.status == known->second || may_change)
          << "trial " << id << " was " << TrialStatusName(known->second);
    }
    if (trial.status != TrialStatus::kPending && trial.status != TrialStatus::kLeased) {
      final_[id] = trial.status;
    }
  }
  for (const TrialId id : acknowledged_) {
    const ModelStore::TrialRow& trial = store.trials().at(id);
    ASSERT_TRUE(trial.status == TrialStatus::kDone && trial.trajectory != nullptr)
        << "the result of trial " << id << " was acknowledged, and is missing";
  }
  if (!machine.idle()) return;
  for (const SweepView& view : machine.state().Sweeps()) {
    ASSERT_EQ(view.counters, store.Count(view.sweep_id)) << view.name;
    ASSERT_EQ(view.state, store.sweeps().at(view.sweep_id).state) << view.name;
  }
}

}  // namespace firstguess
