#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// Where a coordinator listens: a TCP port or a unix socket.
struct Address {
  std::string host;  // "127.0.0.1", "::1", "node7.cluster"; empty for a unix socket
  int port = 0;      // 0: any free port
  std::string path;  // of the unix socket; empty for TCP
  bool is_unix() const { return !path.empty(); }
  // Whether only this machine can reach it: a unix socket or a loopback address. A name is not
  // looked up, and never local.
  bool is_local() const;
  // As people write it: "127.0.0.1:7171", "[::1]:0", "unix:/run/firstguess.sock".
  std::string ToString() const;
};

// Reads "HOST:PORT", "[HOST]:PORT" or "unix:PATH". "localhost" is 127.0.0.1. InvalidArgument,
// naming the address: not of these forms; a socket path that is too long for the system.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// The same, of local addresses alone: for what speaks neither TLS nor asks who is there.
absl::StatusOr<Address> ParseLocalAddress(absl::string_view text);

}  // namespace firstguess
