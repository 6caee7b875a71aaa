#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// The name of a network or cluster file system by the number that statfs gives it; empty for all
// others. SQLite's write-ahead log needs shared memory and locks that work, which these don't
// promise between machines.
absl::string_view NetworkFileSystemName(int64_t magic);

// FailedPrecondition if `magic` is one of their numbers: names `folder` and the file system, and
// says where a database can be.
absl::Status CheckKindOfFileSystem(const std::string& folder, int64_t magic);
// The same, of the file system that `folder` is on.
absl::Status CheckLocalFileSystem(const std::string& folder);

}  // namespace firstguess
