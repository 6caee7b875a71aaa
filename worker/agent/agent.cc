#include "worker/agent/agent.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/log.h"
#include "common/rpc/protocol.h"
#include "common/service_manager.h"

namespace firstguess {
namespace {

// How long a stream may take to end after everything was said.
constexpr absl::Duration kCloseTime = absl::Seconds(2);

std::string RandomId() {
  std::random_device random;
  return absl::StrFormat("%08x%08x", random(), random());
}

}  // namespace

Agent::Agent(Options options)
    : options_(std::move(options)),
      queue_(options_.clock),
      instance_id_(RandomId()),
      backoff_(std::random_device()()),
      heartbeat_interval_(kHeartbeatInterval) {
  for (int64_t i = 0; i < options_.trainers; ++i) trainers_.emplace_back(std::random_device()());
}

Agent::~Agent() {
  stage_ = Stage::kOver;
  for (Trainer& trainer : trainers_) {
    ++trainer.generation;  // its end is no news
    trainer.process.reset();
  }
  if (session_ != nullptr) session_->Cancel();
  // Their last calls come through the queue.
  while (open_sessions_ > 0) {
    if (const EventQueue::Task task = queue_.Next(absl::InfiniteDuration())) task();
  }
}

absl::Status Agent::Run() {
  if (absl::Status status = MakeStub(); !status.ok()) return status;
  for (size_t index = 0; index < trainers_.size(); ++index) {
    if (absl::Status status = StartTrainer(index); !status.ok()) return status;
  }
  if (options_.alive_interval < absl::InfiniteDuration()) alive_at_ = Now();
  while (stage_ != Stage::kOver) {
    if (const EventQueue::Task task = queue_.Next(NextDeadline())) task();
    if (absl::Status status = RunDue(); !status.ok()) return status;
    AdvanceStop();
  }
  return result_;
}

void Agent::RequestStop() {
  queue_.Post([this] { BeginStop(Stage::kStopping); });
}

absl::Duration Agent::NextDeadline() const {
  absl::Duration next = std::min({heartbeat_at_, connect_at_, stop_by_, alive_at_});
  for (const Trainer& trainer : trainers_) {
    next = std::min({next, trainer.kill_at, trainer.start_at});
  }
  return next;
}

absl::Status Agent::RunDue() {
  const absl::Duration now = Now();
  if (now >= alive_at_) {
    options_.on_alive();
    alive_at_ = now + options_.alive_interval;
  }
  if (now >= heartbeat_at_) SendHeartbeat();
  if (now >= connect_at_) Connect();
  for (size_t index = 0; index < trainers_.size(); ++index) {
    if (absl::Status status = RunDueOfTrainer(index); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// `stage`: kDraining or kStopping.
void Agent::BeginStop(Stage stage) {
  if (stage_ >= stage) return;
  stage_ = stage;
  Log(LogLevel::kInfo, stage == Stage::kDraining ? "finishing what began" : "stopping",
      {{"leases", book_.LeaseIds().size()}, {"results", book_.results()}});
  NotifyStopping("hands back what has not begun, and delivers what is done");
  for (const int64_t lease_id : book_.LeaseIds()) {
    if (stage == Stage::kDraining && book_.Find(lease_id)->begun) continue;
    StopLease(lease_id, v1::LeaseEnded::RETURNED, "the worker stops");
  }
  for (Trainer& trainer : trainers_) trainer.start_at = absl::InfiniteDuration();
  if (stage == Stage::kStopping) stop_by_ = Now() + options_.stop_time;
  SendDue();
}

void Agent::AdvanceStop() {
  const auto trains = [](const Trainer& trainer) { return trainer.lease_id != 0; };
  if (stage_ == Stage::kDraining && std::none_of(trainers_.begin(), trainers_.end(), trains)) {
    BeginStop(Stage::kStopping);
  }
  const bool late = Now() >= stop_by_;
  if (stage_ == Stage::kStopping) {
    // Without a connection there is only something to wait for if there is something to lose.
    const bool done = welcomed_ ? book_.AllDelivered() : book_.results() == 0;
    if (!done && !late) return;
    if (!done) {
      Log(LogLevel::kWarning, "stopped before everything was stored; it will be trained again",
          {{"results", book_.results()}});
    }
    stage_ = Stage::kClosing;
    connect_at_ = absl::InfiniteDuration();
    stop_by_ = Now() + kCloseTime;
    SendTrainerTime();
    if (session_ != nullptr) session_->CloseWrites();
  }
  if (stage_ == Stage::kClosing && (session_ == nullptr || Now() >= stop_by_)) {
    stage_ = Stage::kOver;
  }
}

}  // namespace firstguess
