#include "common/watched_file.h"

#include <sys/stat.h>

#include <utility>

namespace firstguess {
namespace {

bool SameTime(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

WatchedFile::WatchedFile(std::string path) : path_(std::move(path)) {}

bool WatchedFile::Changed() {
  struct stat info = {};
  Seen now;
  if (::stat(path_.c_str(), &info) == 0) {
    now = {.exists = true,
           .device = info.st_dev,
           .number = info.st_ino,
           .size = info.st_size,
           .written = info.st_mtim,
           .changed = info.st_ctim};
  }
  const bool same = asked_ && now.exists == seen_.exists && now.device == seen_.device &&
                    now.number == seen_.number && now.size == seen_.size &&
                    SameTime(now.written, seen_.written) && SameTime(now.changed, seen_.changed);
  asked_ = true;
  seen_ = now;
  return !same;
}

}  // namespace firstguess
