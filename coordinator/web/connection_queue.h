#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "httplib.h"

namespace firstguess {

// A few threads for the connections of an HTTP server, and a bounded queue before them. While it is
// full, no more connections are accepted: they wait in the system's own queue, and then are refused
// there. (The library's own queue has no bound.) Thread-safe.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  ConnectionQueue(int threads, size_t most_waiting);

  // Blocks while the queue is full.
  void enqueue(std::function<void()> connection) override EXCLUDES(mutex_);
  // Ends once every connection is served.
  void shutdown() override EXCLUDES(mutex_);

 private:
  void Serve() EXCLUDES(mutex_);

  const size_t most_waiting_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> waiting_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace firstguess
