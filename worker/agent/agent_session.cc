// An agent's connection to its coordinator: work_service.proto's steps, one function each.

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/rpc/protocol.h"
#include "common/service_manager.h"
#include "common/wire/trajectory_wire.h"
#include "worker/agent/agent.h"

namespace firstguess {
namespace {

// Room in a chunk for everything but the trajectory.
constexpr size_t kChunkBytes = kMaxChunkBytes - 1024;

}  // namespace

// On a connection of its own.
absl::Status Agent::MakeStub() {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      MakeChannel(options_.coordinator, options_.security);
  if (channel.ok()) stub_ = v1::WorkService::NewStub(*channel);
  return channel.status();
}

void Agent::Connect() {
  connect_at_ = absl::InfiniteDuration();
  if (session_ != nullptr) session_->Cancel();
  const int64_t epoch = ++epoch_;
  welcomed_ = false;
  heartbeat_at_ = absl::InfiniteDuration();
  last_grant_number_ = 0;
  unanswered_heartbeats_ = 0;
  book_.ConnectionLost();
  ++open_sessions_;
  session_ = Session::Start(
      stub_.get(),
      [this, epoch](v1::CoordinatorMessage message) {
        queue_.Post(
            [this, epoch, message = std::move(message)] { OnCoordinatorMessage(epoch, message); });
      },
      [this, epoch](absl::Status status) {
        queue_.Post([this, epoch, status = std::move(status)] { OnSessionOver(epoch, status); });
      });
  SendHello();
}

// There is something new to say in a hello. Without a connection, or after a goodbye, the next one
// will say it.
void Agent::ConnectAgain() {
  if (session_ != nullptr && connect_at_ == absl::InfiniteDuration()) Connect();
}

void Agent::SendHello() {
  v1::WorkerMessage message;
  v1::Hello& hello = *message.mutable_hello();
  hello.set_protocol_version(kProtocolVersion);
  hello.set_name(options_.name);
  hello.set_instance_id(instance_id_);
  hello.set_epoch(epoch_);
  hello.set_build(options_.build);
  hello.set_device(device_.device());
  hello.set_device_name(device_.device_name());
  hello.set_memory_bytes(device_.memory_bytes());  // of one trainer
  *hello.mutable_datasets() = device_.datasets();
  for (const std::string& label : options_.labels) hello.add_labels(label);
  hello.set_cannot_work_reason(cannot_work_reason_);
  // One in training and one ahead, so that no trainer waits for a round trip.
  hello.set_capacity(options_.trainers + 1);
  hello.set_job(options_.job);
  hello.set_log(options_.log);
  offered_ = book_.Inventory();
  *hello.mutable_inventory() = offered_;
  *hello.mutable_trainer_time() = TrainerTimeNow();
  session_->Send(std::move(message));
}

void Agent::SendHeartbeat() {
  heartbeat_at_ = Now() + heartbeat_interval_;
  v1::WorkerMessage message;
  *message.mutable_heartbeat()->mutable_inventory() = book_.Inventory();
  message.mutable_heartbeat()->set_last_grant_number(last_grant_number_);
  *message.mutable_heartbeat()->mutable_trainer_time() = TrainerTimeNow();
  message.mutable_heartbeat()->set_leaving(stage_ != Stage::kWorking);
  ++unanswered_heartbeats_;
  session_->Send(std::move(message));
}

// What the trainers did since the last heartbeat.
void Agent::SendTrainerTime() {
  if (!welcomed_) return;
  v1::WorkerMessage message;
  *message.mutable_trainer_time() = TrainerTimeNow();
  session_->Send(std::move(message));
}

v1::TrainerTime Agent::TrainerTimeNow() const {
  absl::Duration lived;
  absl::Duration busy;
  for (const Trainer& trainer : trainers_) {
    lived += trainer.clock.Lived(Now());
    busy += trainer.clock.Busy(Now());
  }
  v1::TrainerTime time;
  time.set_seconds(absl::ToDoubleSeconds(lived));
  time.set_busy_seconds(absl::ToDoubleSeconds(busy));
  return time;
}

void Agent::SendDue() {
  if (!welcomed_) return;
  while (std::optional<v1::WorkerMessage> due = book_.NextToSend(kMaxUnacknowledgedResults)) {
    if (due->has_result()) {
      SendInChunks(std::move(*due->mutable_result()));
    } else {
      session_->Send(*std::move(due));
    }
  }
}

void Agent::SendInChunks(v1::Result result) {
  std::vector<v1::Trajectory> chunks =
      SplitTrajectory(std::move(*result.mutable_trajectory()), kChunkBytes);
  for (size_t i = 0; i < chunks.size(); ++i) {
    v1::WorkerMessage message;
    v1::Result& chunk = *message.mutable_result();
    chunk.set_lease_id(result.lease_id());
    chunk.set_trial_id(result.trial_id());
    *chunk.mutable_trajectory() = std::move(chunks[i]);
    chunk.set_last(i + 1 == chunks.size());
    session_->Send(std::move(message));
  }
}

void Agent::OnCoordinatorMessage(int64_t epoch, const v1::CoordinatorMessage& message) {
  if (epoch != epoch_ || session_ == nullptr) return;
  switch (message.message_case()) {
    case v1::CoordinatorMessage::kWelcome:
      OnWelcome(message.welcome());
      break;
    case v1::CoordinatorMessage::kHeartbeatReply:
      unanswered_heartbeats_ = std::max<int64_t>(0, unanswered_heartbeats_ - 1);
      OnDropList(message.heartbeat_reply().drop_leases());
      break;
    case v1::CoordinatorMessage::kGrant:
      OnGrant(message.grant());
      break;
    case v1::CoordinatorMessage::kDrop:
      OnDrop(message.drop());
      break;
    case v1::CoordinatorMessage::kResultAck:
      OnAck(message.result_ack());
      break;
    case v1::CoordinatorMessage::kDrain:
      BeginStop(Stage::kDraining);
      break;
    case v1::CoordinatorMessage::kGoodbye:
      OnGoodbye(message.goodbye());
      break;
    case v1::CoordinatorMessage::MESSAGE_NOT_SET:
      break;  // of a newer coordinator
  }
  Dispatch();
  SendDue();
}

void Agent::OnWelcome(const v1::Welcome& welcome) {
  welcomed_ = true;
  complain_at_ = absl::ZeroDuration();
  backoff_.Succeeded();
  if (welcome.heartbeat_seconds() > 0) {
    heartbeat_interval_ = absl::Seconds(welcome.heartbeat_seconds());
  }
  heartbeat_at_ = Now() + heartbeat_interval_;
  const std::set<int64_t> wanted(welcome.wanted_trials().begin(), welcome.wanted_trials().end());
  book_.KeepWanted(offered_, wanted);
  for (const v1::Inventory::UnsentResult& result : offered_.unsent_results()) {
    if (wanted.contains(result.trial_id())) continue;
    RemoveCheckpoint(result.lease_id(), result.trial_id());
  }
  OnDropList(welcome.drop_leases());
  NotifyReady(cannot_work_reason_.empty() ? absl::StrCat("works for ", options_.coordinator)
                                          : absl::StrCat("can't work for ", options_.coordinator,
                                                         ": ", cannot_work_reason_));
  if (stage_ != Stage::kWorking) SendHeartbeat();
  Log(LogLevel::kInfo, "connected",
      {{"coordinator", options_.coordinator}, {"instance", instance_id_}, {"epoch", epoch_}});
}

void Agent::OnGrant(const v1::Grant& grant) {
  last_grant_number_ = grant.grant_number();
  book_.Add(grant);
  if (stage_ != Stage::kWorking) {
    StopLease(grant.lease_id(), v1::LeaseEnded::RETURNED, "the worker stops");
  } else if (!cannot_work_reason_.empty()) {
    StopLease(grant.lease_id(), v1::LeaseEnded::RETURNED, "the worker can't work");
  }
}

void Agent::OnDrop(const v1::Drop& drop) {
  const LeaseBook::Lease* const lease = book_.Find(drop.lease_id());
  if (lease == nullptr) return;
  if (!drop.only_if_not_begun()) {
    StopLease(drop.lease_id(), v1::LeaseEnded::DROPPED, "as told");
  } else if (!lease->begun) {
    StopLease(drop.lease_id(), v1::LeaseEnded::RETURNED, "as asked");
  }
}

// They are no open leases of this worker: it is of no use to report their end.
void Agent::OnDropList(const google::protobuf::RepeatedField<int64_t>& leases) {
  for (const int64_t lease_id : leases) {
    StopTraining(lease_id);
    book_.Forget(lease_id);
  }
}

void Agent::OnAck(const v1::ResultAck& ack) {
  const bool stored =
      ack.outcome() == v1::ResultAck::STORED || ack.outcome() == v1::ResultAck::DUPLICATE;
  Log(stored ? LogLevel::kDebug : LogLevel::kWarning,
      stored ? "result acknowledged" : "result not taken",
      {{"lease", ack.lease_id()},
       {"trial", ack.trial_id()},
       {"outcome", v1::ResultAck::Outcome_Name(ack.outcome())},
       {"why", ack.message()}});
  book_.Acknowledge(ack.lease_id(), ack.trial_id());
  if (stored || ack.outcome() == v1::ResultAck::UNWANTED) {
    RemoveCheckpoint(ack.lease_id(), ack.trial_id());
  }
}

// Not before its result is stored: should this process end first, another goes on from there.
void Agent::RemoveCheckpoint(int64_t lease_id, int64_t trial_id) {
  const auto spent = checkpoints_.extract({lease_id, trial_id});
  if (!spent.empty()) std::remove(spent.mapped().c_str());
}

void Agent::OnGoodbye(const v1::Goodbye& goodbye) {
  welcomed_ = false;
  heartbeat_at_ = absl::InfiniteDuration();
  session_->CloseWrites();
  if (goodbye.retry_after_seconds() <= 0) {
    if (stage_ == Stage::kWorking) result_ = absl::FailedPreconditionError(goodbye.reason());
    stage_ = Stage::kOver;
    return;
  }
  Log(LogLevel::kInfo, "the coordinator says goodbye",
      {{"why", goodbye.reason()}, {"seconds", goodbye.retry_after_seconds()}});
  if (stage_ < Stage::kClosing) {
    connect_at_ = Now() + absl::Seconds(goodbye.retry_after_seconds());
  }
}

void Agent::OnSessionOver(int64_t epoch, const absl::Status& status) {
  --open_sessions_;
  if (epoch != epoch_) return;
  session_ = nullptr;
  welcomed_ = false;
  heartbeat_at_ = absl::InfiniteDuration();
  book_.ConnectionLost();
  if (stage_ >= Stage::kClosing) return;
  if (connect_at_ != absl::InfiniteDuration()) return;  // it is known when to come back
  // The connection has the certificate of when it was made. A renewed one needs a new connection.
  if (absl::IsUnauthenticated(status)) {
    if (const absl::Status made = MakeStub(); !made.ok()) {
      Log(LogLevel::kWarning, "can't use the certificate or the token", {{"why", made.message()}});
    }
  }
  const absl::Duration now = Now();
  connect_at_ = now + backoff_.Next(now);
  if (now >= complain_at_) {
    complain_at_ = now + absl::Minutes(1);
    NotifyStatus(absl::StrCat("no connection to ", options_.coordinator, ": ", status.message()));
    Log(LogLevel::kWarning, "no connection to the coordinator; trying again",
        {{"coordinator", options_.coordinator}, {"why", status.message()}});
  }
}

}  // namespace firstguess
