#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace firstguess {

// The two directions between our statuses and gRPC's; codes and messages stay as they are, but that
// a message longer than gRPC carries is cut. gRPC reports a connection that broke under a call as
// UNKNOWN "Stream removed": that is Unavailable here, so that callers retry it as they would any
// lost connection.
absl::Status FromGrpcStatus(const grpc::Status& status);
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace firstguess
