#include "worker/agent/agent.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
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

void Agent::Preempt(absl::Duration left) {
  queue_.Post([this, left] { BeginPreemption(left); });
}

absl::Duration Agent::NextDeadline() const {
  absl::Duration next = std::min({heartbeat_at_, connect_at_, idle_until_, stop_by_, alive_at_});
  if (stage_ == Stage::kDraining) next = std::min(next, finish_by_);
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
  WatchIdleness();
  if (now >= idle_until_) EndIdle();
  if (now >= heartbeat_at_) SendHeartbeat();
  if (now >= connect_at_) Connect();
  for (size_t index = 0; index < trainers_.size(); ++index) {
    if (absl::Status status = RunDueOfTrainer(index); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// It waits for work once it has tried to connect, whether it is connected or not.
void Agent::WatchIdleness() {
  const bool idle =
      stage_ == Stage::kWorking && epoch_ > 0 && book_.LeaseIds().empty() && book_.results() == 0;
  if (!idle) {
    idle_until_ = absl::InfiniteDuration();
  } else if (idle_until_ == absl::InfiniteDuration()) {
    idle_until_ = Now() + options_.idle_time;
  }
}

void Agent::EndIdle() {
  idle_until_ = absl::InfiniteDuration();
  if (!cannot_work_reason_.empty()) {
    result_ = absl::UnavailableError("it could not work: " + cannot_work_reason_);
  } else if (!welcomed_) {
    result_ = absl::UnavailableError(
        absl::StrCat("no coordinator answers at ", options_.coordinator,
                     ": is it running, and is this its address for this machine?"));
  }
  Log(LogLevel::kInfo, "nothing to do",
      {{"seconds", absl::ToInt64Seconds(options_.idle_time)}, {"why", result_.message()}});
  BeginStop(Stage::kStopping);
}

void Agent::BeginPreemption(absl::Duration left) {
  preempted_ = true;
  finish_by_ = std::min(finish_by_, Now() + left - options_.stop_time - kCloseTime);
  Log(LogLevel::kInfo, "the machine is taken away", {{"seconds", absl::ToInt64Seconds(left)}});
  BeginStop(Stage::kDraining);
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
    if (preempted_ && book_.Find(lease_id)->begun) {
      StopLease(lease_id, v1::LeaseEnded::PREEMPTED, "the worker's machine is taken away");
    } else {
      StopLease(lease_id, v1::LeaseEnded::RETURNED, "the worker stops");
    }
  }
  for (Trainer& trainer : trainers_) trainer.start_at = absl::InfiniteDuration();
  if (stage == Stage::kStopping) stop_by_ = Now() + options_.stop_time;
  if (welcomed_) SendHeartbeat();
  SendDue();
}

void Agent::AdvanceStop() {
  const auto trains = [](const Trainer& trainer) { return trainer.lease_id != 0; };
  if (stage_ == Stage::kDraining &&
      (Now() >= finish_by_ || std::none_of(trainers_.begin(), trainers_.end(), trains))) {
    BeginStop(Stage::kStopping);
  }
  const bool late = Now() >= stop_by_;
  if (stage_ == Stage::kStopping) {
    // Without a connection there is only something to wait for if there is something to lose.
    const bool done = welcomed_ ? book_.AllDelivered() : book_.results() == 0;
    // The answer to its last heartbeat comes behind every grant that was under way.
    const bool released = done && (!welcomed_ || unanswered_heartbeats_ == 0);
    if (!released && !late) return;
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
