#include "tools/firstguess/local_workers.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/usable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/firstguess/private_folder.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Shell scripts stand in for the worker: what is tested is how processes are looked after.
class LocalWorkersTest : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = PrivateFolder::Create();
    ASSERT_TRUE(folder.ok()) << folder.status();
    folder_ = *std::move(folder);
  }

  LocalWorkers::Options Script(const std::string& text) {
    LocalWorkers::Options options;
    options.program = folder_->Path("worker");
    std::ofstream(options.program) << "#!/bin/sh\n" << text << "\n";
    ::chmod(options.program.c_str(), 0700);
    options.coordinator = "unix:/some/socket";
    options.device = "cpu";
    options.log = folder_->Path("log");
    return options;
  }

  std::string LogText() const {
    std::ifstream file(folder_->Path("log"));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // Waits until the log says so; the test's own time limit ends it otherwise.
  void WaitForLog(const std::string& text) const {
    while (!absl::StrContains(LogText(), text)) absl::SleepFor(absl::Milliseconds(5));
  }

  // Calls Supervise until something happened.
  static std::string NextEvent(LocalWorkers* workers) {
    for (;;) {
      const std::vector<std::string> events = workers->Supervise();
      if (!events.empty()) return events.front();
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  std::unique_ptr<PrivateFolder> folder_;
  SimulatedClock clock_;
};

TEST_F(LocalWorkersTest, WorkersAreToldWhoTheyAreAndWhereTheCoordinatorIs) {
  LocalWorkers::Options options = Script("echo \"$@\"; exec sleep 60");
  options.count = 2;
  options.data_folder = "/data";
  const auto workers = LocalWorkers::Start(options, &clock_);
  ASSERT_TRUE(workers.ok()) << workers.status();
  WaitForLog(
      absl::StrCat("--coordinator unix:/some/socket --name local-1 --device cpu --memory-limit ",
                   UsableMemory() / 2, " --exit-with-parent --data-dir /data\n"));
  WaitForLog("--name local-2");
  EXPECT_THAT((*workers)->Supervise(), IsEmpty());
}

TEST_F(LocalWorkersTest, AWorkerThatDiesIsStartedAgainThreeTimesWithGrowingDelays) {
  const auto workers = LocalWorkers::Start(Script("echo began; exit 7"), &clock_);
  ASSERT_TRUE(workers.ok()) << workers.status();
  for (const absl::Duration delay : {absl::Seconds(1), absl::Seconds(2), absl::Seconds(4)}) {
    EXPECT_EQ(NextEvent(workers->get()), "Worker local-1 ended with code 7; it is started again.");
    clock_.Advance(delay - absl::Milliseconds(1));
    EXPECT_THAT((*workers)->Supervise(), IsEmpty());
    EXPECT_FALSE((*workers)->all_given_up());
    clock_.Advance(absl::Milliseconds(1));
    (*workers)->Supervise();
  }
  EXPECT_EQ(NextEvent(workers->get()),
            "Worker local-1 ended with code 7 for the 4th time; it is not started again.");
  EXPECT_TRUE((*workers)->all_given_up());
  const std::vector<std::string> began = absl::StrSplit(LogText(), "began\n");
  EXPECT_EQ(began.size() - 1, 4);
}

TEST_F(LocalWorkersTest, HowAWorkerWasKilledIsSaid) {
  const auto workers = LocalWorkers::Start(Script("kill -9 $$"), &clock_);
  ASSERT_TRUE(workers.ok()) << workers.status();
  EXPECT_EQ(NextEvent(workers->get()),
            "Worker local-1 was killed by signal 9 (Killed); it is started again.");
}

TEST_F(LocalWorkersTest, StopAsksFirst) {
  const auto workers = LocalWorkers::Start(
      Script("trap 'echo handed back; exit 0' TERM; echo ready; while :; do sleep 0.01; done"),
      RealClock());
  ASSERT_TRUE(workers.ok()) << workers.status();
  WaitForLog("ready");
  (*workers)->Stop(absl::Seconds(60));
  EXPECT_THAT(LogText(), HasSubstr("handed back"));
}

TEST_F(LocalWorkersTest, StopKillsWhoDoesNotListen) {
  const auto workers = LocalWorkers::Start(
      Script("trap '' TERM; echo pid $$ ready; while :; do sleep 0.01; done"), &clock_);
  ASSERT_TRUE(workers.ok()) << workers.status();
  WaitForLog("ready");
  const std::vector<std::string> words = absl::StrSplit(LogText(), ' ');
  (*workers)->Stop(absl::ZeroDuration());
  EXPECT_EQ(::kill(std::stoi(words[1]), 0), -1);
}

TEST_F(LocalWorkersTest, AWorkerIsInAGroupOfItsOwnSoThatCtrlCDoesNotReachIt) {
  const auto workers = LocalWorkers::Start(Script("echo pid $$ ready; exec sleep 60"), &clock_);
  ASSERT_TRUE(workers.ok()) << workers.status();
  WaitForLog("ready");
  const std::vector<std::string> words = absl::StrSplit(LogText(), ' ');
  EXPECT_NE(::getpgid(std::stoi(words[1])), ::getpgrp());
}

TEST_F(LocalWorkersTest, AWorkerInheritsNoOpenFiles) {
  const int leaked = ::dup(STDERR_FILENO);
  const auto workers =
      LocalWorkers::Start(Script("ls /proc/self/fd | tr '\\n' ' '; echo end; sleep 60"), &clock_);
  ::close(leaked);
  ASSERT_TRUE(workers.ok()) << workers.status();
  WaitForLog("end");
  // 3 is the folder that ls itself reads.
  EXPECT_EQ(LogText(), "0 1 2 3 end\n");
}

TEST_F(LocalWorkersTest, AMissingProgramIsNamed) {
  LocalWorkers::Options options = Script("");
  options.program = folder_->Path("missing");
  const auto workers = LocalWorkers::Start(options, &clock_);
  ASSERT_FALSE(workers.ok());
  EXPECT_THAT(std::string(workers.status().message()),
              HasSubstr(options.program + " can't be started: No such file or directory"));
}

TEST_F(LocalWorkersTest, ALogThatCannotBeWrittenIsNamed) {
  LocalWorkers::Options options = Script("");
  options.log = folder_->Path("missing/log");
  const auto workers = LocalWorkers::Start(options, &clock_);
  ASSERT_FALSE(workers.ok());
  EXPECT_THAT(std::string(workers.status().message()), HasSubstr(options.log));
}

}  // namespace
}  // namespace firstguess
