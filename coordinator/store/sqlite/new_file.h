#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "absl/status/status.h"

namespace firstguess::sqlite {

// A database file in the making: it has another name, in the folder where it is to be, until it is
// whole. What was not published is gone, with SQLite's files beside it, at the end of the scope.
// Thread-compatible.
class NewFile {
 public:
  explicit NewFile(std::string path) : path_(std::move(path)) {}
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Makes the file, empty, with these permissions. AlreadyExists: something has its name already.
  // NotFound: no such folder. Other errors are the operating system's.
  absl::Status Create(mode_t permissions);

  // Syncs the file and gives it its name, which is on disk then. AlreadyExists: meanwhile somebody
  // took it. REQUIRES: Create succeeded; all connections to it are closed.
  absl::Status Publish();

  const std::string& path() const { return path_; }
  // Where it lies until then.
  const std::string& temporary_path() const { return temporary_path_; }

 private:
  const std::string path_;
  std::string temporary_path_;  // empty: nothing was made
};

}  // namespace firstguess::sqlite
