#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "common/rpc/outgoing_queue.h"
#include "common/rpc/status.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"

namespace firstguess {

// The worker's end of one bidirectional stream. Life cycle:
//
//  1. std::make_shared a derived stream, then Open(stream, start), where `start` binds it to its
//     call: [&](auto* context, auto* stream) { stub->async()->Session(context, stream); }. It holds
//     itself alive until step 6; others may hold it longer, and find it closed.
//  2. Nothing is read until ReadNext; each leads to one OnMessage, or to the end. Not calling it is
//     the throttle, but a peer that says goodbye or dies is only noticed while a read is pending or
//     a write fails.
//  3. Send queues a message; one is in flight at a time. When `queue_limit` messages wait, Send
//     cancels the stream.
//  4. CloseWrites half-closes once everything queued is written. Cancel ends the stream now.
//  5. If the peer ends the stream or the connection breaks, it ends by itself. When a failed write
//     shows that, messages that still wait come as OnMessage without being asked for.
//  6. OnEnded(status) is the last call, exactly once, whatever ended the stream: OK if the peer
//     ended it in good order, Unavailable for a lost connection, Cancelled after Cancel. Then the
//     stream lets go of itself.
//
// OnMessage calls never overlap. They run on gRPC's threads, must not block, and may call
// everything here. Thread-safe.
template <typename Request, typename Response>
class ClientStream : public grpc::ClientBidiReactor<Request, Response> {
 public:
  explicit ClientStream(size_t queue_limit) : queue_(queue_limit) {}

  template <typename Derived, typename Start>
  static void Open(std::shared_ptr<Derived> stream, Start start) {
    ClientStream* const base = stream.get();
    MutexLock lock(&base->mutex_);
    start(base->context_.get(), base);
    base->self_ = std::move(stream);
    base->open_ = true;
    // Operations come from outside reactions too: OnDone waits for this hold.
    base->AddHold();
    base->StartCall();
  }

  // False if the stream is over, or is cancelled now because the peer does not read.
  bool Send(Request message) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (!open_ || closing_) return false;
    if (!queue_.Push(std::move(message))) {
      context_->TryCancel();
      Release();
      return false;
    }
    WriteNext();
    return true;
  }

  // Has no effect while a read is pending already, or after the end.
  void ReadNext() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (reading_ || !open_) return;
    reading_ = true;
    this->StartRead(&incoming_);
  }

  void CloseWrites() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (!open_ || closing_) return;
    closing_ = true;
    WriteNext();
  }

  void Cancel() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (!open_ && !draining_) return;
    context_->TryCancel();
    draining_ = false;
    Release();
  }

 protected:
  virtual void OnMessage(Response message) = 0;
  virtual void OnEnded(absl::Status status) = 0;

 private:
  void OnReadDone(bool ok) final {
    Response message;
    {
      MutexLock lock(&mutex_);
      reading_ = false;
      if (!ok) {
        draining_ = false;
        Release();
      }
      if (!open_ && !draining_) return;
      message = std::exchange(incoming_, Response());
      ++delivering_;
    }
    OnMessage(std::move(message));
    MutexLock lock(&mutex_);
    --delivering_;
    Drain();
  }

  void OnWriteDone(bool ok) final {
    MutexLock lock(&mutex_);
    queue_.EndWrite();
    if (!ok && open_) {
      Release();
      draining_ = true;
      Drain();
    }
    WriteNext();
  }

  void OnDone(const grpc::Status& status) final {
    // The context holds the channel, and a channel must not be destroyed on gRPC's threads, as it
    // waits for them. So it is let go of before anybody hears of the end and may drop the channel.
    {
      std::unique_ptr<grpc::ClientContext> context;
      MutexLock lock(&mutex_);
      context.swap(context_);
    }
    OnEnded(FromGrpcStatus(status));
    std::shared_ptr<void> self;  // released last, outside the lock that it contains
    MutexLock lock(&mutex_);
    self.swap(self_);
  }

  void WriteNext() REQUIRES(mutex_) {
    if (!open_) return;
    const Request* const message = queue_.BeginWrite();
    if (message != nullptr) {
      this->StartWrite(message);
    } else if (closing_ && !half_closed_ && queue_.empty()) {
      half_closed_ = true;
      this->StartWritesDone();
    }
  }

  // After a failed write the call is over, but gRPC tells its status only behind the last message.
  // The reaction that calls this keeps the call alive until the read has started. A message that is
  // being taken leads here once more when it is done.
  void Drain() REQUIRES(mutex_) {
    if (!draining_ || reading_ || delivering_ > 0) return;
    reading_ = true;
    this->StartRead(&incoming_);
  }

  // No operation starts from outside any more; gRPC may finish.
  void Release() REQUIRES(mutex_) {
    if (!open_) return;
    open_ = false;
    queue_.DropWaiting();
    this->RemoveHold();
  }

  Mutex mutex_;
  // Null after the end. Used only while the stream is open or draining.
  std::unique_ptr<grpc::ClientContext> context_ = std::make_unique<grpc::ClientContext>();
  std::shared_ptr<void> self_ GUARDED_BY(mutex_);
  Response incoming_ GUARDED_BY(mutex_);
  OutgoingQueue<Request> queue_ GUARDED_BY(mutex_);
  bool open_ GUARDED_BY(mutex_) = false;         // operations may start; the hold is ours
  bool draining_ GUARDED_BY(mutex_) = false;     // reads go on by themselves until the end
  bool reading_ GUARDED_BY(mutex_) = false;      // a read is in flight
  int delivering_ GUARDED_BY(mutex_) = 0;        // OnMessage calls that have not returned
  bool closing_ GUARDED_BY(mutex_) = false;      // CloseWrites was called
  bool half_closed_ GUARDED_BY(mutex_) = false;  // StartWritesDone was called
};

}  // namespace firstguess
