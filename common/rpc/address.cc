#include "common/rpc/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firstguess {
namespace {

absl::Status Malformed(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not an address: write HOST:PORT or unix:PATH, for instance ",
                   "127.0.0.1:7171 or unix:/tmp/firstguess.sock"));
}

// 127.0.0.0/8 or ::1.
bool IsLoopback(const std::string& host) {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

// Of names and of addresses; what else is in a text would mean something to gRPC.
bool IsOfHost(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == ':' || c == '-' ||
         c == '_' || c == '%';
}

absl::StatusOr<Address> ParseUnix(absl::string_view text, absl::string_view path) {
  if (path.empty()) return Malformed(text);
  constexpr size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() > kLongest) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text,
                                                   "\": a unix socket's path has at most ",
                                                   kLongest, " bytes, this one has ", path.size()));
  }
  Address address;
  address.path = std::string(path);
  return address;
}

}  // namespace

bool Address::is_local() const { return is_unix() || IsLoopback(host); }

std::string Address::ToString() const {
  if (is_unix()) return absl::StrCat("unix:", path);
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) return ParseUnix(text, rest);

  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Malformed(text);
  absl::string_view host = text.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return Malformed(text);
  } else if (absl::StrContains(host, ':')) {
    return Malformed(text);
  }
  uint32_t port = 0;
  if (host.empty() || !std::all_of(host.begin(), host.end(), IsOfHost) ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65535) {
    return Malformed(text);
  }
  Address address;
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  address.port = static_cast<int>(port);
  return address;
}

absl::StatusOr<Address> ParseLocalAddress(absl::string_view text) {
  absl::StatusOr<Address> address = ParseAddress(text);
  if (address.ok() && !address->is_local()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not an address of this machine alone: use 127.0.0.1, [::1] or a ",
        "unix socket (an ssh tunnel reaches it from elsewhere)"));
  }
  return address;
}

}  // namespace firstguess
