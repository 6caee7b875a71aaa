#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// Who holds locks on files of this machine, from the system's own list: looking takes no lock, so
// it disturbs nobody.
struct LockQuery {
  enum class Kind { kPosix, kFlock };
  Kind kind = Kind::kPosix;
  uint64_t inode = 0;
  // Bytes, of kPosix.
  int64_t first = 0;
  int64_t last = 0;
};

// The processes that hold such a lock according to `locks`, the text of /proc/locks. 0 is one
// outside this container.
std::vector<int64_t> LockHolders(absl::string_view locks, const LockQuery& query);

// The same, of this moment.
std::vector<int64_t> LockHoldersNow(const LockQuery& query);

// "process 123 (sqlite3)".
std::string ProcessInWords(int64_t pid);

}  // namespace firstguess
