#pragma once

#include "absl/status/status.h"
#include "common/rpc/address.h"

namespace firstguess {

// Whether this process can listen at `address`. A unix socket that a dead process left over is
// removed. Unavailable, naming the address: another program listens there. PermissionDenied,
// InvalidArgument: the address or the path can't be used.
absl::Status PrepareToListen(const Address& address);

}  // namespace firstguess
