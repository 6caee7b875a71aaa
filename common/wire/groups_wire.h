#pragma once

#include "absl/status/status.h"
#include "common/trajectory.h"
#include "firstguess/v1/trajectory.pb.h"

namespace firstguess {

// The groups of a snapshot as part of its message, and back: see trajectory_wire.h.
void GroupsToProto(const Snapshot& snapshot, v1::Snapshot& message);

// REQUIRES: CheckGroups(message) is ok.
void GroupsFromProto(const v1::Snapshot& message, Snapshot& snapshot);

// InvalidArgument, saying what is wrong, unless the columns of the confusion matrix are of one
// length.
absl::Status CheckGroups(const v1::Snapshot& message);

}  // namespace firstguess
