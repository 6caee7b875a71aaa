#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "tools/firstguess/export/manifest.h"

namespace firstguess {

struct ExportOptions {
  std::string database;  // a file, live or not
  std::string folder;    // made if it is not there
  std::string version;   // of the program
  ExportRequest request;
  Clock* clock = RealClock();
  // Told of the progress, over all files, now and then; false stops the export.
  std::function<bool(absl::string_view table, int64_t trials, int64_t of_trials)> progress;
};

struct ExportOutcome {
  Manifest manifest;
  int64_t kept_files = 0;  // that were there already
};

// Writes what is done of a database into files of another format, and manifest.json beside them.
// Each file appears under its name when it is whole. Broken off, the same export goes on with the
// files that are missing, for the trials that it was begun with; repeated, it keeps the files whose
// trials are the same. No read transaction lasts longer than a few hundred trials' rows take.
//
// Cancelled: stopped. AlreadyExists: the folder holds another export, or a file that is of none.
// Unimplemented: this program can't write the format. InvalidArgument: no such table or sweep.
// NotFound: no such database. Others: those of sqlite::Database and of the file system.
absl::StatusOr<ExportOutcome> Export(const ExportOptions& options);

}  // namespace firstguess
