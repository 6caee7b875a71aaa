#include "coordinator/state/transitions.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

template <typename State>
struct Transition {
  State from;
  State to;
};

constexpr Transition<TrialStatus> kTrial[] = {
    {TrialStatus::kPending, TrialStatus::kLeased},
    {TrialStatus::kPending, TrialStatus::kDone},  // a result from an expired lease
    {TrialStatus::kPending, TrialStatus::kCancelled},
    {TrialStatus::kLeased, TrialStatus::kPending},
    {TrialStatus::kLeased, TrialStatus::kDone},
    {TrialStatus::kLeased, TrialStatus::kFailed},
    {TrialStatus::kLeased, TrialStatus::kCancelled},
    {TrialStatus::kFailed, TrialStatus::kPending},     // retried
    {TrialStatus::kCancelled, TrialStatus::kPending},  // wanted again
};

constexpr Transition<SweepState> kSweep[] = {
    {SweepState::kRunning, SweepState::kPaused},
    {SweepState::kRunning, SweepState::kCancelled},
    {SweepState::kRunning, SweepState::kDone},
    {SweepState::kPaused, SweepState::kRunning},
    {SweepState::kPaused, SweepState::kCancelled},
    {SweepState::kPaused, SweepState::kDone},   // its last leases finish it
    {SweepState::kDone, SweepState::kRunning},  // failed trials are retried
};

constexpr Transition<LeaseState> kLease[] = {
    {LeaseState::kOpening, LeaseState::kGranted},
    {LeaseState::kOpening, LeaseState::kEnded},
    {LeaseState::kGranted, LeaseState::kEnded},
};

constexpr Transition<WorkerState> kWorker[] = {
    {WorkerState::kConnected, WorkerState::kDraining},
    {WorkerState::kConnected, WorkerState::kLost},
    {WorkerState::kDraining, WorkerState::kLost},
    {WorkerState::kCannotWork, WorkerState::kDraining},
    {WorkerState::kCannotWork, WorkerState::kLost},
    {WorkerState::kLost, WorkerState::kConnected},
    {WorkerState::kLost, WorkerState::kDraining},
    {WorkerState::kLost, WorkerState::kCannotWork},
};

template <typename State, size_t kSize>
absl::Status Check(const Transition<State> (&table)[kSize], absl::string_view what, State from,
                   State to, absl::string_view (*name)(State)) {
  const bool legal = std::any_of(std::begin(table), std::end(table), [&](const auto& transition) {
    return transition.from == from && transition.to == to;
  });
  if (legal) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("a ", what, " that is ", name(from), " can't become ", name(to)));
}

}  // namespace

absl::string_view LeaseStateName(LeaseState state) {
  switch (state) {
    case LeaseState::kOpening:
      return "opening";
    case LeaseState::kGranted:
      return "granted";
    case LeaseState::kEnded:
      return "ended";
  }
  return "";
}

absl::string_view WorkerStateName(WorkerState state) {
  switch (state) {
    case WorkerState::kConnected:
      return "connected";
    case WorkerState::kDraining:
      return "draining";
    case WorkerState::kLost:
      return "lost";
    case WorkerState::kCannotWork:
      return "cannot work";
  }
  return "";
}

absl::Status CheckTransition(TrialStatus from, TrialStatus to) {
  return Check(kTrial, "trial", from, to, TrialStatusName);
}

absl::Status CheckTransition(SweepState from, SweepState to) {
  return Check(kSweep, "sweep", from, to, SweepStateName);
}

absl::Status CheckTransition(LeaseState from, LeaseState to) {
  return Check(kLease, "lease", from, to, LeaseStateName);
}

absl::Status CheckTransition(WorkerState from, WorkerState to) {
  return Check(kWorker, "worker", from, to, WorkerStateName);
}

}  // namespace firstguess
