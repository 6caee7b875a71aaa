#pragma once

#include <cstddef>
#include <deque>
#include <utility>

namespace firstguess {

// Messages on their way out of one stream, at most one of them in flight (gRPC aborts the process
// at a second). Thread-compatible: the stream's mutex guards it.
template <typename Message>
class OutgoingQueue {
 public:
  explicit OutgoingQueue(size_t limit) : limit_(limit) {}

  // False, with the queue unchanged, if `limit` messages wait already.
  bool Push(Message message) {
    if (full()) return false;
    messages_.push_back(std::move(message));
    return true;
  }

  // The message to write now; null if none waits or one is in flight. It stays where it is until
  // EndWrite.
  const Message* BeginWrite() {
    if (writing_ || messages_.empty()) return nullptr;
    writing_ = true;
    return &messages_.front();
  }

  void EndWrite() {
    writing_ = false;
    messages_.pop_front();
  }

  // Forgets what is not in flight.
  void DropWaiting() {
    while (messages_.size() > (writing_ ? 1u : 0u)) messages_.pop_back();
  }

  bool full() const { return messages_.size() >= limit_; }
  bool empty() const { return messages_.empty(); }
  bool writing() const { return writing_; }

 private:
  const size_t limit_;
  std::deque<Message> messages_;  // the first is the one in flight, if `writing_`
  bool writing_ = false;
};

}  // namespace firstguess
