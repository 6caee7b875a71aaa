#include "common/secret_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr off_t kLargestFile = 1 << 20;
constexpr size_t kShortestToken = 16;

absl::Status Unreadable(const std::string& path, absl::string_view what) {
  const std::string words =
      absl::StrCat("can't read ", what, " in ", path, ": ", std::strerror(errno));
  return errno == ENOENT ? absl::NotFoundError(words) : absl::PermissionDeniedError(words);
}

}  // namespace

bool IsPrivate(const struct stat& file, uid_t user) {
  const bool is_given_by_root = file.st_uid == 0 && user != 0;
  const mode_t others = is_given_by_root ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  return (file.st_mode & others) == 0;
}

absl::Status NotPrivate(const std::string& path, absl::string_view what) {
  return absl::PermissionDeniedError(absl::StrCat("others than its owner have access to ", what,
                                                  " in ", path, ": say chmod 600 ", path));
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, absl::string_view what) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Unreadable(path, what);
  absl::Cleanup close = [file] { ::close(file); };
  // Of the file that is open: another may have its name by now.
  struct stat info = {};
  if (::fstat(file, &info) != 0) return Unreadable(path, what);
  if (!S_ISREG(info.st_mode) || info.st_size > kLargestFile) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is no file for ", what, ": it is a folder, a device or too large"));
  }
  if (!IsPrivate(info, ::geteuid())) return NotPrivate(path, what);
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t read = ::read(file, content.data() + size, content.size() - size);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return Unreadable(path, what);
    if (read == 0) break;
    size += static_cast<size_t>(read);
  }
  content.resize(size);
  return content;
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadPrivateFile(path, "the token");
  if (!content.ok()) return content.status();
  const absl::string_view token =
      absl::StripAsciiWhitespace(absl::string_view(*content).substr(0, content->find('\n')));
  if (token.size() < kShortestToken) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first line of ", path, " is no token: it needs ", kShortestToken,
                     " characters at least, as openssl rand -hex 16 prints them"));
  }
  return std::string(token);
}

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace firstguess
