#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

// Copies SQLite's write-ahead log back into the database as it grows, between transactions and
// without waiting for readers; a reader keeps what it may still need from being copied, and then
// the log can't be used from its beginning and grows on. Above a size that is said, once a minute
// while it lasts, with who reads. Thread-bound to the writer, but for what says otherwise.
class LogKeeper {
 public:
  // `clock` outlives it.
  LogKeeper(std::string database_path, Clock* clock, int64_t warning_bytes);

  // To be called with each new connection of the writer, which stays the caller's.
  void Attach(sqlite::Database* database);
  void AfterCommit(sqlite::Database* database) EXCLUDES(mutex_);

  // Since the whole log was last copied, or there was none. Thread-safe.
  absl::Duration SinceCheckpoint() const EXCLUDES(mutex_);
  // Size of the log's file. Thread-safe.
  int64_t LogBytes() const;

 private:
  void Complain(absl::string_view error);

  const std::string path_;
  Clock* const clock_;
  const int64_t warning_bytes_;
  int64_t tried_at_pages_ = 0;
  absl::Duration complain_after_;
  bool complained_ = false;

  mutable Mutex mutex_;
  absl::Duration complete_at_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
