#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/mutex.h"

namespace firstguess {

// A few threads for what a gRPC reaction must not do itself: reading the database, parsing a
// sweep file. Jobs start in order. Thread-safe.
class Executor {
 public:
  using Job = absl::AnyInvocable<void()>;

  Executor(int threads, size_t queue_limit);
  // Waits for the running jobs and drops the queued ones.
  ~Executor();

  // False, with the job not taken, if `queue_limit` jobs wait already.
  [[nodiscard]] bool Run(Job job) EXCLUDES(mutex_);

 private:
  void Work() EXCLUDES(mutex_);

  const size_t queue_limit_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Job> queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace firstguess
