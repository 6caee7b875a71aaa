#include "common/certificates/certificate_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

absl::Status FileTrouble(absl::string_view did, const std::string& path) {
  const int error = errno;
  const std::string words = absl::StrCat("can't ", did, " ", path, ": ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(words);
  if (error == ENOSPC) return absl::ResourceExhaustedError(words);
  return absl::PermissionDeniedError(words);
}

bool WriteAll(int file, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::Status MakePrivateFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return FileTrouble("make the folder", path);
}

absl::Status WriteWhole(const std::string& path, absl::string_view content, mode_t mode) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return FileTrouble("write", path);
  // Whatever the umask says.
  const bool written = ::fchmod(file, mode) == 0 && WriteAll(file, content) && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  if (written && ::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  const absl::Status status = FileTrouble("write", path);
  ::unlink(temporary.c_str());
  return status;
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return FileTrouble("read", path);
  return content.str();
}

}  // namespace firstguess
