#include "coordinator/store/log_keeper.h"

#include <sys/stat.h>

#include <utility>

#include "common/log.h"
#include "coordinator/store/log_readers.h"

namespace firstguess {
namespace {

// By how much the log grows between two tries: 4 MB, as SQLite does by itself.
constexpr int64_t kPagesBetweenCheckpoints = 1000;
constexpr absl::Duration kComplainInterval = absl::Minutes(1);

}  // namespace

LogKeeper::LogKeeper(std::string database_path, Clock* clock, int64_t warning_bytes)
    : path_(std::move(database_path)),
      clock_(clock),
      warning_bytes_(warning_bytes),
      complain_after_(clock->MonotonicNow()),
      complete_at_(complain_after_) {}

void LogKeeper::Attach(sqlite::Database* database) {
  database->TakeOverCheckpoints();
  tried_at_pages_ = 0;
}

void LogKeeper::AfterCommit(sqlite::Database* database) {
  const int64_t pages = database->log_pages();
  // Fewer than before: the log began anew.
  if (pages < tried_at_pages_) tried_at_pages_ = 0;
  if (pages - tried_at_pages_ < kPagesBetweenCheckpoints) return;
  tried_at_pages_ = pages;
  // One that fails is no failure of the database: the log has everything.
  const absl::StatusOr<bool> complete = database->Checkpoint();
  if (complete.ok() && *complete) {
    {
      MutexLock lock(&mutex_);
      complete_at_ = clock_->MonotonicNow();
    }
    if (std::exchange(complained_, false)) {
      Log(LogLevel::kInfo, "the write-ahead log can be used anew", {{"database", path_}});
    }
  } else if (LogBytes() > warning_bytes_) {
    Complain(complete.status().message());
  }
}

void LogKeeper::Complain(absl::string_view error) {
  const absl::Duration now = clock_->MonotonicNow();
  if (now < complain_after_) return;
  complain_after_ = now + kComplainInterval;
  complained_ = true;
  if (!error.empty()) {
    Log(LogLevel::kWarning, "the write-ahead log grows: it can't be copied into the database",
        {{"database", path_}, {"log_bytes", LogBytes()}, {"error", error}});
    return;
  }
  const std::string readers = LogReaders(path_);
  Log(LogLevel::kWarning, "the write-ahead log grows until its readers end",
      {{"database", path_},
       {"log_bytes", LogBytes()},
       {"warning_bytes", warning_bytes_},
       {"readers", readers.empty() ? "none any more" : readers}});
}

absl::Duration LogKeeper::SinceCheckpoint() const {
  MutexLock lock(&mutex_);
  return clock_->MonotonicNow() - complete_at_;
}

int64_t LogKeeper::LogBytes() const {
  struct stat info = {};
  return stat((path_ + "-wal").c_str(), &info) == 0 ? info.st_size : 0;
}

}  // namespace firstguess
