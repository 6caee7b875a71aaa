#include "common/notify/webhook.h"

#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "httplib.h"

namespace firstguess {
namespace {

constexpr std::chrono::seconds kTimeout(5);  // for each of connecting, sending and the answer

}  // namespace

absl::StatusOr<Webhook> Webhook::Parse(absl::string_view url) {
  const size_t scheme = absl::StartsWith(url, "https://")  ? 8
                        : absl::StartsWith(url, "http://") ? 7
                                                           : 0;
  const size_t path = url.find_first_of("/?#", scheme);
  const absl::string_view host =
      url.substr(scheme, path == absl::string_view::npos ? absl::string_view::npos : path - scheme);
  if (scheme == 0 || host.empty() || absl::StrContains(host, '@') ||
      url.find_first_of(absl::string_view("\0 \t\r\n", 5)) != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "a webhook is written http://HOST:PORT/PATH or https://HOST/PATH, without a user's name");
  }
  absl::string_view rest = path == absl::string_view::npos ? "" : url.substr(path);
  return Webhook(std::string(url.substr(0, scheme + host.size())),
                 absl::StrCat(absl::StartsWith(rest, "/") ? "" : "/", rest));
}

absl::Status Webhook::Post(const std::string& body) const {
  httplib::Client client(origin_);
  if (!client.is_valid())
    return absl::InvalidArgumentError(absl::StrCat(origin_, " is no address"));
  client.set_connection_timeout(kTimeout);
  client.set_read_timeout(kTimeout);
  client.set_write_timeout(kTimeout);
  const httplib::Result answer = client.Post(path_, body, "application/json");
  if (!answer) {
    return absl::UnavailableError(
        absl::StrCat(origin_, " does not answer: ", httplib::to_string(answer.error()), " failed"));
  }
  if (answer->status / 100 != 2) {
    return absl::UnavailableError(absl::StrCat(origin_, " answered ", answer->status));
  }
  return absl::OkStatus();
}

}  // namespace firstguess
