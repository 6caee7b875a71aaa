#include "coordinator/web/connection_queue.h"

#include <utility>

namespace firstguess {

ConnectionQueue::ConnectionQueue(int threads, size_t most_waiting) : most_waiting_(most_waiting) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Serve(); });
}

void ConnectionQueue::enqueue(std::function<void()> connection) {
  MutexLock lock(&mutex_);
  while (waiting_.size() >= most_waiting_) changed_.Wait(&mutex_);
  waiting_.push_back(std::move(connection));
  changed_.NotifyAll();
}

void ConnectionQueue::shutdown() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void ConnectionQueue::Serve() {
  for (;;) {
    std::function<void()> connection;
    {
      MutexLock lock(&mutex_);
      while (waiting_.empty() && !stopping_) changed_.Wait(&mutex_);
      // What waits is served even now: that closes its socket.
      if (waiting_.empty()) return;
      connection = std::move(waiting_.front());
      waiting_.pop_front();
      changed_.NotifyAll();
    }
    connection();
  }
}

}  // namespace firstguess
