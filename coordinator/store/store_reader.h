#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/store.h"

namespace firstguess {

// The store's own questions to the file, on a read-only connection: they see what is committed and
// never hold up the writer. Thread-safe; one question at a time.
class StoreReader {
 public:
  static absl::StatusOr<std::unique_ptr<StoreReader>> Open(const std::string& path,
                                                           const std::string& vfs);

  absl::StatusOr<OpenWork> LoadOpenWork() EXCLUDES(mutex_);
  absl::StatusOr<int64_t> CountKnownTrials(const std::vector<std::string>& keys) EXCLUDES(mutex_);
  absl::StatusOr<std::vector<Store::FailureGroup>> Failures(SweepId sweep_id) EXCLUDES(mutex_);
  absl::StatusOr<std::string> SpecText(SweepId sweep_id) EXCLUDES(mutex_);

 private:
  explicit StoreReader(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  Mutex mutex_;
  const std::unique_ptr<sqlite::Database> database_;  // used under mutex_
  sqlite::Statement select_key_ GUARDED_BY(mutex_);
  sqlite::Statement select_failures_ GUARDED_BY(mutex_);
  sqlite::Statement select_spec_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
