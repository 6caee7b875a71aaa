#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// An address that is told by HTTP. Immutable.
class Webhook {
 public:
  // "http://host:port/path" or "https://…"; InvalidArgument for anything else.
  static absl::StatusOr<Webhook> Parse(absl::string_view url);

  // Posts `body`, a JSON object, and waits for the answer, some seconds at most. An error unless it
  // is a 2xx; redirections are not followed. Thread-safe.
  absl::Status Post(const std::string& body) const;

  // Scheme, host and port. The path may hold a secret: it is in no log and no message.
  const std::string& origin() const { return origin_; }

 private:
  Webhook(std::string origin, std::string path)
      : origin_(std::move(origin)), path_(std::move(path)) {}

  std::string origin_;
  std::string path_;
};

}  // namespace firstguess
