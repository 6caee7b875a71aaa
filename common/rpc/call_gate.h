#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"

namespace firstguess {

// What is known of a call before anything of its messages is read.
struct CallHead {
  absl::string_view method = {};         // "/firstguess.v1.SweepService/List"
  absl::string_view authorization = {};  // the header of this name; empty: none
  absl::string_view certificate = {};    // the caller's, PEM, as TLS has checked it; empty: none
  absl::string_view door = {};           // of the credentials that let the connection in
};

// Decides on every call of a server, also of gRPC's own services and of methods that nobody has.
class CallGate {
 public:
  virtual ~CallGate() = default;

  // What is not OK is the call's end: no handler hears of it, and its messages are not read.
  // Thread-safe; must not block.
  virtual absl::Status Check(const CallHead& head) = 0;
};

// The head of a call that a handler has, without its method. It points into `context`.
CallHead HeadOf(const grpc::CallbackServerContext& context);

}  // namespace firstguess
