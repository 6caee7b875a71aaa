#include "worker/agent/agent.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/log.h"
#include "common/rpc/channel.h"
#include "common/rpc/protocol.h"

namespace firstguess {
namespace {

// A worker that stops waits this long for its results to be stored.
constexpr absl::Duration kStopTime = absl::Seconds(8);

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
      trainers_(static_cast<size_t>(options_.trainers)),
      heartbeat_interval_(kHeartbeatInterval) {}

Agent::~Agent() {
  trainers_.clear();
  if (session_ != nullptr) session_->Cancel();
  // Its last call comes through the queue.
  while (session_ != nullptr) {
    const EventQueue::Task task = queue_.Next(absl::InfiniteDuration());
    if (task) task();
  }
}

absl::Status Agent::Run() {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(options_.coordinator);
  if (!channel.ok()) return channel.status();
  stub_ = v1::WorkService::NewStub(*channel);
  for (size_t index = 0; index < trainers_.size(); ++index) {
    if (absl::Status status = StartTrainer(index); !status.ok()) return status;
  }
  while (stage_ != Stage::kOver) {
    const EventQueue::Task task = queue_.Next(NextDeadline());
    if (task) task();
    RunDue();
    EndIfDone();
  }
  return result_;
}

void Agent::RequestStop() {
  queue_.Post([this] { BeginStop(/*finish_begun=*/false); });
}

absl::Duration Agent::NextDeadline() const {
  absl::Duration next = std::min({heartbeat_at_, connect_at_, stop_by_});
  for (const Trainer& trainer : trainers_) {
    next = std::min({next, trainer.deadline, trainer.restart_at});
  }
  return next;
}

void Agent::RunDue() {
  const absl::Duration now = Now();
  if (now >= heartbeat_at_) SendHeartbeat();
  if (now >= connect_at_) Connect();
  for (size_t index = 0; index < trainers_.size(); ++index) {
    Trainer& trainer = trainers_[index];
    if (now >= trainer.deadline) {
      trainer.deadline = absl::InfiniteDuration();
      book_.Stop(trainer.lease_id, v1::LeaseEnded::TIMED_OUT,
                 "a trial took longer than its sweep allows");
      trainer.process->Kill();
    }
    if (now >= trainer.restart_at) {
      trainer.restart_at = absl::InfiniteDuration();
      if (absl::Status status = StartTrainer(index); !status.ok()) {
        result_ = status;
        stage_ = Stage::kOver;
      }
    }
  }
}

void Agent::BeginStop(bool finish_begun) {
  if (stage_ != Stage::kWorking) return;
  stage_ = Stage::kStopping;
  for (const int64_t lease_id : book_.LeaseIds()) {
    const LeaseBook::Lease& lease = *book_.Find(lease_id);
    if (lease.begun && finish_begun) continue;
    const bool begun = lease.begun;
    book_.Stop(lease_id, v1::LeaseEnded::RETURNED, "the worker stops");
    if (begun) StopTraining(lease_id);
  }
  if (!finish_begun) stop_by_ = Now() + kStopTime;
  Log(LogLevel::kInfo, "stopping", {{"leases", book_.LeaseIds().size()}});
  SendDue();
}

void Agent::EndIfDone() {
  if (stage_ != Stage::kStopping) return;
  const bool delivered = book_.empty() || !welcomed_;
  if (!delivered && Now() < stop_by_) return;
  if (!book_.empty() && welcomed_) {
    Log(LogLevel::kWarning, "stopped before everything was stored; it will be trained again");
  }
  if (session_ != nullptr) session_->CloseWrites();
  stage_ = Stage::kOver;
}

}  // namespace firstguess
