#include "coordinator/store/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firstguess {
namespace {

std::string Myself() {
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {"this machine"};
  return absl::StrCat("process ", getpid(), " on host ", host.data());
}

// What the holder wrote, or some words if it hasn't yet.
std::string Holder(int descriptor) {
  std::array<char, 512> text = {};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  if (size <= 0) return "another process";
  return std::string(
      absl::StripSuffix(absl::string_view(text.data(), static_cast<size_t>(size)), "\n"));
}

bool IsStillAt(const std::string& path, int descriptor) {
  struct stat at_path = {};
  struct stat opened = {};
  return stat(path.c_str(), &at_path) == 0 && fstat(descriptor, &opened) == 0 &&
         at_path.st_dev == opened.st_dev && at_path.st_ino == opened.st_ino;
}

absl::Status CanNotMake(const std::string& path) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat("no room on the disk for ", path));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("making ", path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LockFile>> LockFile::Take(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  for (;;) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0) return CanNotMake(path);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      absl::Status status = absl::UnavailableError(
          absl::StrCat(database_path, " is in use: locked by ", Holder(descriptor)));
      close(descriptor);
      return status;
    }
    // A holder removes the file before it lets go: this may be one that nobody else can see.
    if (!IsStillAt(path, descriptor)) {
      close(descriptor);
      continue;
    }
    std::unique_ptr<LockFile> lock(new LockFile(path, descriptor));
    const std::string text = Myself() + "\n";
    if (ftruncate(descriptor, 0) != 0 ||
        pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      return CanNotMake(path);
    }
    return lock;
  }
}

LockFile::~LockFile() {
  unlink(path_.c_str());
  close(descriptor_);
}

}  // namespace firstguess
