#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/rpc/outgoing_queue.h"
#include "common/rpc/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace firstguess {

// The coordinator's end of one stream that only it writes. Life cycle:
//
//  1. The service's method makes it with std::make_shared and returns Open(writer). It holds itself
//     alive until step 4; others may hold it longer, and find it closed.
//  2. Send queues a message and never blocks; SendWhenRoom waits for room, for threads that may
//     wait, and ends the stream of a peer that takes nothing for `patience`. Both return false once
//     the stream is over: cancelled, closed, or its peer gone.
//  3. Close(status) ends the stream once everything queued is written; the first one counts.
//  4. OnEnded is the last call, exactly once; then the writer lets go of itself.
//
// Thread-safe.
template <typename Response>
class ServerWriter : public grpc::ServerWriteReactor<Response> {
 public:
  ServerWriter(grpc::CallbackServerContext* context, size_t queue_limit)
      : context_(context), queue_(queue_limit) {}

  template <typename Derived>
  static Derived* Open(std::shared_ptr<Derived> writer) {
    Derived* const reactor = writer.get();
    ServerWriter* const base = reactor;
    MutexLock lock(&base->mutex_);
    base->self_ = std::move(writer);
    return reactor;
  }

  // False, with nothing sent, also if `queue_limit` messages wait.
  bool Send(Response message) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (end_.has_value() || !queue_.Push(std::move(message))) return false;
    WriteNext();
    return true;
  }

  // Not for gRPC's threads.
  bool SendWhenRoom(Response message, absl::Duration patience) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (!end_.has_value() && queue_.full()) {
      const int64_t written = written_;
      if (!room_.WaitFor(&mutex_, patience) && written == written_ && !end_.has_value()) {
        Log(LogLevel::kWarning, "stream closed: the client does not read what it asked for",
            {{"peer", context_->peer()}});
        end_ = absl::ResourceExhaustedError("the client does not read what it asked for");
        queue_.DropWaiting();
        // The write in flight would hold the end up for ever.
        context_->TryCancel();
      }
    }
    if (end_.has_value()) return false;
    queue_.Push(std::move(message));
    WriteNext();
    return true;
  }

  // Nothing that is sent from now on arrives.
  bool over() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return end_.has_value();
  }

  void Close(absl::Status status) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (end_.has_value()) return;
    end_ = std::move(status);
    FinishIfWritten();
    room_.NotifyAll();
  }

 protected:
  virtual void OnEnded() {}

 private:
  void OnWriteDone(bool ok) final {
    MutexLock lock(&mutex_);
    queue_.EndWrite();
    ++written_;
    if (!ok) queue_.DropWaiting();  // OnCancel follows
    WriteNext();
    FinishIfWritten();
    room_.NotifyAll();
  }

  void OnCancel() final {
    MutexLock lock(&mutex_);
    queue_.DropWaiting();
    if (!end_.has_value()) end_ = absl::CancelledError("the peer is gone");
    FinishIfWritten();
    room_.NotifyAll();
  }

  void OnDone() final {
    OnEnded();
    std::shared_ptr<void> self;  // released last, outside the lock that it contains
    MutexLock lock(&mutex_);
    self.swap(self_);
  }

  void WriteNext() REQUIRES(mutex_) {
    if (finished_) return;
    const Response* const message = queue_.BeginWrite();
    if (message != nullptr) this->StartWrite(message);
  }

  void FinishIfWritten() REQUIRES(mutex_) {
    if (finished_ || !end_.has_value() || !queue_.empty()) return;
    finished_ = true;
    this->Finish(ToGrpcStatus(*end_));
  }

  grpc::CallbackServerContext* const context_;
  Mutex mutex_;
  CondVar room_;
  std::shared_ptr<void> self_ GUARDED_BY(mutex_);
  OutgoingQueue<Response> queue_ GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ GUARDED_BY(mutex_);  // set once the stream is to end
  bool finished_ GUARDED_BY(mutex_) = false;            // Finish was called
  int64_t written_ GUARDED_BY(mutex_) = 0;              // messages that left
};

}  // namespace firstguess
