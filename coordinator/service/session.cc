#include "coordinator/service/session.h"

#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/rpc/protocol.h"
#include "coordinator/service/from_worker.h"
#include "coordinator/service/to_worker.h"

namespace firstguess {
namespace {

// Messages that may wait for a worker: an acknowledgement for each of its results, a grant for each
// of its leases, and what else there is to say.
constexpr size_t kQueuedMessages = 1024;

// Between what a worker calls itself and who it is.
constexpr absl::string_view kIdentityMark = "@";

}  // namespace

Session::Session(grpc::CallbackServerContext* context, Engine* engine, Caller caller, Permit permit)
    : ServerStream(context, kQueuedMessages),
      engine_(engine),
      caller_(std::move(caller)),
      permit_(std::move(permit)),
      peer_(context->peer()) {}

void Session::CloseIfForbidden() {
  if (caller_.name.empty()) return;
  if (const absl::Status status = permit_.Check(); !status.ok()) Abort(status);
}

void Session::CloseIfSilent() {
  {
    MutexLock lock(&state_mutex_);
    if (stage_ != Stage::kSilent) return;
  }
  Log(LogLevel::kWarning, "stream without hello closed", {{"peer", peer_}});
  Abort(absl::DeadlineExceededError(
      absl::StrCat("no hello within ", absl::FormatDuration(kHelloTimeout))));
}

void Session::OnMessage(v1::WorkerMessage message) {
  const absl::Status status = Handle(message);
  if (!status.ok()) {
    Log(LogLevel::kWarning, "worker's stream closed: malformed message",
        {{"peer", peer_}, {"why", status.message()}});
    Abort(status);
    return;
  }
  engine_->WhenRoom([self = shared_from_this()] { self->ReadNext(); });
}

absl::Status Session::Handle(v1::WorkerMessage& message) {
  if (message.has_hello()) return Hello(message.hello());
  std::string instance_id;
  int64_t epoch = 0;
  {
    MutexLock lock(&state_mutex_);
    if (stage_ == Stage::kSilent) {
      return absl::FailedPreconditionError("the first message must be hello");
    }
    instance_id = instance_id_;
    epoch = epoch_;
  }
  if (message.has_result()) return Result(*message.mutable_result());
  if (incoming_.has_value()) {
    return absl::InvalidArgumentError("another message amid the chunks of a result");
  }
  const auto post = [this](auto event) {
    if (event.ok()) engine_->Post(*std::move(event));
    return event.status();
  };
  switch (message.message_case()) {
    case v1::WorkerMessage::kHeartbeat:
      return post(ToEvent(message.heartbeat(), std::move(instance_id), epoch));
    case v1::WorkerMessage::kTrainerTime:
      return post(ToEvent(message.trainer_time(), std::move(instance_id), epoch));
    case v1::WorkerMessage::kTrialFailed:
      return post(ToEvent(message.trial_failed(), std::move(instance_id)));
    case v1::WorkerMessage::kLeaseEnded:
      return post(ToEvent(message.lease_ended(), std::move(instance_id)));
    default:
      return absl::InvalidArgumentError("a message without content, or of a kind unknown here");
  }
}

absl::Status Session::Hello(const v1::Hello& hello) {
  if (hello.protocol_version() != kProtocolVersion) {
    Log(LogLevel::kWarning, "worker of another protocol version sent away",
        {{"peer", peer_}, {"worker", hello.name()}, {"version", hello.protocol_version()}});
    const std::string reason = absl::StrCat("this worker speaks protocol version ",
                                            hello.protocol_version(), ", the coordinator version ",
                                            kProtocolVersion, ": install the same release on both");
    Deliver({.instance_id = "",
             .epoch = 0,
             .message = GoodbyeMessage{.reason = reason, .retry_after = absl::ZeroDuration()}});
    return absl::OkStatus();
  }
  absl::StatusOr<WorkerConnected> event = ToEvent(hello);
  if (!event.ok()) return event.status();
  if (absl::StrContains(event->worker.instance_id, kIdentityMark)) {
    return absl::InvalidArgumentError(absl::StrCat("hello.instance_id has a ", kIdentityMark));
  }
  if (caller_.role != Role::kAdmin) {
    absl::StrAppend(&event->worker.instance_id, kIdentityMark, caller_.name);
  }
  {
    MutexLock lock(&state_mutex_);
    if (stage_ != Stage::kSilent) return absl::FailedPreconditionError("a second hello");
    stage_ = Stage::kOpen;
    name_ = event->worker.name;
    instance_id_ = event->worker.instance_id;
    epoch_ = event->worker.epoch;
  }
  Log(LogLevel::kInfo, "worker connected",
      {{"worker", hello.name()},
       {"instance", hello.instance_id()},
       {"epoch", hello.epoch()},
       {"device", hello.device()},
       {"peer", peer_},
       {"who", caller_.name},
       {"role", RoleName(caller_.role)}});
  engine_->Connect(*std::move(event), shared_from_this());
  return absl::OkStatus();
}

absl::Status Session::Result(v1::Result& result) {
  if (absl::Status status = CheckChunk(result); !status.ok()) return status;
  if (!incoming_.has_value()) {
    incoming_.emplace(IncomingResult{});
    incoming_->lease = result.lease_id();
    incoming_->trial = result.trial_id();
  } else if (incoming_->lease != result.lease_id() || incoming_->trial != result.trial_id()) {
    return absl::InvalidArgumentError(absl::StrCat("a chunk of trial ", result.trial_id(),
                                                   " amid those of trial ", incoming_->trial));
  }
  // After the first mistake the other chunks are only counted off.
  if (incoming_->status.ok()) incoming_->status = incoming_->assembler.Add(result.trajectory());
  if (!result.last()) return absl::OkStatus();

  IncomingResult whole = *std::move(incoming_);
  incoming_.reset();
  std::string instance_id;
  int64_t epoch = 0;
  {
    MutexLock lock(&state_mutex_);
    if (++unacknowledged_ > kMaxUnacknowledgedResults) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxUnacknowledgedResults, " results unacknowledged"));
    }
    instance_id = instance_id_;
    epoch = epoch_;
  }
  if (!whole.status.ok()) {
    Log(LogLevel::kWarning, "malformed result",
        {{"instance", instance_id},
         {"lease", whole.lease},
         {"trial", whole.trial},
         {"why", whole.status.message()}});
    engine_->CountAnswer(ResultAckMessage::Outcome::kInvalid);
    RejectResult(whole.lease, whole.trial, whole.status.message());
    return absl::OkStatus();
  }
  engine_->PostResult(epoch,
                      {.instance_id = std::move(instance_id),
                       .lease_id = whole.lease,
                       .trial_id = whole.trial,
                       .trajectory = std::make_shared<const Trajectory>(whole.assembler.Finish())});
  return absl::OkStatus();
}

void Session::Deliver(const ToWorker& message) {
  if (std::holds_alternative<ResultAckMessage>(message.message)) {
    Acknowledge(ToProto(message));
    return;
  }
  Send(ToProto(message));
  const auto* const goodbye = std::get_if<GoodbyeMessage>(&message.message);
  // One that is to come back half-closes once it has sent what it has to send.
  if (goodbye != nullptr && goodbye->retry_after == absl::ZeroDuration()) Leave();
}

void Session::RejectResult(LeaseId lease, TrialId trial, absl::string_view why) {
  Acknowledge(InvalidResult(lease, trial, why));
}

void Session::Acknowledge(v1::CoordinatorMessage message) {
  bool done = false;
  {
    // Before it is sent: the worker's next result may be here before Send returns.
    MutexLock lock(&state_mutex_);
    if (unacknowledged_ > 0) --unacknowledged_;
    done = stage_ == Stage::kLeaving && unacknowledged_ == 0;
  }
  Send(std::move(message));
  if (done) Close(absl::OkStatus());
}

// Nothing new comes on this stream; it ends when what came is acknowledged.
void Session::Leave() {
  bool done = false;
  {
    MutexLock lock(&state_mutex_);
    stage_ = Stage::kLeaving;
    done = unacknowledged_ == 0;
  }
  if (done) Close(absl::OkStatus());
}

void Session::OnPeerFinished() {
  std::string instance_id;
  int64_t epoch = 0;
  {
    MutexLock lock(&state_mutex_);
    instance_id = instance_id_;
    epoch = epoch_;
  }
  // No grants from now on.
  if (!instance_id.empty()) {
    engine_->Post(WorkerDisconnected{.instance_id = std::move(instance_id), .epoch = epoch});
  }
  Leave();
}

void Session::OnEnded() {
  std::string name;
  std::string instance_id;
  int64_t epoch = 0;
  {
    MutexLock lock(&state_mutex_);
    name = name_;
    instance_id = instance_id_;
    epoch = epoch_;
    stage_ = Stage::kLeaving;
  }
  if (instance_id.empty()) return;
  const absl::Status why = end();
  // One that leaves, or whose connection breaks, did nothing wrong.
  Log(why.ok() || absl::IsCancelled(why) ? LogLevel::kInfo : LogLevel::kWarning,
      "worker disconnected",
      {{"worker", name},
       {"instance", instance_id},
       {"epoch", epoch},
       {"why", why.ok() ? "it left" : why.ToString()}});
  engine_->Disconnect(instance_id, epoch, shared_from_this());
}

}  // namespace firstguess
