#include "tests/cluster/raw_session.h"

#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/protocol.h"

namespace firstguess {
namespace {

// A worker says no more than this ahead of what is written.
constexpr size_t kQueueLimit = 100'000;

// Only a failing test waits this long.
constexpr absl::Duration kRawPatience = absl::Minutes(1);

}  // namespace

struct RawSession::Inbox {
  Mutex mutex;
  CondVar changed;
  Handler handler;
  std::function<void()> on_ended;
  std::vector<v1::CoordinatorMessage> received GUARDED_BY(mutex);
  bool deaf GUARDED_BY(mutex) = false;
  std::optional<absl::Status> end GUARDED_BY(mutex);
};

class RawSession::Stream final : public ClientStream<v1::WorkerMessage, v1::CoordinatorMessage> {
 public:
  explicit Stream(std::shared_ptr<Inbox> inbox)
      : ClientStream(kQueueLimit), inbox_(std::move(inbox)) {}

 private:
  void OnMessage(v1::CoordinatorMessage message) override {
    if (inbox_->handler) inbox_->handler(message);
    {
      MutexLock lock(&inbox_->mutex);
      inbox_->received.push_back(std::move(message));
      inbox_->changed.NotifyAll();
      if (inbox_->deaf) return;
    }
    ReadNext();
  }
  void OnEnded(absl::Status status) override {
    if (inbox_->on_ended) inbox_->on_ended();
    MutexLock lock(&inbox_->mutex);
    inbox_->end = std::move(status);
    inbox_->changed.NotifyAll();
  }

  const std::shared_ptr<Inbox> inbox_;
};

RawSession::RawSession(const std::string& address, Handler handler, std::function<void()> on_ended)
    : RawSession(*MakeChannel(address), std::move(handler), std::move(on_ended)) {}

RawSession::RawSession(std::shared_ptr<grpc::Channel> channel, Handler handler,
                       std::function<void()> on_ended)
    : inbox_(std::make_shared<Inbox>()), stub_(v1::WorkService::NewStub(channel)) {
  inbox_->handler = std::move(handler);
  inbox_->on_ended = std::move(on_ended);
  stream_ = std::make_shared<Stream>(inbox_);
  Stream::Open(stream_, [this](grpc::ClientContext* context, auto* reactor) {
    stub_->async()->Session(context, reactor);
  });
  stream_->ReadNext();
}

RawSession::~RawSession() {
  Cancel();
  AwaitEnd().IgnoreError();
}

bool RawSession::Send(v1::WorkerMessage message) { return stream_->Send(std::move(message)); }
void RawSession::HalfClose() { stream_->CloseWrites(); }
void RawSession::Cancel() { stream_->Cancel(); }

void RawSession::StopReading() {
  MutexLock lock(&inbox_->mutex);
  inbox_->deaf = true;
}

void RawSession::ReadOn() {
  {
    MutexLock lock(&inbox_->mutex);
    inbox_->deaf = false;
  }
  stream_->ReadNext();
}

std::optional<v1::CoordinatorMessage> RawSession::Await(
    const std::function<bool(const v1::CoordinatorMessage&)>& condition) {
  MutexLock lock(&inbox_->mutex);
  size_t next = 0;
  for (;;) {
    for (; next < inbox_->received.size(); ++next) {
      if (condition(inbox_->received[next])) return inbox_->received[next];
    }
    if (inbox_->end.has_value()) return std::nullopt;
    if (!inbox_->changed.WaitFor(&inbox_->mutex, kRawPatience)) return std::nullopt;
  }
}

absl::Status RawSession::AwaitEnd() {
  MutexLock lock(&inbox_->mutex);
  while (!inbox_->end.has_value()) {
    if (!inbox_->changed.WaitFor(&inbox_->mutex, kRawPatience)) {
      return absl::DeadlineExceededError("the stream did not end within a minute");
    }
  }
  return *inbox_->end;
}

std::vector<v1::CoordinatorMessage> RawSession::received() {
  MutexLock lock(&inbox_->mutex);
  return inbox_->received;
}

bool RawSession::ended() {
  MutexLock lock(&inbox_->mutex);
  return inbox_->end.has_value();
}

v1::WorkerMessage HelloOf(const std::string& name) {
  v1::WorkerMessage message;
  v1::Hello* const hello = message.mutable_hello();
  hello->set_protocol_version(kProtocolVersion);
  hello->set_name(name);
  hello->set_instance_id(name);
  hello->set_epoch(1);
  hello->set_device("cpu");
  hello->set_memory_bytes(int64_t{1} << 30);
  hello->add_datasets("fashion-mnist");
  hello->set_capacity(1);
  return message;
}

}  // namespace firstguess
