#pragma once

#include "absl/strings/string_view.h"
#include "coordinator/state/state.h"
#include "firstguess/v1/work_service.pb.h"

namespace firstguess {

// What the state machine says to a worker, as WorkService's messages.
v1::CoordinatorMessage ToProto(const ToWorker& message);
v1::CoordinatorMessage InvalidResult(LeaseId lease, TrialId trial, absl::string_view why);

}  // namespace firstguess
