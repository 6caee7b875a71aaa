#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_builder.h"

namespace firstguess {

// How a caller shows who it is, and knows whom it speaks with.
struct CallerSecurity {
  std::string tls_folder = "";    // tls_folder.h; empty: TCP connections are plain
  std::string token_file = "";    // token_header.h; empty: no token
  bool insecure_network = false;  // plain connections that other machines see, too
};

// A connection of its own to a coordinator (channels share none, so ending one ends only it). It
// connects at the first call, and again by itself when it broke. Keepalive finds dead peers within
// 30 s; unary calls that may be repeated are, when the coordinator is unavailable. InvalidArgument:
// see ParseAddress; without TLS, an address that other machines reach, or a token for it. Errors of
// CheckTlsFolder and of MakeTokenHeader. Thread-safe.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(absl::string_view address,
                                                           const CallerSecurity& security = {});

// The other end of MakeChannel: keepalive that agrees with it, message limits, one port for one
// server. To be called on each server's builder. A connection that has not finished its handshake
// in time is closed, and so is one without a call for `idle_time`, whose owner opens another when
// there is something to say.
inline constexpr absl::Duration kHandshakeTimeout = absl::Seconds(10);
inline constexpr absl::Duration kIdleTime = absl::Minutes(5);
void SetServerArguments(grpc::ServerBuilder& builder,
                        absl::Duration handshake_timeout = kHandshakeTimeout,
                        absl::Duration idle_time = kIdleTime);

// No unary call goes without a deadline. A call that computes (Preview) is given a longer one.
inline constexpr absl::Duration kUnaryDeadline = absl::Seconds(10);
void SetDeadline(grpc::ClientContext& context, absl::Duration timeout = kUnaryDeadline);

}  // namespace firstguess
