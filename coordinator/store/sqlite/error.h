#pragma once

#include <sqlite3.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Returns from the calling function with the status of `expression` unless it is OK.
#define FG_SQLITE_TRY(expression)                                 \
  do {                                                            \
    if (absl::Status fg_status = (expression); !fg_status.ok()) { \
      return fg_status;                                           \
    }                                                             \
  } while (false)

namespace firstguess::sqlite {

// What kind of failure a status of this wrapper stands for. A status code alone does not tell: a
// full disk and a value that is too big are both RESOURCE_EXHAUSTED.
enum class ErrorClass {
  kNone,         // OK, or not from SQLite
  kBusy,         // UNAVAILABLE: another connection holds a lock, beyond the busy timeout
  kFull,         // RESOURCE_EXHAUSTED: no room on the disk, or over a quota
  kIo,           // INTERNAL: the operating system failed to read, write or sync
  kCorrupt,      // DATA_LOSS: damaged, or not a database
  kReadOnly,     // PERMISSION_DENIED: the file or its folder can't be written
  kCannotOpen,   // PERMISSION_DENIED or NOT_FOUND: the file can't be opened
  kConstraint,   // FAILED_PRECONDITION: a CHECK, UNIQUE, NOT NULL or foreign key says no
  kInterrupted,  // CANCELLED: interrupted by a progress handler
  kRefused,      // PERMISSION_DENIED: refused by an authorizer
  kOther,        // INVALID_ARGUMENT: what SQLite says against the SQL, and all the rest
};

ErrorClass ClassOf(const absl::Status& status);

// The failure of the latest call on `database`, which returned `code`: "<doing>: <what SQLite says>
// (<extended code>)". REQUIRES: `code` is an error.
absl::Status MakeError(sqlite3* database, int code, absl::string_view doing);

// The same failure in other words.
absl::Status WithMessage(const absl::Status& status, absl::string_view message);

}  // namespace firstguess::sqlite
