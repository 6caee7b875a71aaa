#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "coordinator/state/writes.h"

namespace firstguess {

// Every legal change of state, in one table each. Anything else is a FailedPrecondition that names
// both states.

// kOpening: its write is under way, the worker does not know of it yet.
enum class LeaseState { kOpening, kGranted, kEnded };
// kLost: disconnected, or silent for longer than a lease.
enum class WorkerState { kConnected, kDraining, kLost, kCannotWork };

absl::string_view LeaseStateName(LeaseState state);
absl::string_view WorkerStateName(WorkerState state);

// Staying in a state is no transition, and legal nowhere.
absl::Status CheckTransition(TrialStatus from, TrialStatus to);
absl::Status CheckTransition(SweepState from, SweepState to);
absl::Status CheckTransition(LeaseState from, LeaseState to);
absl::Status CheckTransition(WorkerState from, WorkerState to);

}  // namespace firstguess
