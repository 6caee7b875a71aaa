#pragma once

#include "common/mutex.h"

namespace firstguess {

// Holds a thread until opened.
class Gate {
 public:
  void Open() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Pass() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (!open_) changed_.Wait(&mutex_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool open_ GUARDED_BY(mutex_) = false;
};

}  // namespace firstguess
