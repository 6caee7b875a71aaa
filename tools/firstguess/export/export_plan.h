#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/database.h"
#include "tools/firstguess/export/manifest.h"

namespace firstguess {

// Fills in what an export takes out of the file, as it is now: sweeps, trials and the database's
// id. Trials are those that are done: nothing changes their rows any more, so that an export may
// read them in as many short transactions as it likes and as late as it likes. `go_on` is asked
// now and then; Cancelled when it says no. InvalidArgument: there is no sweep of that name.
absl::Status ChooseTrials(sqlite::Database* database, const std::function<bool()>& go_on,
                          Manifest* manifest);

// Tells one database from another, and survives its growth: who its first sweep is.
absl::StatusOr<std::string> DatabaseId(sqlite::Database* database);

// The tables of an export that names none: trials, their trajectories, and what groups measured.
absl::StatusOr<std::vector<std::string>> MeasuredTables(sqlite::Database* database);

}  // namespace firstguess
