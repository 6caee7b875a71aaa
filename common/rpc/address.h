#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// Where a coordinator listens: a TCP port of this machine or a unix socket.
struct Address {
  std::string host;  // "127.0.0.1", "::1"; empty for a unix socket
  int port = 0;      // 0: any free port
  std::string path;  // of the unix socket; empty for TCP
  bool is_unix() const { return !path.empty(); }
  // As gRPC and people write it: "127.0.0.1:7171", "[::1]:0", "unix:/run/firstguess.sock".
  std::string ToString() const;
};

// Reads "HOST:PORT", "[HOST]:PORT" or "unix:PATH". "localhost" is 127.0.0.1. InvalidArgument,
// naming the address: not of these forms; a host that is not loopback (the coordinator does not
// speak TLS, so it must not be reachable from other machines); a socket path that is too long for
// the system.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace firstguess
