#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"

namespace firstguess {

// Sends one empty message to `method` ("/package.Service/Method"), known or not, and waits for its
// answer for `timeout`. Errors: what the server says, and those of the connection.
absl::StatusOr<grpc::ByteBuffer> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                         const std::string& method, absl::Duration timeout);

}  // namespace firstguess
