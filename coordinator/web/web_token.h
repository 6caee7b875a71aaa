#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// The secret that lets somebody change something through the dashboard. Immutable.
class WebToken {
 public:
  // None: nobody may.
  WebToken() = default;

  // The first line of a file, 16 characters at least. PermissionDenied: others than its owner may
  // read or write it. NotFound, InvalidArgument: no such file, or no token in it.
  static absl::StatusOr<WebToken> Read(const std::string& path);

  bool exists() const { return !digest_.empty(); }

  // Whether the Authorization header of a request is "Bearer <token>". How long that takes tells
  // nothing about the token. OK; PermissionDenied: there is no token, with how to have one;
  // Unauthenticated: it is not this one.
  absl::Status Check(absl::string_view authorization) const;

 private:
  std::string digest_;  // SHA-256
};

}  // namespace firstguess
