#pragma once

#include <map>
#include <set>

#include "tests/coordinator/state/machine.h"

namespace firstguess {

// What the coordinator said so far, held against the store: what must hold whatever is lost,
// doubled, late or killed.
//
//  - One final state per trial, which changes only if a cancelled one is wanted again or a failed
//    one retried.
//  - Counts add up: a sweep's counters are what its cells and their trials say.
//  - No lease id is granted twice, also by a coordinator that was restarted.
//  - No acknowledged result is missing, and nothing is granted that is not written down.
//
// A check that fails is a fatal failure of the test.
class Books {
 public:
  // Messages and replies that left the coordinator, in order.
  void Sent(const ToWorker& message, const ModelStore& store);
  void Answered(const Reply& reply, const ModelStore& store);
  // A person asked for failed trials to run again: from now on they may.
  void Retried() { retried_ = true; }

  // After each step.
  void Check(Machine& machine);

 private:
  std::map<TrialId, TrialStatus> final_;  // as last seen
  std::set<TrialId> acknowledged_;
  std::set<LeaseId> granted_;
  bool retried_ = false;
};

}  // namespace firstguess
