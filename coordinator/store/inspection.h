#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firstguess {

// What can be told of a database file without changing anything, also while a coordinator has it.
struct Inspection {
  int64_t version = 0;         // of its schema
  int64_t newest_version = 0;  // that this program knows
  std::string holder;          // of its lock file, in words; empty: nobody
  std::string file_system;     // a network file system's name; empty: another, as it should be
  int64_t bytes = 0;
  int64_t log_bytes = 0;
  std::string log_readers;  // in words
  int64_t disk_free_bytes = 0;
  int64_t done_cells = 0;
  int64_t open_cells = 0;             // of running and paused sweeps, that are not ended
  std::optional<double> newest_time;  // that is recorded, Unix seconds

  // Only of a thorough one: what SQLite finds damaged, rows that refer to nothing, and sweeps whose
  // counters are not what their cells say; each in words, at most 20.
  std::vector<std::string> damage;
};

// NotFound: no such file. FailedPrecondition: another program's, or of a newer version. DataLoss:
// damaged, or no database. Others: those of sqlite::Database. A thorough one reads the whole file.
absl::StatusOr<Inspection> InspectDatabase(const std::string& path, bool thorough);

}  // namespace firstguess
