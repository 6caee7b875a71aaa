#pragma once

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

// Opens the file for the one writer, or creates it, and brings its schema up to date. Errors are
// Store::Open's; after one, a file that wasn't there isn't there, and one that was is unchanged.
// REQUIRES: a resolved path, and its lock is held.
absl::StatusOr<std::unique_ptr<sqlite::Database>> OpenDatabaseFile(const std::string& path,
                                                                   const std::string& vfs);

// Opens a file again that OpenDatabaseFile opened before; never creates one.
absl::StatusOr<std::unique_ptr<sqlite::Database>> ReopenDatabaseFile(const std::string& path,
                                                                     const std::string& vfs);

}  // namespace firstguess
