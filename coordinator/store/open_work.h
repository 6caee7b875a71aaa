#pragma once

#include "absl/status/statusor.h"
#include "coordinator/state/writes.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

// Everything that is open, in one snapshot of the file. Costs what is open costs, however many
// trials are finished. DataLoss: the file contradicts itself.
absl::StatusOr<OpenWork> ReadOpenWork(sqlite::Database* database);

}  // namespace firstguess
