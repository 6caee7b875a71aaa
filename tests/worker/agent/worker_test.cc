// The firstguess-worker program: its flags, exit codes and signals, and that nothing outlives it.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/usable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/program.h"
#include "tests/worker/agent/fake_trainer.h"
#include "tests/worker/agent/scripted_coordinator.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

class WorkerTest : public ::testing::Test {
 protected:
  std::vector<std::string> Command(std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {FIRSTGUESS_WORKER, "--coordinator", coordinator_.address(),
                                 "--trainer", FAKE_TRAINER});
    return flags;
  }
  std::shared_ptr<ScriptedSession> Welcomed() {
    std::shared_ptr<ScriptedSession> session = coordinator_.NextSession();
    hello_ = session->Next().hello();
    session->Welcome();
    return session;
  }
  // Of the trainer that the latest hello tells of.
  pid_t TrainerPid() const {
    return std::atoi(hello_.device_name().substr(std::string("pid ").size()).c_str());
  }
  int Run(const std::vector<std::string>& command) {
    return Program::Run(command, coordinator_.folder(), &out_, &err_);
  }
  // Adopts what a process leaves behind, and waits for its end; how it ended.
  static int AwaitOrphan(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) != pid) {
      if (errno != EINTR) return -1;
    }
    return status;
  }

  ScriptedCoordinator coordinator_;
  v1::Hello hello_;
  std::string out_;
  std::string err_;
};

TEST_F(WorkerTest, FlagsBecomeTheHello) {
  const Program worker(Command({"--name", "south", "--labels", "quick,large", "--trainers", "2",
                                "--device", "cpu", "--data-dir", ".", "--data-dir", "/"}),
                       coordinator_.folder());
  Welcomed();
  EXPECT_EQ(hello_.name(), "south");
  EXPECT_THAT(hello_.labels(), testing::ElementsAre("quick", "large"));
  EXPECT_EQ(hello_.capacity(), 3);
}

class WorkerSignalTest : public WorkerTest, public ::testing::WithParamInterface<int> {};

TEST_P(WorkerSignalTest, OneSignalHandsBackAndEndsWith0) {
  Program worker(Command(), coordinator_.folder());
  const auto session = Welcomed();
  session->Grant(1, {5, kHangs});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  worker.Signal(GetParam());
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 RETURNED");
  EXPECT_EQ(worker.Wait(), 0) << worker.err();
}

TEST_P(WorkerSignalTest, TwoSignalsEndItAtOnce) {
  Program worker(Command(), coordinator_.folder());
  const auto session = Welcomed();
  session->Grant(1, {5, kHangs});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "result 1/10");  // and it is never acknowledged
  worker.Signal(GetParam());
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  worker.Signal(GetParam());
  EXPECT_EQ(worker.Wait(), 1) << worker.err();
}

INSTANTIATE_TEST_SUITE_P(Both, WorkerSignalTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& parameter) -> std::string {
                           return parameter.param == SIGTERM ? "SIGTERM" : "SIGINT";
                         });

// A worker in a batch job, as far as its environment says.
class BatchJobTest : public WorkerTest {
 protected:
  BatchJobTest() { setenv("SLURM_JOB_ID", "41", 1); }
  ~BatchJobTest() override {
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_ARRAY_JOB_ID");
    unsetenv("SLURM_ARRAY_TASK_ID");
  }
};

TEST_F(BatchJobTest, SigtermPreemptsHoweverOftenItComes) {
  Program worker(Command(), coordinator_.folder());
  const auto session = Welcomed();
  EXPECT_EQ(hello_.job(), "41");
  EXPECT_EQ(std::filesystem::path(hello_.log()).parent_path(), coordinator_.folder());
  session->Grant(1, {5, kHangs});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  worker.Signal(SIGTERM);
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  worker.Signal(SIGTERM);
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 PREEMPTED");
  EXPECT_EQ(worker.Wait(), 0) << worker.err();
}

TEST_F(BatchJobTest, Sigusr1LeavesTheNoticeToFinish) {
  setenv("SLURM_ARRAY_JOB_ID", "40", 1);
  setenv("SLURM_ARRAY_TASK_ID", "7", 1);
  Program worker(Command({"--notice", "11"}), coordinator_.folder());
  const auto session = Welcomed();
  EXPECT_EQ(hello_.job(), "40_7");
  session->Grant(1, {5, kHangs});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  worker.Signal(SIGUSR1);
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  EXPECT_EQ(session->NextWord(), "ended 1 PREEMPTED");
  EXPECT_EQ(worker.Wait(), 0) << worker.err();
}

TEST_F(WorkerTest, AnIdleOneEndsWith0) {
  Program worker(Command({"--idle-exit", "1"}), coordinator_.folder());
  Welcomed();
  EXPECT_EQ(worker.Wait(), 0) << worker.err();
}

TEST_F(WorkerTest, TrainersAsManyAsProcessors) {
  const Program worker(Command({"--trainers", "auto"}), coordinator_.folder());
  Welcomed();
  EXPECT_EQ(hello_.capacity(), UsableProcessors() + 1);
  EXPECT_EQ(hello_.memory_bytes(), UsableMemory() / UsableProcessors());
}

TEST_F(WorkerTest, ItsTrainersShareTheMemoryThatItMayUse) {
  const Program worker(Command({"--trainers", "2", "--memory-limit", "512MiB"}),
                       coordinator_.folder());
  Welcomed();
  EXPECT_EQ(hello_.memory_bytes(), int64_t{256} << 20);
}

TEST_F(WorkerTest, ASizeThatIsNoneIsRefused) {
  Program worker(Command({"--memory-limit", "much"}), coordinator_.folder());
  EXPECT_EQ(worker.Wait(), 2);
  EXPECT_THAT(worker.err(), HasSubstr("--memory-limit: must be"));
}

TEST_F(WorkerTest, ADrainEndsItWith0) {
  Program worker(Command(), coordinator_.folder());
  Welcomed()->Drain();
  EXPECT_EQ(worker.Wait(), 0) << worker.err();
}

TEST_F(WorkerTest, ARefusalForGoodIsTheLastLineAndExitCode1) {
  Program worker(Command(), coordinator_.folder());
  Welcomed()->Goodbye("install version 2 of the worker", 0);
  EXPECT_EQ(worker.Wait(), 1);
  EXPECT_THAT(worker.err(),
              testing::EndsWith("firstguess-worker: install version 2 of the worker\n"));
}

TEST_F(WorkerTest, WhatCannotBeUsedIsExitCode2) {
  EXPECT_EQ(Run({FIRSTGUESS_WORKER, "--coordinator", "nowhere"}), 2);
  EXPECT_THAT(err_, HasSubstr("nowhere"));
  EXPECT_EQ(Run({FIRSTGUESS_WORKER, "--trainer", "/no/such/trainer"}), 2);
  EXPECT_THAT(err_, HasSubstr("/no/such/trainer"));
  EXPECT_EQ(Run({FIRSTGUESS_WORKER, "--no-such-flag"}), 2);
  EXPECT_EQ(Run({FIRSTGUESS_WORKER, "--trainers", "0"}), 2);
}

TEST_F(WorkerTest, ItTouchesTheFileThatProbesLookAt) {
  const std::string file = coordinator_.folder() + "/alive";
  const Program worker(Command({"--alive-file", file}), coordinator_.folder());
  Welcomed();
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(WorkerTest, HelpHasExamplesAndVersionNamesIt) {
  EXPECT_EQ(Run({FIRSTGUESS_WORKER, "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("Examples:"));
  EXPECT_EQ(Run({FIRSTGUESS_WORKER, "--version"}), 0);
  EXPECT_THAT(out_, HasSubstr("firstguess-worker "));
}

TEST_F(WorkerTest, AKilledWorkerTakesItsTrainerWithIt) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  Program worker(Command(), coordinator_.folder());
  const auto session = Welcomed();
  session->Grant(1, {5, kHangsForGood});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  worker.Signal(SIGKILL);
  worker.Wait();
  EXPECT_EQ(AwaitOrphan(TrainerPid()), SIGKILL);
}

TEST_F(WorkerTest, ItEndsWithTheProcessThatStartedItIfAsked) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  std::string script;
  for (const std::string& word : Command({"--exit-with-parent"}))
    absl::StrAppend(&script, word, " ");
  Program parent({"/bin/sh", "-c", script + "& echo $!; wait"}, coordinator_.folder());
  const auto session = Welcomed();
  const pid_t worker = std::atoi(parent.out().c_str());
  ASSERT_GT(worker, 0);
  parent.Signal(SIGKILL);
  parent.Wait();
  EXPECT_EQ(AwaitOrphan(worker), SIGKILL);
  EXPECT_TRUE(session->AwaitEnd());
}

}  // namespace
}  // namespace firstguess
