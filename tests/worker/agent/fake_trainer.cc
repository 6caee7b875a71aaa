#include "tests/worker/agent/fake_trainer.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "common/wire/trajectory_wire.h"
#include "tests/coordinator/service/fake_trajectory.h"
#include "worker/ipc/messages.h"

namespace firstguess {
namespace {

class FakeTrainer {
 public:
  FakeTrainer(int fd, std::string checkpoint, int64_t memory)
      : fd_(fd), checkpoint_(std::move(checkpoint)), memory_(memory), reader_(fd), writer_(fd) {}

  void SayReady(const std::string& error) {
    ipc::FromTrainer message;
    ipc::Ready& ready = *message.mutable_ready();
    ready.set_error(error);
    if (error.empty()) {
      ready.set_device("cpu");
      ready.set_device_name(absl::StrCat("pid ", getpid()));
      ready.set_memory_bytes(memory_);
      ready.add_datasets("fashion-mnist");
    }
    Send(message);
  }

  void Work() {
    for (;;) {
      while (packs_.empty()) Listen(-1);
      const ipc::TrainPack pack = packs_.front();
      packs_.pop_front();
      Train(pack);
    }
  }

 private:
  void Train(const ipc::TrainPack& pack) {
    stopped_.reset();
    current_ = pack.lease_id();
    ipc::FromTrainer message;
    for (const ipc::TrainPack::Trial& trial : pack.trials()) {
      const absl::StatusOr<TrialConfig> config = TrialConfigFromJson(trial.config());
      if (config.ok() && config->seed == kIncapable) {
        message.mutable_ended()->set_incapable("no such shape here");
        break;
      }
      TrainTrial(trial);
      if (stopped_ == current_) break;
    }
    message.mutable_ended()->set_lease_id(pack.lease_id());
    message.mutable_ended()->set_stopped(stopped_ == current_);
    Send(message);
    current_.reset();
  }

  void TrainTrial(const ipc::TrainPack::Trial& trial) {
    const absl::StatusOr<TrialConfig> config = TrialConfigFromJson(trial.config());
    if (!config.ok()) {
      Fail(trial.trial_id(), std::string(config.status().message()));
      return;
    }
    switch (config->seed) {
      case kCrashes:
        std::cerr << "the device caught fire\n";
        std::abort();
      case kExits:
        std::exit(3);
      case kHangs:
        while (stopped_ != current_) Listen(-1);
        return;
      case kHangsForGood:
        for (;;) pause();
      case kLeavesOut:
        return;
      case kTalksNonsense:
        writer_.Write("nonsense").IgnoreError();
        for (;;) pause();
      case kFails:
        Fail(trial.trial_id(), "no such thing");
        return;
      case kWaitsAtGate: {
        const char* const gate = std::getenv("FIRSTGUESS_FAKE_TRAINER_GATE");
        while (access(gate, F_OK) != 0 && stopped_ != current_) Listen(5);
        if (stopped_ == current_) return;
        break;
      }
      default:
        break;
    }
    if (const char* const ledger = std::getenv("FIRSTGUESS_FAKE_TRAINER_LEDGER")) {
      std::ofstream(ledger, std::ios::app) << absl::StrCat(trial.trial_id(), "\n");
    }
    ipc::FromTrainer message;
    ipc::TrialFinished& finished = *message.mutable_finished();
    finished.set_lease_id(*current_);
    finished.set_trial_id(trial.trial_id());
    *finished.mutable_trajectory() = ToProto(FakeTrajectory(*config));
    if (!checkpoint_.empty()) {
      finished.set_checkpoint(absl::StrCat(checkpoint_, trial.trial_id()));
    }
    Send(message);
  }

  void Fail(int64_t trial_id, const std::string& why) {
    ipc::FromTrainer message;
    message.mutable_failed()->set_lease_id(*current_);
    message.mutable_failed()->set_trial_id(trial_id);
    message.mutable_failed()->set_failure_class(v1::INVALID);
    message.mutable_failed()->set_message(why);
    Send(message);
  }

  // Takes a message if one comes in time; -1: waits for one. Ends the process with the agent.
  void Listen(int timeout_ms) {
    pollfd readable = {.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, timeout_ms) <= 0) return;
    const absl::StatusOr<ipc::ToTrainer> message = ipc::Receive<ipc::ToTrainer>(reader_);
    if (!message.ok()) std::exit(absl::IsOutOfRange(message.status()) ? 0 : 1);
    if (message->has_train()) packs_.push_back(message->train());
    if (message->has_stop()) stopped_ = message->stop().lease_id();
  }

  void Send(const ipc::FromTrainer& message) {
    if (!ipc::Send(message, writer_).ok()) std::exit(1);
  }

  const int fd_;
  const std::string checkpoint_;
  const int64_t memory_;  // how its file's name begins
  ipc::FrameReader reader_;
  ipc::FrameWriter writer_;
  std::deque<ipc::TrainPack> packs_;
  std::optional<int64_t> current_;
  std::optional<int64_t> stopped_;
};

int Main(int argc, char** argv) {
  const rlimit no_core = {0, 0};  // it crashes on purpose
  setrlimit(RLIMIT_CORE, &no_core);
  CLI::App app("Pretends to be firstguess-trainer.");
  int fd = -1;
  int exit_at_start = -1;
  std::string device;
  std::string cannot_work;
  std::string unless;
  std::vector<std::string> data_dirs;
  std::string checkpoint;
  int64_t memory = int64_t{1} << 30;
  bool print_environment = false;
  app.add_option("--ipc-fd", fd)->required();
  app.add_option("--device", device);
  app.add_option("--memory-limit", memory);
  app.add_option("--data-dir", data_dirs);
  app.add_option("--cannot-work", cannot_work);
  app.add_option("--unless", unless);
  app.add_option("--exit-at-start", exit_at_start);
  app.add_option("--checkpoint", checkpoint);
  app.add_flag("--print-environment", print_environment);
  CLI11_PARSE(app, argc, argv);
  if (print_environment) {
    for (char** variable = environ; *variable != nullptr; ++variable)
      std::cout << *variable << "\n";
    std::cout.flush();
  }
  if (exit_at_start >= 0) {
    std::cerr << "a library is missing\n";
    return exit_at_start;
  }
  FakeTrainer trainer(fd, checkpoint, memory);
  if (!cannot_work.empty() && (unless.empty() || access(unless.c_str(), F_OK) != 0)) {
    trainer.SayReady(cannot_work);
    return 1;
  }
  trainer.SayReady("");
  trainer.Work();
  return 0;
}

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) { return firstguess::Main(argc, argv); }
