#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/state/state.h"
#include "firstguess/v1/work_service.pb.h"

namespace firstguess {

// What workers say, as the state machine's events. Every field is checked here, before anything
// else sees it: InvalidArgument names the field.

absl::StatusOr<WorkerConnected> ToEvent(const v1::Hello& hello);
absl::StatusOr<WorkerHeartbeat> ToEvent(const v1::Heartbeat& heartbeat, std::string instance_id,
                                        int64_t epoch);
absl::StatusOr<WorkerTrainerTime> ToEvent(const v1::TrainerTime& time, std::string instance_id,
                                          int64_t epoch);
absl::StatusOr<TrialReportedFailed> ToEvent(const v1::TrialFailed& failed, std::string instance_id);
absl::StatusOr<LeaseReportedEnded> ToEvent(const v1::LeaseEnded& ended, std::string instance_id);

// Checks all of a result but its trajectory.
absl::Status CheckChunk(const v1::Result& result);

// FailureClass of the wire; InvalidArgument for UNSPECIFIED and for numbers that name none.
absl::StatusOr<FailureClass> FromProto(v1::FailureClass failure);

}  // namespace firstguess
