// The commands that talk to a live coordinator.

#include <algorithm>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/fake_sweep_service.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSpec[] = R"(name: first-guess
dataset: fashion-mnist
train: {steps: 5}
grid: {}
)";

v1::SweepStatus Status(const std::string& state, int64_t done, int64_t failed = 0) {
  v1::SweepStatus status;
  status.set_name("first-guess");
  status.set_state(state);
  status.set_cells(180);
  status.set_done(done);
  status.set_failed(failed);
  status.set_pending(180 - done - failed);
  return status;
}

class ServiceCommandsTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    address_ = absl::StrCat("unix:", Path("socket"));
    service_.SetStatuses({Status("running", 57)});
    server_ = service_.Serve(address_);
    ASSERT_NE(server_, nullptr);
  }

  int RunThere(std::vector<std::string> arguments) {
    arguments.push_back("--coordinator");
    arguments.push_back(address_);
    return Run(arguments);
  }

  void Stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }

  std::string address_;
  FakeSweepService service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ServiceCommandsTest, AnUnreachableCoordinatorIsExitCodeThree) {
  Stop();
  const std::string spec = WriteFile("sweep.yaml", kSpec);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"show", "a"},
                                             {"query", "select 1"},
                                             {"preview", spec},
                                             {"submit", spec},
                                             {"watch", "a"},
                                             {"pause", "a"},
                                             {"resume", "a"},
                                             {"cancel", "a"},
                                             {"retry", "a"},
                                             {"workers"},
                                             {"drain", "a"}}) {
    err_.text.clear();
    EXPECT_EQ(RunThere(arguments), kExitUnreachable) << arguments[0];
    EXPECT_THAT(err_.text, HasSubstr(absl::StrCat("no coordinator answers at ", address_)));
    EXPECT_THAT(LastErrorLine(), HasSubstr("firstguess-coordinator")) << arguments[0];
  }
}

TEST_F(ServiceCommandsTest, WhatTheCoordinatorSaysDecidesTheExitCode) {
  const std::vector<std::pair<grpc::StatusCode, int>> expected = {
      {grpc::StatusCode::INVALID_ARGUMENT, kExitInput},
      {grpc::StatusCode::NOT_FOUND, kExitInput},
      {grpc::StatusCode::ALREADY_EXISTS, kExitInput},
      {grpc::StatusCode::FAILED_PRECONDITION, kExitInput},
      {grpc::StatusCode::UNAVAILABLE, kExitUnreachable},
      {grpc::StatusCode::DEADLINE_EXCEEDED, kExitUnreachable},
      {grpc::StatusCode::PERMISSION_DENIED, kExitRefused},
      {grpc::StatusCode::UNAUTHENTICATED, kExitRefused},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, kExitRefused},
      {grpc::StatusCode::UNIMPLEMENTED, kExitFailed},
      {grpc::StatusCode::INTERNAL, kExitFailed}};
  for (const auto& [code, exit_code] : expected) {
    service_.FailWith({code, "because"});
    err_.text.clear();
    EXPECT_EQ(RunThere({"pause", "first-guess"}), exit_code) << code;
    EXPECT_NE(LastErrorLine(), "");
  }
}

TEST_F(ServiceCommandsTest, AnAddressOfAnotherMachineIsRefusedBeforeAnythingIsSent) {
  EXPECT_EQ(Run({"list", "--coordinator", "203.0.113.7:7171"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("203.0.113.7"));
}

TEST_F(ServiceCommandsTest, ListShowsATable) {
  EXPECT_EQ(RunThere({"list"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("first-guess  running     180    57"));
}

TEST_F(ServiceCommandsTest, ShowGroupsFailuresByMessageWithTheWorker) {
  EXPECT_EQ(RunThere({"show", "first-guess"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("57 of 180 trials done, 123 waiting\n"));
  EXPECT_THAT(out_.text,
              HasSubstr("     3  crash  node3        the trainer was killed by signal 9\n"));
  EXPECT_THAT(out_.text,
              HasSubstr("\nLog of node3 before the latest 'the trainer was killed by signal 9':\n"
                        "  loading\n  Bus error\n"));
}

TEST_F(ServiceCommandsTest, ShowCanGiveTheSweepFileBack) {
  EXPECT_EQ(RunThere({"show", "first-guess", "--spec"}), kExitDone);
  EXPECT_EQ(out_.text, "name: first-guess\n");
}

TEST_F(ServiceCommandsTest, SubmitSaysHowToFollow) {
  EXPECT_EQ(RunThere({"submit", WriteFile("sweep.yaml", kSpec)}), kExitDone);
  EXPECT_EQ(out_.text,
            "Submitted: first-guess, 57 of 180 trials done, 123 waiting.\n"
            "Follow it: firstguess watch first-guess --coordinator " +
                address_ + "\n");
  EXPECT_THAT(service_.calls(), ElementsAre("Submit, request id of 32"));
}

TEST_F(ServiceCommandsTest, ANameThatAShellWouldSplitIsQuotedInWhatIsToBeTyped) {
  v1::SweepStatus status = Status("running", 57);
  status.set_name("my sweep \U0001f680");
  service_.SetStatuses({status});
  EXPECT_EQ(RunThere({"submit", WriteFile("sweep.yaml", kSpec)}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("Follow it: firstguess watch 'my sweep \U0001f680' --coord"));
}

TEST_F(ServiceCommandsTest, ANameTakenByAnotherSweepSaysToChangeIt) {
  service_.FailWith({grpc::StatusCode::ALREADY_EXISTS, "another sweep is named first-guess"});
  EXPECT_EQ(RunThere({"submit", WriteFile("sweep.yaml", kSpec)}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("another sweep is named first-guess"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("Add --extend"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("or change the line 'name: first-guess' in"));
}

TEST_F(ServiceCommandsTest, RetrySendsTheClassesAsked) {
  EXPECT_EQ(RunThere({"retry", "first-guess", "--class", "lost", "--class", "timeout"}), kExitDone);
  EXPECT_THAT(service_.calls(), ElementsAre("RetryFailed first-guess LOST TIMEOUT"));
}

TEST_F(ServiceCommandsTest, WorkersSayWhyTheyCannotWork) {
  EXPECT_EQ(RunThere({"workers"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("node3   cpu     cannot work"));
  EXPECT_THAT(out_.text, HasSubstr("no data set was found in /data"));
}

TEST_F(ServiceCommandsTest, DrainSaysHowManyWereTold) {
  EXPECT_EQ(RunThere({"drain", "node3"}), kExitDone);
  EXPECT_EQ(out_.text, "Told 1 worker to finish or hand back its work and leave.\n");
}

TEST_F(ServiceCommandsTest, QueryAnswersInEveryFormat) {
  EXPECT_EQ(RunThere({"query", "select 1"}), kExitDone);
  EXPECT_EQ(out_.Take(),
            "loss    max_guess\n"
            "loss 0       0.25\n"
            "0\n"
            "loss 1       0.25\n"
            "1\n"
            "(4 rows)\n");
  EXPECT_EQ(RunThere({"query", "select 1", "--format", "csv"}), kExitDone);
  EXPECT_EQ(out_.Take(), "loss,max_guess\nloss 0,0.25\n0,\nloss 1,0.25\n1,\n");
  EXPECT_EQ(RunThere({"query", "select 1", "--json"}), kExitDone);
  EXPECT_EQ(out_.Take(),
            "{\"loss\":\"loss 0\",\"max_guess\":0.25}\n{\"loss\":0,\"max_guess\":null}\n"
            "{\"loss\":\"loss 1\",\"max_guess\":0.25}\n{\"loss\":1,\"max_guess\":null}\n");
}

TEST_F(ServiceCommandsTest, AQueryThatIsWrongLeadsToTheSchema) {
  service_.FailWith({grpc::StatusCode::INVALID_ARGUMENT, "no such column: widht"});
  EXPECT_EQ(RunThere({"query", "select widht from trial"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("firstguess: no such column: widht"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("Did you mean 'width'?"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("firstguess schema"));
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(ServiceCommandsTest, AnswersInJsonAreOneDocument) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"show", "first-guess"},
                                             {"pause", "first-guess"},
                                             {"retry", "first-guess"},
                                             {"workers"},
                                             {"drain", "node3"},
                                             {"submit", WriteFile("sweep.yaml", kSpec)}}) {
    std::vector<std::string> with_json = arguments;
    with_json.push_back("--json");
    EXPECT_EQ(RunThere(with_json), kExitDone);
    const std::string text = out_.Take();
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
    EXPECT_EQ(text.find('\n'), text.size() - 1) << arguments[0];
  }
}

TEST_F(ServiceCommandsTest, WatchEndsWithTheSweep) {
  service_.SetStatuses({Status("running", 57), Status("done", 180)});
  EXPECT_EQ(RunThere({"watch", "first-guess"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("first-guess: 180/180 trials, 100 %\n"));
  EXPECT_THAT(out_.text, EndsWith("\n180 of 180 trials done.\n"));
}

TEST_F(ServiceCommandsTest, WatchEndsWithFiveIfTrialsFailedOrWereCancelled) {
  service_.SetStatuses({Status("done", 178, 2)});
  EXPECT_EQ(RunThere({"watch", "first-guess"}), kExitTrialsFailed);
  service_.SetStatuses({Status("cancelled", 178)});
  EXPECT_EQ(RunThere({"watch", "first-guess"}), kExitTrialsFailed);
}

TEST_F(ServiceCommandsTest, WatchEndsWithAReasonWhenThereIsNoSuchSweep) {
  service_.SetStatuses({});
  service_.FailWith({grpc::StatusCode::NOT_FOUND, "there is no sweep named frist-guess"});
  EXPECT_EQ(RunThere({"watch", "frist-guess"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("there is no sweep named frist-guess"));
}

TEST_F(ServiceCommandsTest, WatchTellsOfWorkersAndFailuresByClass) {
  service_.SetStatuses({Status("done", 177, 3)});
  EXPECT_EQ(RunThere({"watch", "first-guess"}), kExitTrialsFailed);
  EXPECT_EQ(out_.Take(),
            "first-guess: 180/180 trials, 100 %, 3 failed\n"
            "workers: 1 cannot work\n"
            "failed: 3 crash\n"
            "177 of 180 trials done, 3 failed.\n");
  EXPECT_EQ(RunThere({"watch", "first-guess", "--json"}), kExitTrialsFailed);
  const auto event = nlohmann::json::parse(out_.text);
  EXPECT_EQ(event["workers"]["cannot work"], 1);
  EXPECT_EQ(event["failures"]["crash"], 3);
}

TEST_F(ServiceCommandsTest, WatchWithoutANameFollowsWhatIsOpen) {
  service_.SetStatuses({Status("done", 180)});
  EXPECT_EQ(RunThere({"watch"}), kExitDone);
  EXPECT_THAT(out_.Take(), HasSubstr("No sweep is running or paused."));

  service_.SetStatuses({Status("running", 57)});
  int exit_code = -1;
  std::thread watching([&] { exit_code = RunThere({"watch"}); });
  const auto asked = [&] {
    const std::vector<std::string> calls = service_.calls();
    return std::count(calls.begin(), calls.end(), "List");
  };
  while (asked() < 2) absl::SleepFor(absl::Milliseconds(5));
  service_.SetStatuses({Status("done", 178, 2)});
  watching.join();
  EXPECT_EQ(exit_code, kExitTrialsFailed);
  EXPECT_THAT(out_.text, HasSubstr("first-guess: 57/180 trials"));
  EXPECT_THAT(out_.text, HasSubstr("first-guess: 178 of 180 trials done, 2 failed.\n"));
}

TEST_F(ServiceCommandsTest, TheEndIsToldToACommandAndChangesNoExitCode) {
  service_.SetStatuses({Status("done", 178, 2)});
  const std::string told = Path("told");
  EXPECT_EQ(RunThere({"watch", "first-guess", "--on-finish",
                      absl::StrCat("echo $FIRSTGUESS_SWEEP $FIRSTGUESS_STATE $FIRSTGUESS_FAILED > ",
                                   told)}),
            kExitTrialsFailed);
  std::string text;
  std::getline(std::ifstream(told), text);
  EXPECT_EQ(text, "first-guess done 2");
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(ServiceCommandsTest, AWebhookThatIsNoUrlIsRefusedBeforeAnythingBegins) {
  EXPECT_EQ(RunThere({"watch", "first-guess", "--webhook", "example.org"}), kExitInput);
  EXPECT_EQ(Run({"run", WriteFile("sweep.yaml", kSpec), "--webhook", "ftp://x"}), kExitInput);
  EXPECT_THAT(LastErrorLine(), HasSubstr("For instance --webhook http"));
  EXPECT_THAT(service_.calls(), IsEmpty());
}

TEST_F(ServiceCommandsTest, WatchSurvivesARestartOfTheCoordinator) {
  int exit_code = -1;
  std::thread watching([&] { exit_code = RunThere({"watch", "first-guess", "--json"}); });
  // Each stream ends after one message. When the second is opened, the first was read to its end.
  const auto streams = [&] {
    const std::vector<std::string> calls = service_.calls();
    return std::count(calls.begin(), calls.end(), "Watch");
  };
  while (streams() < 2) absl::SleepFor(absl::Milliseconds(5));
  Stop();
  service_.SetStatuses({Status("done", 180)});
  server_ = service_.Serve(address_);
  watching.join();
  EXPECT_EQ(exit_code, kExitDone);
  EXPECT_THAT(err_.text, IsEmpty());
  EXPECT_GE(streams(), 3);
}

}  // namespace
}  // namespace firstguess
