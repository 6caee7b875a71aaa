#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/database.h"
#include "tools/firstguess/export/table_reader.h"
#include "tools/firstguess/export/table_writer.h"
#include "tools/firstguess/export/trial_set.h"

namespace firstguess {

// Brings the rows of `trials` from `reader` to `writer`, in read transactions of a few hundred
// trials: a longer one would keep the coordinator's log growing. After each one `go_on` is told how
// many trials it read; Cancelled when it says no. Returns the rows. The writer is not finished.
absl::StatusOr<int64_t> CopyTrials(sqlite::Database* database, const TrialSet& trials,
                                   TableReader* reader, TableWriter* writer,
                                   const std::function<bool(int64_t trials)>& go_on);

}  // namespace firstguess
