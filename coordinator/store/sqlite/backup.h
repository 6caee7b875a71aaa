#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace firstguess::sqlite {

// Copies the database at `from` to the new file `to`, also while others write it: the copy is the
// database as it was at the beginning, checked (integrity_check) and on disk when this returns. The
// writers are not held up, but their log grows until then. `go_on` is asked now and then.
//
// The copy grows under another name beside `to` and gets its name at the end, so that after an
// error there is nothing, and after the death of this process at most that other file.
//
// Errors: AlreadyExists (something is at `to`), NotFound (no such file or folder),
// PermissionDenied, ResourceExhausted (no room), DataLoss (the database is damaged), Cancelled
// (`go_on` said no) and those of Database. `vfs` is the copy's. Thread-safe.
//
// SQLite's backup interface rather than VACUUM INTO: it copies pages as they are, row ids included,
// at the speed of the disk, can be stopped, and syncs what it has written.
absl::Status BackUp(const std::string& from, const std::string& to,
                    const std::function<bool()>& go_on, const std::string& vfs = "");

}  // namespace firstguess::sqlite
