#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/channel.h"

namespace firstguess {

enum class ServerHealth { kUnknown, kServing, kNotServing };

// Asks the server at `address` how it is, by gRPC's health checking protocol. Blocks for `timeout`
// at most. Errors of MakeChannel. Unavailable, DeadlineExceeded: nobody answers, or not a
// gRPC server. Unimplemented: a server that does not tell.
absl::StatusOr<ServerHealth> AskHealth(absl::string_view address, absl::Duration timeout,
                                       const CallerSecurity& security = {});

}  // namespace firstguess
