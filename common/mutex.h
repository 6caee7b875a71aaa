#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

// A mutex that clang's thread-safety analysis understands. absl::Mutex is not used: Debian's build
// of it is not instrumented, and ThreadSanitizer then reports correct programs.

#if defined(__clang__)
#define FG_ATTRIBUTE(x) __attribute__((x))
#else
#define FG_ATTRIBUTE(x)
#endif

// Abseil still defines two of these names, for std::mutex as much as for its own.
#undef GUARDED_BY
#undef NO_THREAD_SAFETY_ANALYSIS

#define GUARDED_BY(x) FG_ATTRIBUTE(guarded_by(x))
#define REQUIRES(...) FG_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) FG_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) FG_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) FG_ATTRIBUTE(release_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS FG_ATTRIBUTE(no_thread_safety_analysis)

namespace firstguess {

class FG_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex for a scope.
class FG_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_->Lock(); }
  ~MutexLock() RELEASE() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* mutex_;
};

// Waits may wake spuriously: check the condition in a loop.
class CondVar {
 public:
  void Wait(Mutex* mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns false if `timeout` passed.
  bool WaitFor(Mutex* mutex, absl::Duration timeout) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    const bool notified =
        condition_.wait_for(lock, absl::ToChronoNanoseconds(timeout)) == std::cv_status::no_timeout;
    lock.release();
    return notified;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace firstguess
