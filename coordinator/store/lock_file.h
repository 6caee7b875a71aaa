#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace firstguess {

// The claim of one process on a database: an exclusive lock on `<database>.lock`, which says who
// holds it. The kernel lets go of it when the process ends, however it ends; a file left behind
// by a killed one is no obstacle. Removed when let go. Thread-compatible.
class LockFile {
 public:
  // Unavailable, with the holder named, if another process (or another LockFile of this one) has
  // it. PermissionDenied, ResourceExhausted: the file can't be made.
  static absl::StatusOr<std::unique_ptr<LockFile>> Take(const std::string& database_path);

  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  LockFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  const int descriptor_;
};

}  // namespace firstguess
