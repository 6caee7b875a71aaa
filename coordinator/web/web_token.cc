#include "coordinator/web/web_token.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/hash.h"

namespace firstguess {
namespace {

constexpr size_t kShortest = 16;

}  // namespace

absl::StatusOr<WebToken> WebToken::Read(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    const std::string words =
        absl::StrCat("can't read the token in ", path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(words) : absl::PermissionDeniedError(words);
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "others than its owner have access to the token in ", path, ": say chmod 600 ", path));
  }
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const absl::string_view token = absl::StripAsciiWhitespace(line);
  if (token.size() < kShortest) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first line of ", path, " is no token: it needs ", kShortest,
                     " characters at least, as openssl rand -hex 16 prints them"));
  }
  WebToken read;
  read.digest_ = Sha256(token);
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
    const std::string digest = Sha256(absl::StripAsciiWhitespace(token));
    unsigned difference = 0;
    for (size_t i = 0; i < digest.size(); ++i) {
      difference |= static_cast<unsigned char>(digest[i] ^ digest_[i]);
    }
    if (difference == 0) return absl::OkStatus();
  }
  return absl::UnauthenticatedError("this is not the token in the coordinator's --web-token-file");
}

}  // namespace firstguess
