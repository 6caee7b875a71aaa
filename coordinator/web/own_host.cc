#include "coordinator/web/own_host.h"

#include <arpa/inet.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firstguess {

bool IsLoopback(const std::string& host) {
  in_addr v4 = {};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6 = {};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool IsOwnHost(absl::string_view host) {
  if (host.empty()) return true;
  const size_t colon = host.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(host, "]")) host = host.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) return false;
  return host == "localhost" || IsLoopback(std::string(host));
}

bool IsOwnOrigin(absl::string_view origin, absl::string_view host) {
  return origin.empty() || origin == absl::StrCat("http://", host);
}

}  // namespace firstguess
