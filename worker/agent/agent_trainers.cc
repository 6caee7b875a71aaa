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
  trainer.start_at = absl::InfiniteDuration();
  trainer.worked = false;
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
  trainer.clock.OnStart(Now());
  return absl::OkStatus();
}

absl::Status Agent::RunDueOfTrainer(size_t index) {
  Trainer& trainer = trainers_[index];
  const absl::Duration now = Now();
  if (now >= trainer.kill_at) {
    trainer.kill_at = absl::InfiniteDuration();
    // A lease that was stopped before keeps its reason: then the trainer took too long to stop.
    book_.Stop(trainer.lease_id, v1::LeaseEnded::TIMED_OUT,
               WithLog("its trials took longer than their sweep allows"));
    trainer.process->Kill();
  }
  return now >= trainer.start_at ? StartTrainer(index) : absl::OkStatus();
}

Agent::Trainer* Agent::TrainerOf(int64_t lease_id) {
  const auto found = std::find_if(trainers_.begin(), trainers_.end(), [&](const Trainer& trainer) {
    return trainer.lease_id == lease_id && lease_id != 0;
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
      if (!finished.checkpoint().empty()) {
        checkpoints_[{finished.lease_id(), finished.trial_id()}] = finished.checkpoint();
      }
      book_.AddResult(finished.lease_id(), finished.trial_id(),
                      std::move(*finished.mutable_trajectory()));
      LimitTrial(trainer);
      break;
    }
    case ipc::FromTrainer::kFailed: {
      v1::TrialFailed failed;
      failed.set_lease_id(message.failed().lease_id());
      failed.set_trial_id(message.failed().trial_id());
      failed.set_failure_class(message.failed().failure_class());
      failed.set_message(WithLog(message.failed().message()));
      trainer.worked = true;
      book_.AddFailure(std::move(failed));
      LimitTrial(trainer);
      break;
    }
    case ipc::FromTrainer::kEnded:
      OnPackEnded(trainer, message.ended());
      break;
    case ipc::FromTrainer::MESSAGE_NOT_SET:
      return;  // the framing refuses it
  }
  Dispatch();
  SendDue();
}

void Agent::OnTrainerReady(Trainer& trainer, const ipc::Ready& ready) {
  if (!ready.error().empty()) {
    Log(LogLevel::kError, "the trainer can't work", {{"why", ready.error()}});
    trainer.failure = ready.error();
  } else {
    trainer.ready = true;
    trainer.failure.clear();
    device_ = ready;
  }
  FindOutWhetherItCanWork();
}

void Agent::OnPackEnded(Trainer& trainer, const ipc::PackEnded& ended) {
  const LeaseBook::Lease* const lease = book_.Find(ended.lease_id());
  if (lease != nullptr && !ended.incapable().empty()) {
    Log(LogLevel::kWarning, "refusing a lease",
        {{"lease", ended.lease_id()}, {"why", ended.incapable()}});
    book_.SetOver(ended.lease_id(), v1::LeaseEnded::INCAPABLE, ended.incapable());
  } else if (lease != nullptr) {
    // Counts only if the lease was not stopped and a trial is missing.
    book_.SetOver(ended.lease_id(), v1::LeaseEnded::CRASHED,
                  absl::StrCat("the trainer left out ", lease->unreported.size(), " trials"));
  }
  if (trainer.lease_id != ended.lease_id()) return;
  trainer.clock.OnPackEnded(Now(), absl::Seconds(ended.aside_seconds()));
  trainer.lease_id = 0;
  trainer.kill_at = absl::InfiniteDuration();
}

void Agent::OnTrainerExit(size_t index, int64_t generation, const TrainerProcess::Exit& exit) {
  Trainer& trainer = trainers_[index];
  if (generation != trainer.generation) return;
  Log(LogLevel::kWarning, "trainer ended", {{"how", exit.how}, {"lease", trainer.lease_id}});
  trainer.process.reset();
  trainer.clock.OnExit(Now());
  if (!trainer.ready && trainer.failure.empty()) {
    trainer.failure =
        absl::StrCat("the trainer ended before it was ready: ", exit.how, "\n", exit.log_tail);
  }
  trainer.ready = false;
  if (trainer.lease_id != 0) EndLeaseOf(trainer, exit);
  if (stage_ == Stage::kWorking) {
    if (trainer.worked) trainer.backoff.Succeeded();
    trainer.start_at = trainer.worked ? Now() : Now() + trainer.backoff.Next(Now());
  }
  FindOutWhetherItCanWork();
  SendDue();
}

// With a last line that says where to read on.
std::string Agent::WithLog(std::string message) const {
  if (options_.log.empty()) return message;
  while (!message.empty() && message.back() == '\n') message.pop_back();
  return absl::StrCat(message, "\nwhole log: ", options_.log);
}

void Agent::EndLeaseOf(Trainer& trainer, const TrainerProcess::Exit& exit) {
  book_.SetOver(trainer.lease_id,
                exit.out_of_memory ? v1::LeaseEnded::OUT_OF_MEMORY : v1::LeaseEnded::CRASHED,
                WithLog(absl::StrCat(exit.out_of_memory
                                         ? "the system killed the trainer because memory ran out: "
                                         : "the trainer ended: ",
                                     exit.how, exit.log_tail.empty() ? "" : "\n", exit.log_tail)));
  trainer.lease_id = 0;
  trainer.kill_at = absl::InfiniteDuration();
}

// It can as long as one trainer is ready, and can't once the latest start of every trainer failed.
// In between it is too early to say. The first time, and at each change, it says hello.
void Agent::FindOutWhetherItCanWork() {
  if (stage_ != Stage::kWorking) return;
  const bool can = std::any_of(trainers_.begin(), trainers_.end(),
                               [](const Trainer& trainer) { return trainer.ready; });
  const bool cannot = std::none_of(trainers_.begin(), trainers_.end(),
                                   [](const Trainer& trainer) { return trainer.failure.empty(); });
  if (!can && !cannot) return;
  const bool could = cannot_work_reason_.empty();
  cannot_work_reason_ = can ? "" : trainers_.front().failure;
  if (cannot) {
    // Another worker may have more luck with what waits here.
    for (const int64_t lease_id : book_.LeaseIds()) {
      StopLease(lease_id, v1::LeaseEnded::RETURNED, "the worker can't work any more");
    }
  }
  if (epoch_ == 0) {
    connect_at_ = std::min(connect_at_, Now());
  } else if (could != can) {
    ConnectAgain();
  }
}

void Agent::Dispatch() {
  if (stage_ != Stage::kWorking) return;
  for (Trainer& trainer : trainers_) {
    if (!trainer.ready || trainer.lease_id != 0) continue;
    const LeaseBook::Lease* const lease = book_.NextToBegin();
    if (lease == nullptr) return;
    BeginTraining(trainer, *lease);
  }
}

void Agent::BeginTraining(Trainer& trainer, const LeaseBook::Lease& lease) {
  ipc::ToTrainer message;
  ipc::TrainPack& pack = *message.mutable_train();
  pack.set_lease_id(lease.lease_id);
  for (const LeaseBook::Trial& trial : lease.trials) {
    ipc::TrainPack::Trial* const added = pack.add_trials();
    added->set_trial_id(trial.trial_id);
    added->set_config(trial.config);
  }
  trainer.lease_id = lease.lease_id;
  book_.Begin(lease.lease_id);
  LimitTrial(trainer);
  trainer.clock.OnPackBegun(Now());
  trainer.process->Send(message);
}

void Agent::StopLease(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message) {
  book_.Stop(lease_id, reason, message);
  StopTraining(lease_id);
}

// No trainer has it: nothing to do.
void Agent::StopTraining(int64_t lease_id) {
  Trainer* const trainer = TrainerOf(lease_id);
  if (trainer == nullptr) return;
  ipc::ToTrainer message;
  message.mutable_stop()->set_lease_id(lease_id);
  trainer->process->Send(message);
  trainer->kill_at = std::min(trainer->kill_at, Now() + options_.stop_grace);
}

// Packs are trained together, so that their trials share the time. After the last report the
// trainer has as much to say that it is done.
void Agent::LimitTrial(Trainer& trainer) {
  const LeaseBook::Lease* const lease = book_.Find(trainer.lease_id);
  if (lease == nullptr || lease->end.has_value() || lease->timeout_seconds_per_trial <= 0) return;
  const size_t trials = std::max<size_t>(1, lease->unreported.size());
  trainer.kill_at =
      Now() + absl::Seconds(lease->timeout_seconds_per_trial) * static_cast<double>(trials);
}

}  // namespace firstguess
