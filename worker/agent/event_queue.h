#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"

namespace firstguess {

// What happens to an agent, in order, for its one thread. Thread-safe.
class EventQueue {
 public:
  using Task = std::function<void()>;

  explicit EventQueue(Clock* clock) : clock_(clock) {}

  void Post(Task task) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
    posted_.NotifyOne();
  }

  // The next task, or an empty one once the clock's monotonic time is `deadline`.
  Task Next(absl::Duration deadline) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (tasks_.empty()) {
      const absl::Duration left = deadline - clock_->MonotonicNow();
      if (left <= absl::ZeroDuration()) return nullptr;
      posted_.WaitFor(&mutex_, std::min(left, kLongestWait));
    }
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

 private:
  // The system can't wait until an infinite deadline.
  static constexpr absl::Duration kLongestWait = absl::Hours(1);

  Clock* const clock_;
  Mutex mutex_;
  CondVar posted_;
  std::deque<Task> tasks_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
