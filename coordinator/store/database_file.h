#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

// Where the database really is: an absolute path without symbolic links, so that one file has one
// lock. Refuses places where it can't live: NotFound (no such folder), FailedPrecondition (not a
// folder, not a file, a network file system), PermissionDenied (folder or file can't be written).
absl::StatusOr<std::string> ResolveDatabasePath(const std::string& path);

// What is at a path before a database is opened there, to be restored if that fails half-way.
// Thread-compatible.
class FileBefore {
 public:
  // REQUIRES: a resolved path, and its lock is held.
  explicit FileBefore(std::string path);

  // Removes what was made where nothing was; to be called with all connections closed. Returns
  // `status`, which is not OK, in words about the file: Store::Open's errors.
  absl::Status Restore(const absl::Status& status) const;

 private:
  const std::string path_;
  const int64_t size_;  // bytes; -1: no file
};

// Opens the file for the one writer, or creates it, and brings its schema up to date. After an
// error a file that held something is unchanged. REQUIRES: a resolved path, and its lock is held.
absl::StatusOr<std::unique_ptr<sqlite::Database>> OpenDatabaseFile(const std::string& path,
                                                                   const std::string& vfs);

// Opens a file again that OpenDatabaseFile opened before; never creates one.
absl::StatusOr<std::unique_ptr<sqlite::Database>> ReopenDatabaseFile(const std::string& path,
                                                                     const std::string& vfs);

}  // namespace firstguess
