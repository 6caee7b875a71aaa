#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/rpc/outgoing_queue.h"
#include "common/rpc/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace firstguess {

// The coordinator's end of one bidirectional stream. Derived classes get messages and send
// messages; what gRPC asks of a reactor is done here. Life cycle:
//
//  1. The service's method makes the stream with std::make_shared and returns Open(stream). The
//     stream holds itself alive until step 6; others may hold it longer, and find it closed.
//  2. Open asks for the first message, and ReadNext for each later one. It comes as one OnMessage,
//     or as OnPeerFinished when the peer has half-closed. Not asking is the throttle: HTTP/2 then
//     stops the peer.
//  3. Send queues a message; one is in flight at a time. A peer that lets `queue_limit` messages
//     pile up is cut off.
//  4. Close(status) ends the stream once everything queued is written; the first one counts.
//     Abort(status) drops what waits behind the message in flight. After either, Send returns
//     false.
//  5. If the peer cancels or its connection breaks, the stream ends by itself.
//  6. OnEnded is the last call, exactly once, whatever ended the stream; then the stream lets go of
//     itself.
//
// OnMessage calls never overlap. They run on gRPC's threads, must not block, and may call
// everything here. Thread-safe.
template <typename Request, typename Response>
class ServerStream : public grpc::ServerBidiReactor<Request, Response> {
 public:
  // `context` is the call's, and outlives the call's end only until OnEnded.
  ServerStream(grpc::CallbackServerContext* context, size_t queue_limit)
      : context_(context), queue_(queue_limit) {}

  template <typename Derived>
  static Derived* Open(std::shared_ptr<Derived> stream) {
    Derived* const reactor = stream.get();
    {
      ServerStream* const base = reactor;
      MutexLock lock(&base->mutex_);
      base->self_ = std::move(stream);
    }
    reactor->ReadNext();
    return reactor;
  }

  // False if the stream is over, or is ended now because the peer does not read.
  bool Send(Response message) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (end_.has_value()) return false;
    if (!queue_.Push(std::move(message))) {
      Log(LogLevel::kWarning, "stream closed: the peer does not read its messages",
          {{"peer", context_->peer()}});
      DropAndEnd(absl::ResourceExhaustedError("the peer does not read its messages"));
      // The write in flight would hold the end up for ever.
      if (queue_.writing()) context_->TryCancel();
      return false;
    }
    WriteNext();
    return true;
  }

  // Has no effect while a read is pending already, or after the end.
  void ReadNext() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (reading_ || end_.has_value()) return;
    reading_ = true;
    this->StartRead(&incoming_);
  }

  void Close(absl::Status status) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (end_.has_value()) return;
    end_ = std::move(status);
    FinishIfWritten();
  }

  void Abort(absl::Status status) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (!finished_) DropAndEnd(std::move(status));
  }

 protected:
  virtual void OnMessage(Request message) = 0;
  virtual void OnPeerFinished() { Close(absl::OkStatus()); }
  virtual void OnEnded() {}

  grpc::CallbackServerContext* context() { return context_; }

  // What the stream was ended with, by either side; for OnEnded.
  absl::Status end() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return end_.value_or(absl::OkStatus());
  }

 private:
  void OnReadDone(bool ok) final {
    Request message;
    {
      MutexLock lock(&mutex_);
      reading_ = false;
      if (end_.has_value()) return;
      if (ok) message = std::exchange(incoming_, Request());
    }
    if (ok) {
      OnMessage(std::move(message));
    } else {
      OnPeerFinished();
    }
  }

  void OnWriteDone(bool ok) final {
    MutexLock lock(&mutex_);
    queue_.EndWrite();
    if (!ok) queue_.DropWaiting();  // OnCancel follows
    WriteNext();
    FinishIfWritten();
  }

  void OnCancel() final {
    MutexLock lock(&mutex_);
    queue_.DropWaiting();
    if (!end_.has_value()) end_ = absl::CancelledError("the peer is gone");
    FinishIfWritten();
  }

  void OnDone() final {
    OnEnded();
    std::shared_ptr<void> self;  // released last, outside the lock that it contains
    MutexLock lock(&mutex_);
    self.swap(self_);
  }

  void DropAndEnd(absl::Status status) REQUIRES(mutex_) {
    end_ = std::move(status);
    queue_.DropWaiting();
    FinishIfWritten();
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
  std::shared_ptr<void> self_ GUARDED_BY(mutex_);
  Request incoming_ GUARDED_BY(mutex_);
  OutgoingQueue<Response> queue_ GUARDED_BY(mutex_);
  bool reading_ GUARDED_BY(mutex_) = false;             // a read is in flight
  std::optional<absl::Status> end_ GUARDED_BY(mutex_);  // set once the stream is to end
  bool finished_ GUARDED_BY(mutex_) = false;            // Finish was called
};

}  // namespace firstguess
