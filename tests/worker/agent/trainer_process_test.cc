#include "worker/agent/trainer_process.h"

#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/mutex.h"
#include "common/spec/trial.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/worker/agent/fake_trainer.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Minutes(1);

// A fake trainer, and what it said.
class Started {
 public:
  explicit Started(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), FAKE_TRAINER);
    absl::StatusOr<std::unique_ptr<TrainerProcess>> process = TrainerProcess::Start(
        std::move(flags),
        [this](ipc::FromTrainer message) {
          MutexLock lock(&mutex_);
          messages_.push_back(std::move(message));
          changed_.NotifyAll();
        },
        [this](TrainerProcess::Exit exit) {
          MutexLock lock(&mutex_);
          EXPECT_FALSE(exit_.has_value());
          exit_ = std::move(exit);
          changed_.NotifyAll();
        });
    EXPECT_TRUE(process.ok()) << process.status();
    process_ = *std::move(process);
  }
  ~Started() { process_.reset(); }

  TrainerProcess& process() { return *process_; }

  // The next message; an empty one if the trainer ended instead.
  ipc::FromTrainer Next() {
    MutexLock lock(&mutex_);
    while (messages_.empty() && !exit_.has_value()) {
      if (!changed_.WaitFor(&mutex_, kPatience)) break;
    }
    if (messages_.empty()) return {};
    ipc::FromTrainer message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }
  TrainerProcess::Exit AwaitExit() {
    MutexLock lock(&mutex_);
    while (!exit_.has_value()) {
      if (!changed_.WaitFor(&mutex_, kPatience)) return {.how = "did not end", .log_tail = {}};
    }
    return *exit_;
  }
  pid_t AwaitReady() {
    const ipc::FromTrainer ready = Next();
    EXPECT_TRUE(ready.has_ready());
    return static_cast<pid_t>(std::atoi(ready.ready().device_name().c_str() + strlen("pid ")));
  }
  void Train(int64_t lease_id, std::initializer_list<int64_t> seeds) {
    ipc::ToTrainer message;
    message.mutable_train()->set_lease_id(lease_id);
    for (const int64_t seed : seeds) {
      auto* const trial = message.mutable_train()->add_trials();
      trial->set_trial_id(seed);
      TrialConfig config;
      config.dataset = "fashion-mnist";
      config.steps = 3;
      config.seed = seed;
      trial->set_config(CanonicalJson(config));
    }
    process_->Send(message);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::deque<ipc::FromTrainer> messages_ GUARDED_BY(mutex_);
  std::optional<TrainerProcess::Exit> exit_ GUARDED_BY(mutex_);
  std::unique_ptr<TrainerProcess> process_;
};

TEST(TrainerProcessTest, WorkGoesDownAndResultsComeUp) {
  Started trainer;
  trainer.AwaitReady();
  trainer.Train(41, {5, 6});
  EXPECT_EQ(trainer.Next().finished().trial_id(), 5);
  const ipc::FromTrainer second = trainer.Next();
  EXPECT_EQ(second.finished().trial_id(), 6);
  EXPECT_EQ(second.finished().trajectory().snapshots_size(), 4);
  EXPECT_EQ(trainer.Next().ended().lease_id(), 41);
}

TEST(TrainerProcessTest, ItRunsWithOneThreadPerOperation) {
  ASSERT_EQ(setenv("OMP_NUM_THREADS", "8", 1), 0);
  Started trainer({"--print-environment", "--exit-at-start", "0"});
  const std::string printed = trainer.AwaitExit().log_tail;
  for (const char* const setting : {"OMP_NUM_THREADS=1\n", "OMP_WAIT_POLICY=passive\n",
                                    "OPENBLAS_NUM_THREADS=1\n", "MKL_NUM_THREADS=1\n"}) {
    EXPECT_THAT(printed, HasSubstr(setting));
  }
  EXPECT_THAT(printed, testing::Not(HasSubstr("OMP_NUM_THREADS=8")));
}

TEST(TrainerProcessTest, ACrashIsToldWithItsSignalAndLastWords) {
  Started trainer;
  trainer.AwaitReady();
  trainer.Train(41, {kCrashes});
  const TrainerProcess::Exit exit = trainer.AwaitExit();
  EXPECT_EQ(exit.how, "signal 6 (ABRT)");
  EXPECT_EQ(exit.log_tail, "the device caught fire\n");
  EXPECT_FALSE(exit.out_of_memory);
}

TEST(TrainerProcessTest, AnExitIsToldWithItsCode) {
  Started trainer({"--exit-at-start", "7"});
  const TrainerProcess::Exit exit = trainer.AwaitExit();
  EXPECT_EQ(exit.how, "exit code 7");
  EXPECT_EQ(exit.log_tail, "a library is missing\n");
}

TEST(TrainerProcessTest, MessagesSentBeforeACrashArrive) {
  Started trainer;
  trainer.AwaitReady();
  trainer.Train(41, {5, kExits});
  EXPECT_EQ(trainer.Next().finished().trial_id(), 5);
  EXPECT_EQ(trainer.AwaitExit().how, "exit code 3");
}

TEST(TrainerProcessTest, KillEndsOneThatDoesNotListen) {
  Started trainer;
  trainer.AwaitReady();
  trainer.Train(41, {5, kHangsForGood});
  EXPECT_EQ(trainer.Next().finished().trial_id(), 5);
  trainer.process().Kill();
  EXPECT_EQ(trainer.AwaitExit().how, "signal 9 (KILL)");
}

// Only the system's own count says that memory ran out: people and schedulers kill too.
TEST(TrainerProcessTest, AKillByAnotherIsNotTakenForLackOfMemory) {
  Started trainer;
  const pid_t pid = trainer.AwaitReady();
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  const TrainerProcess::Exit exit = trainer.AwaitExit();
  EXPECT_EQ(exit.how, "signal 9 (KILL)");
  EXPECT_FALSE(exit.out_of_memory);
}

TEST(TrainerProcessTest, ItLeavesInterruptsAndTerminationsToItsAgent) {
  Started trainer;
  const pid_t pid = trainer.AwaitReady();
  ASSERT_EQ(kill(pid, SIGINT), 0);
  ASSERT_EQ(kill(pid, SIGTERM), 0);
  trainer.Train(41, {5});
  EXPECT_EQ(trainer.Next().finished().trial_id(), 5);
}

TEST(TrainerProcessTest, OneThatTalksNonsenseIsEnded) {
  Started trainer;
  trainer.AwaitReady();
  trainer.Train(41, {kTalksNonsense});
  EXPECT_EQ(trainer.AwaitExit().how, "signal 9 (KILL)");
}

TEST(TrainerProcessTest, TheEndOfItsObjectEndsTheProcess) {
  pid_t pid = 0;
  {
    Started trainer;
    pid = trainer.AwaitReady();
  }
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(TrainerProcessTest, AMissingProgramIsNamed) {
  const absl::StatusOr<std::unique_ptr<TrainerProcess>> process =
      TrainerProcess::Start({"/no/such/trainer"}, nullptr, nullptr);
  EXPECT_TRUE(absl::IsNotFound(process.status()));
  EXPECT_THAT(std::string(process.status().message()), HasSubstr("/no/such/trainer"));
}

TEST(TrainerProcessTest, TheTailOfMuchOutputIsKept) {
  ASSERT_EQ(setenv("FIRSTGUESS_LONG", std::string(20000, 'x').c_str(), 1), 0);
  Started trainer({"--print-environment", "--exit-at-start", "0"});
  ASSERT_EQ(unsetenv("FIRSTGUESS_LONG"), 0);
  const std::string tail = trainer.AwaitExit().log_tail;
  EXPECT_EQ(tail.size(), 4096);
  EXPECT_TRUE(absl::EndsWith(tail, "a library is missing\n"));
}

}  // namespace
}  // namespace firstguess
