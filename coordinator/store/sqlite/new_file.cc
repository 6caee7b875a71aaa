#include "coordinator/store/sqlite/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/sqlite/error.h"

namespace firstguess::sqlite {
namespace {

std::string FolderOf(const std::string& path) {
  const std::string::size_type slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
}

absl::Status Exists(const std::string& path) {
  return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
}

absl::Status SystemError(const std::string& path, absl::string_view doing) {
  return absl::ErrnoToStatus(errno, absl::StrCat(doing, " ", path));
}

absl::Status Sync(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return SystemError(path, "opening");
  absl::Status status;
  if (fsync(descriptor) != 0) status = SystemError(path, "syncing");
  close(descriptor);
  return status;
}

}  // namespace

NewFile::~NewFile() {
  if (temporary_path_.empty()) return;
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
    unlink(absl::StrCat(temporary_path_, suffix).c_str());
  }
}

absl::Status NewFile::Create(mode_t permissions) {
  struct stat info = {};
  if (lstat(path_.c_str(), &info) == 0) return Exists(path_);
  std::string name = absl::StrCat(path_, ".partial-XXXXXX");
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("there is no folder ", FolderOf(path_)));
  }
  if (descriptor < 0) return SystemError(path_, "making");
  temporary_path_ = name;
  absl::Status status;
  if (fchmod(descriptor, permissions) != 0) status = SystemError(path_, "making");
  close(descriptor);
  return status;
}

absl::Status NewFile::Publish() {
  FG_SQLITE_TRY(Sync(temporary_path_, O_RDWR));
  // An empty file of our own holds the name, on any file system, until the whole one replaces it.
  const int reserved = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (reserved < 0) return errno == EEXIST ? Exists(path_) : SystemError(path_, "making");
  close(reserved);
  if (rename(temporary_path_.c_str(), path_.c_str()) != 0) {
    const absl::Status status = SystemError(path_, "naming");
    unlink(path_.c_str());
    return status;
  }
  return Sync(FolderOf(path_), O_RDONLY | O_DIRECTORY);
}

}  // namespace firstguess::sqlite
