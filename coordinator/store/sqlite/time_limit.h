#pragma once

#include <chrono>

#include "absl/time/time.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess::sqlite {

// Within its scope, statements of a connection that are at work when `most` is over fail with
// kInterrupted (error.h). Not to be nested, nor used with another progress handler. Thread-bound to
// its Database.
class TimeLimit {
 public:
  // `database` outlives it.
  TimeLimit(Database* database, absl::Duration most);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  Database* const database_;
  const std::chrono::steady_clock::time_point end_;
};

}  // namespace firstguess::sqlite
