#include "coordinator/web/web_token.h"

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "common/hash.h"
#include "common/secret_file.h"

namespace firstguess {

absl::StatusOr<WebToken> WebToken::Read(const std::string& path) {
  const absl::StatusOr<std::string> token = ReadTokenFile(path);
  if (!token.ok()) return token.status();
  WebToken read;
  read.digest_ = Sha256(*token);
  return read;
}

absl::Status WebToken::Check(absl::string_view authorization) const {
  if (!exists()) {
    return absl::PermissionDeniedError(
        "this coordinator was started without --web-token-file, so its pages change nothing; use "
        "firstguess pause, resume or cancel");
  }
  absl::string_view token = authorization;
  if (absl::ConsumePrefix(&token, "Bearer ")) {
    if (SameSecret(Sha256(absl::StripAsciiWhitespace(token)), digest_)) return absl::OkStatus();
  }
  return absl::UnauthenticatedError("this is not the token in the coordinator's --web-token-file");
}

}  // namespace firstguess
