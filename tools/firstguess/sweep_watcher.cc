#include "tools/firstguess/sweep_watcher.h"

#include "tools/firstguess/service_source.h"

namespace firstguess {
namespace {

constexpr absl::Duration kReconnectDelay = absl::Seconds(1);

// Trying again may help: the coordinator is away, or ended the stream because it stops.
bool MayComeBack(const absl::Status& status) {
  return status.ok() || absl::IsUnavailable(status) || absl::IsCancelled(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

SweepWatcher::SweepWatcher(const SweepClient* client, std::string sweep,
                           std::function<void()> on_change)
    : client_(client),
      sweep_(std::move(sweep)),
      on_change_(std::move(on_change)),
      thread_([this] { Follow(); }) {}

SweepWatcher::~SweepWatcher() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    stopped_.NotifyAll();
  }
  thread_.join();
}

SweepWatcher::View SweepWatcher::view() const {
  MutexLock lock(&mutex_);
  return view_;
}

bool SweepWatcher::stopping() const {
  MutexLock lock(&mutex_);
  return stopping_;
}

void SweepWatcher::Follow() {
  while (!stopping()) {
    const absl::Status status = ReadStream();
    {
      MutexLock lock(&mutex_);
      view_.connected = false;
      view_.error = status;
      const bool ended = view_.numbers.has_value() && view_.numbers->all_ended();
      view_.over = ended || !MayComeBack(status);
    }
    on_change_();
    MutexLock lock(&mutex_);
    if (view_.over) return;
    // One wait, even if it wakes early: it only keeps the reconnects from spinning.
    if (!stopping_) stopped_.WaitFor(&mutex_, kReconnectDelay);
  }
}

absl::Status SweepWatcher::ReadStream() {
  grpc::ClientContext context;
  {
    MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("stopped");
    context_ = &context;
  }
  v1::WatchRequest request;
  request.set_name(sweep_);
  const auto reader = client_->stub()->Watch(&context, request);
  v1::SweepStatus status;
  while (reader->Read(&status)) {
    {
      MutexLock lock(&mutex_);
      view_.numbers = FromProto(status);
      view_.connected = true;
    }
    on_change_();
  }
  const absl::Status end = FromGrpcStatus(reader->Finish());
  MutexLock lock(&mutex_);
  context_ = nullptr;
  return end;
}

}  // namespace firstguess
