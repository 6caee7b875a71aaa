#include "common/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace firstguess {
namespace {

absl::Status SystemError(absl::string_view path, int error) {
  return absl::UnavailableError(
      absl::StrCat("can't write ", path, ": ", std::generic_category().message(error)));
}

// errno, or 0.
int WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

absl::Status WriteWholeFile(const std::string& path, const std::vector<absl::string_view>& parts,
                            mode_t mode, Durability durability) {
  std::random_device random;
  const std::string beside = absl::StrFormat("%s.%08x%08x.part", path, random(), random());
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return SystemError(beside, errno);
  int error = 0;
  for (size_t i = 0; i < parts.size() && error == 0; ++i) error = WriteAll(file, parts[i]);
  if (error == 0 && durability == Durability::kSynced && fsync(file) != 0) error = errno;
  // Some file systems tell only now that there is no room.
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  unlink(beside.c_str());
  return SystemError(path, error);
}

}  // namespace firstguess
