#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

// The schema version that this program writes (the file's user_version).
inline constexpr int64_t kSchemaVersion = 7;

// Brings a file from its user_version (0: empty) to kSchemaVersion, by the numbered steps between
// them, in one transaction: an interrupted migration leaves the file as it was.
// FailedPrecondition: the file is of a newer version; nothing is changed.
absl::Status Migrate(sqlite::Database* database);

}  // namespace firstguess
