#include "coordinator/state/writes.h"

namespace firstguess {

absl::string_view SweepStateName(SweepState state) {
  switch (state) {
    case SweepState::kRunning:
      return "running";
    case SweepState::kPaused:
      return "paused";
    case SweepState::kCancelled:
      return "cancelled";
    case SweepState::kDone:
      return "done";
  }
  return "";
}

absl::string_view TrialStatusName(TrialStatus status) {
  switch (status) {
    case TrialStatus::kPending:
      return "pending";
    case TrialStatus::kLeased:
      return "leased";
    case TrialStatus::kDone:
      return "done";
    case TrialStatus::kFailed:
      return "failed";
    case TrialStatus::kCancelled:
      return "cancelled";
  }
  return "";
}

absl::string_view FailureClassName(FailureClass failure) {
  switch (failure) {
    case FailureClass::kCrash:
      return "crash";
    case FailureClass::kTimeout:
      return "timeout";
    case FailureClass::kOutOfMemory:
      return "out_of_memory";
    case FailureClass::kLost:
      return "lost";
    case FailureClass::kPreempted:
      return "preempted";
    case FailureClass::kInvalid:
      return "invalid";
    case FailureClass::kInitCondition:
      return "init_condition";
  }
  return "";
}

}  // namespace firstguess
