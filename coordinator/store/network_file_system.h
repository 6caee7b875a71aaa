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

// FailedPrecondition, with the file system named, if `folder` is on one of them.
absl::Status CheckLocalFileSystem(const std::string& folder);

}  // namespace firstguess
