// An agent's trainer processes: starting them, giving them leases, and what to make of their end.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "worker/agent/agent.h"

namespace firstguess {

absl::Status Agent::StartTrainer(size_t index) {
  Trainer& trainer = trainers_[index];
  const int64_t generation = ++trainer.generation;
  trainer.ready = false;
  trainer.worked = false;
  trainer.lease_id = 0;
  trainer.process.reset();
  absl::StatusOr<std::unique_ptr<TrainerProcess>> process = TrainerProcess::Start(
      options_.trainer,
      [this, index, generation](ipc::FromTrainer message) {
        queue_.Post([this, index, generation, message = std::move(message)] {
          OnTrainerMessage(index, generation, message);
        });
      },
      [this, index, generation](TrainerProcess::Exit exit) {
        queue_.Post([this, index, generation, exit = std::move(exit)] {
          OnTrainerExit(index, generation, exit);
        });
      });
  if (!process.ok()) return process.status();
  trainer.process = *std::move(process);
  return absl::OkStatus();
}

Agent::Trainer* Agent::TrainerOf(int64_t lease_id) {
  const auto found = std::find_if(trainers_.begin(), trainers_.end(), [&](const Trainer& trainer) {
    return trainer.lease_id == lease_id;
  });
  return found == trainers_.end() ? nullptr : &*found;
}

void Agent::OnTrainerMessage(size_t index, int64_t generation, ipc::FromTrainer message) {
  Trainer& trainer = trainers_[index];
  if (generation != trainer.generation) return;
  switch (message.message_case()) {
    case ipc::FromTrainer::kReady:
      OnTrainerReady(trainer, message.ready());
      break;
    case ipc::FromTrainer::kFinished: {
      ipc::TrialFinished& finished = *message.mutable_finished();
      trainer.worked = true;
      ResetDeadline(trainer);
      book_.AddResult(finished.lease_id(), finished.trial_id(),
                      std::move(*finished.mutable_trajectory()));
      break;
    }
    case ipc::FromTrainer::kFailed: {
      v1::TrialFailed failed;
      failed.set_lease_id(message.failed().lease_id());
      failed.set_trial_id(message.failed().trial_id());
      failed.set_failure_class(message.failed().failure_class());
      failed.set_message(message.failed().message());
      trainer.worked = true;
      ResetDeadline(trainer);
      book_.AddFailure(std::move(failed));
      break;
    }
    case ipc::FromTrainer::kEnded:
      book_.SetOver(message.ended().lease_id(), v1::LeaseEnded::FINISHED, "");
      trainer.lease_id = 0;
      trainer.deadline = absl::InfiniteDuration();
      break;
    case ipc::FromTrainer::MESSAGE_NOT_SET:
      Log(LogLevel::kError, "the trainer sent an empty message");
      break;
  }
  Dispatch();
  SendDue();
}

void Agent::OnTrainerReady(Trainer& trainer, const ipc::Ready& ready) {
  if (ready.error().empty()) {
    trainer.ready = true;
    trainer.failed_starts = 0;
  } else {
    Log(LogLevel::kError, "the trainer can't work", {{"why", ready.error()}});
  }
  const bool first = !device_.has_value();
  // A worker that can't work says so; once a trainer can, it says that with its next connection.
  const bool recovered = !first && !device_->error().empty() && ready.error().empty();
  if (first || recovered) device_ = ready;
  if (first) connect_at_ = Now();
  if (recovered && session_ != nullptr) session_->Cancel();
}

void Agent::OnTrainerExit(size_t index, int64_t generation, const TrainerProcess::Exit& exit) {
  Trainer& trainer = trainers_[index];
  if (generation != trainer.generation) return;
  trainer.process.reset();
  trainer.ready = false;
  trainer.deadline = absl::InfiniteDuration();
  Log(LogLevel::kWarning, "trainer ended", {{"how", exit.how}, {"lease", trainer.lease_id}});
  if (trainer.lease_id != 0) {
    const std::string message = absl::StrCat(
        exit.out_of_memory ? "the trainer was killed, which is what the system does when "
                             "memory runs out: "
                           : "the trainer ended: ",
        exit.how, exit.log_tail.empty() ? "" : "\n", exit.log_tail);
    book_.SetOver(trainer.lease_id,
                  exit.out_of_memory ? v1::LeaseEnded::OUT_OF_MEMORY : v1::LeaseEnded::CRASHED,
                  message);
    trainer.lease_id = 0;
  }
  if (!device_.has_value()) {
    device_.emplace();
    device_->set_error(
        absl::StrCat("the trainer ended before it was ready: ", exit.how, "\n", exit.log_tail));
    connect_at_ = Now();
  }
  if (stage_ == Stage::kWorking) {
    // At once after work, else ever more slowly: a device that fails at every start must not spin.
    trainer.failed_starts = trainer.worked ? 0 : trainer.failed_starts + 1;
    trainer.restart_at =
        Now() + std::min(absl::Seconds(30), absl::Seconds(trainer.failed_starts * 2));
  }
  SendDue();
}

void Agent::Dispatch() {
  if (stage_ != Stage::kWorking) return;
  for (Trainer& trainer : trainers_) {
    if (!trainer.ready || trainer.lease_id != 0) continue;
    const LeaseBook::Lease* const lease = book_.NextToBegin();
    if (lease == nullptr) return;
    ipc::ToTrainer message;
    ipc::TrainPack& pack = *message.mutable_train();
    pack.set_lease_id(lease->lease_id);
    for (const LeaseBook::Trial& trial : lease->trials) {
      ipc::TrainPack::Trial* const added = pack.add_trials();
      added->set_trial_id(trial.trial_id);
      added->set_config(trial.config);
    }
    trainer.lease_id = lease->lease_id;
    book_.Begin(lease->lease_id);
    ResetDeadline(trainer);
    // If it is gone, its exit says so.
    trainer.process->Send(message).IgnoreError();
  }
}

void Agent::StopTraining(int64_t lease_id) {
  Trainer* const trainer = TrainerOf(lease_id);
  if (trainer == nullptr || trainer->process == nullptr) return;
  ipc::ToTrainer message;
  message.mutable_stop()->set_lease_id(lease_id);
  trainer->process->Send(message).IgnoreError();
}

void Agent::ResetDeadline(Trainer& trainer) {
  const LeaseBook::Lease* const lease = book_.Find(trainer.lease_id);
  const bool limited = lease != nullptr && lease->timeout_seconds_per_trial > 0;
  trainer.deadline =
      limited ? Now() + absl::Seconds(lease->timeout_seconds_per_trial) : absl::InfiniteDuration();
}

}  // namespace firstguess
