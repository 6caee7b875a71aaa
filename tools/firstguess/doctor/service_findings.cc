#include "tools/firstguess/doctor/service_findings.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/address.h"
#include "common/rpc/health.h"

namespace firstguess {
namespace {

using Level = Finding::Level;

constexpr absl::Duration kHealthPatience = absl::Seconds(3);

// Whether nobody listens at this port.
bool IsFree(const Address& address) {
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  sockaddr* name = reinterpret_cast<sockaddr*>(&v4);
  socklen_t length = sizeof(v4);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(static_cast<uint16_t>(address.port));
  if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) != 1) {
    ::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<uint16_t>(address.port));
    name = reinterpret_cast<sockaddr*>(&v6);
    length = sizeof(v6);
  }
  const int descriptor = ::socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool bound = ::bind(descriptor, name, length) == 0;
  ::close(descriptor);
  return bound;
}

Finding Silent(const Address& address, bool expected) {
  const std::string where = address.ToString();
  if (!address.is_unix() && !IsFree(address)) {
    return {"coordinator", Level::kProblem,
            absl::StrCat("another program listens at ", where, ", or it does not answer."),
            "Stop it, or use another port: firstguess-coordinator --listen 127.0.0.1:PORT.",
            kExitUnreachable};
  }
  const std::string next =
      absl::StrCat("Start one: firstguess-coordinator --db FILE --listen ", where);
  const std::string text = absl::StrCat("none answers at ", where, ".");
  if (expected) return {"coordinator", Level::kProblem, text, next, kExitUnreachable};
  return {"coordinator", Level::kOk, absl::StrCat("none answers at ", where, "; it is free.")};
}

}  // namespace

Findings ServiceFindings(const std::string& address, const CallerSecurity& security,
                         bool expected) {
  const absl::StatusOr<Address> parsed = ParseAddress(address);
  if (!parsed.ok()) {
    return {{"coordinator", Level::kProblem, absl::StrCat(parsed.status().message(), "."),
             "Name it as the coordinator printed it.", kExitInput}};
  }
  const absl::StatusOr<ServerHealth> health = AskHealth(address, kHealthPatience, security);
  if (health.ok() && *health == ServerHealth::kServing) {
    return {{"coordinator", Level::kOk, absl::StrCat("serving at ", address, ".")}};
  }
  if (health.ok()) {
    return {
        {"coordinator", Level::kProblem,
         absl::StrCat("the one at ", address, " grants nothing: its disk is full, or it stops."),
         "Its log says why; with room on the disk it goes on by itself."}};
  }
  if (absl::IsUnimplemented(health.status())) {
    return {{"coordinator", Level::kProblem,
             absl::StrCat("what answers at ", address, " is not a coordinator of firstguess."),
             "Check the address.", kExitUnreachable}};
  }
  if (absl::IsInvalidArgument(health.status()) || absl::IsNotFound(health.status()) ||
      absl::IsPermissionDenied(health.status())) {
    return {{"coordinator", Level::kProblem, absl::StrCat(health.status().message(), "."),
             "See SECURITY.md for coordinators that other machines reach.", kExitInput}};
  }
  return {Silent(*parsed, expected)};
}

}  // namespace firstguess
