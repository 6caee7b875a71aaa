#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_builder.h"

namespace firstguess {

// A connection of its own to a coordinator (channels share none, so ending one ends only it). It
// connects at the first call, and again by itself when it broke. Keepalive finds dead peers within
// 30 s; unary calls that may be repeated are, when the coordinator is unavailable. InvalidArgument:
// see ParseAddress. Thread-safe.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(absl::string_view address);

// The other end of MakeChannel: keepalive that agrees with it, message limits, one port for one
// server. To be called on each server's builder.
void SetServerArguments(grpc::ServerBuilder& builder);

// No unary call goes without a deadline. A call that computes (Preview) is given a longer one.
inline constexpr absl::Duration kUnaryDeadline = absl::Seconds(10);
void SetDeadline(grpc::ClientContext& context, absl::Duration timeout = kUnaryDeadline);

}  // namespace firstguess
