// 'workers launch slurm', against a coordinator and commands of Slurm that answer as the test says.

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/fake_sweep_service.h"
#include "tests/tools/slurm/fake_slurm.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// 180 cells in 18 packs.
constexpr char kPacked[] = R"(name: packed
dataset: fashion-mnist
train: {steps: 5}
pack: {max_trials: 10}
grid: {seed: {range: [0, 179]}}
)";

class WorkersLaunchTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    address_ = absl::StrCat("unix:", Path("socket"));
    server_ = service_.Serve(address_);
    ASSERT_NE(server_, nullptr);
    service_.SetSpec(kPacked);
    service_.SetWorkers({});
    SetPending(123);
  }

  void SetPending(int64_t pending) {
    v1::SweepStatus status;
    status.set_name("packed");
    status.set_state("running");
    status.set_revision(1);
    status.set_cells(180);
    status.set_pending(pending);
    service_.SetStatuses({status});
  }

  int Launch(const std::vector<std::string>& flags) {
    std::vector<std::string> words = {"workers", "launch",    "slurm",     "--coordinator",
                                      address_,  "--log-dir", Path("logs")};
    words.insert(words.end(), flags.begin(), flags.end());
    return Run(words);
  }
  nlohmann::json LaunchJson(std::vector<std::string> flags) {
    flags.push_back("--json");
    EXPECT_EQ(Launch(flags), kExitDone) << err_.text;
    return nlohmann::json::parse(out_.Take());
  }
  static v1::WorkerStatus Worker(const std::string& job, int64_t leases) {
    v1::WorkerStatus worker;
    worker.set_name("node");
    worker.set_job(job);
    worker.set_state("connected");
    worker.set_leases(leases);
    return worker;
  }
  std::string Kept() const {
    std::stringstream text;
    text << std::ifstream(Path("logs") + "/firstguess.sbatch").rdbuf();
    return text.str();
  }

  std::string address_;
  FakeSweepService service_;
  std::unique_ptr<grpc::Server> server_;
  FakeSlurm slurm_;
};

TEST_F(WorkersLaunchTest, ADryRunPrintsTheScriptAndNeedsNobody) {
  slurm_.Remove();
  context_.program_folder = "/opt/firstguess/bin";
  EXPECT_EQ(Run({"workers", "launch", "slurm", "--coordinator", "127.0.0.1:1", "--partition", "gpu",
                 "--gpus", "1", "--time", "4:00:00", "--max", "64", "--log-dir", "/shared/logs",
                 "--dry-run", "--", "--data-dir", "/shared/data"}),
            kExitDone);
  EXPECT_THAT(out_.text, StartsWith("#!/bin/bash\n"));
  for (const char* line :
       {"#SBATCH --partition=gpu\n", "#SBATCH --gres=gpu:1\n", "#SBATCH --time=4:00:00\n",
        "exec /opt/firstguess/bin/firstguess-worker \\\n", "  --device cuda \\\n",
        "  --data-dir /shared/data \\\n"}) {
    EXPECT_THAT(out_.text, HasSubstr(line));
  }
  EXPECT_THAT(err_.text, StartsWith("Only jobs on this machine will reach the coordinator at "));
  EXPECT_THAT(err_.text,
              EndsWith("sbatch --parsable '--array=0-63' /shared/logs/firstguess.sbatch\n"));
}

TEST_F(WorkersLaunchTest, ItAsksForAsManyJobsAsTheOpenWorkCanUse) {
  const nlohmann::json answer = LaunchJson({"--max", "64"});
  EXPECT_EQ(answer["waiting_packs"], 13);  // 123 cells, ten a pack
  EXPECT_EQ(answer["submitted_jobs"], 4);  // four packs a job
  EXPECT_EQ(answer["submitted"], nlohmann::json({"1_[0-3]"}));
  const std::string script = Path("logs") + "/firstguess.sbatch";
  EXPECT_THAT(slurm_.Calls(), Contains("sbatch --parsable --array=0-3 " + script));
  EXPECT_THAT(Kept(), HasSubstr("--coordinator " + address_));
}

TEST_F(WorkersLaunchTest, JobsThatAreThereAreNotAskedForAgain) {
  slurm_.SetQueue("7_0 RUNNING\n7_1 RUNNING\n8 PENDING\n");
  service_.SetWorkers({Worker("7_0", 2), Worker("7_1", 0), Worker("99", 5)});
  const nlohmann::json answer = LaunchJson({"--max", "64"});
  EXPECT_EQ(answer["running_jobs"], 2);
  EXPECT_EQ(answer["pending_jobs"], 1);
  EXPECT_EQ(answer["busy_workers"], 1);
  EXPECT_EQ(answer["submitted_jobs"], 2);  // one trains, four for what waits: five in all
}

TEST_F(WorkersLaunchTest, WithoutOpenWorkNothingIsSubmittedAndItSaysWhatToDo) {
  SetPending(0);
  EXPECT_EQ(Launch({"--max", "64"}), kExitDone);
  EXPECT_THAT(out_.text, StartsWith("Nothing submitted: 0 packs waiting"));
  EXPECT_THAT(out_.text, EndsWith("Submit a sweep first, or let --supervise wait for one.\n"));
  EXPECT_THAT(slurm_.Calls(), Not(Contains(StartsWith("sbatch"))));
}

TEST_F(WorkersLaunchTest, ASweepThatNeedsWhatTheWorkersHaveNotIsNoWorkForThem) {
  service_.SetSpec(absl::StrCat(kPacked, "requires: {device: cuda, labels: [large]}\n"));
  EXPECT_EQ(LaunchJson({"--max", "64"})["waiting_packs"], 0);
  EXPECT_EQ(LaunchJson({"--max", "64", "--gpus", "1"})["waiting_packs"], 0);
  EXPECT_EQ(LaunchJson({"--max", "64", "--gpus", "1", "--labels", "x,large"})["waiting_packs"], 13);
}

TEST_F(WorkersLaunchTest, ASitesOwnTemplateIsFilledIn) {
  const std::string mine =
      WriteFile("mine.sbatch", "#!/bin/sh\n#SBATCH --time={{time}}\nrun {{worker}}\n");
  EXPECT_EQ(Launch({"--template", mine, "--time", "60", "--worker", "/w/worker", "--dry-run"}),
            kExitDone);
  EXPECT_EQ(out_.Take(), "#!/bin/sh\n#SBATCH --time=60\nrun /w/worker\n");
  const std::string wrong = WriteFile("wrong.sbatch", "#SBATCH --time={{tiem}}\n");
  EXPECT_EQ(Launch({"--template", wrong, "--dry-run"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("there is no {{tiem}}"));
  EXPECT_EQ(Launch({"--template", Path("none"), "--dry-run"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("can't be read"));
}

TEST_F(WorkersLaunchTest, WorkersHaveAnIdentityOfTheirOwnAndNotThatOfWhoeverLaunches) {
  const auto dry_run = [this](std::vector<std::string> flags) {
    std::vector<std::string> words = {"workers", "launch", "slurm", "--dry-run", "--coordinator"};
    words.insert(words.end(), flags.begin(), flags.end());
    return Run(words);
  };
  EXPECT_EQ(dry_run({"head:7171", "--tls", "/home/alice"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("--worker-tls"));
  EXPECT_EQ(dry_run({"127.0.0.1:7171", "--token-file", "alice.token"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("--worker-token-file"));
  EXPECT_EQ(dry_run({"head:7171", "--tls", "/home/alice", "--worker-tls", "/home/worker/",
                     "--token-file", "/alice.token"}),
            kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("  --tls /home/worker \\\n"));
  EXPECT_THAT(out_.Take(), Not(HasSubstr("alice")));
  EXPECT_EQ(dry_run({"head:7171", "--insecure-network"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("  --insecure-network \\\n"));
}

TEST_F(WorkersLaunchTest, SeveralGpusForOneWorkerAreRefused) {
  EXPECT_EQ(Launch({"--gpus", "4", "--dry-run"}), kExitInput);
  EXPECT_THAT(LastErrorLine(), HasSubstr("--gpus 1"));
  EXPECT_EQ(Launch({"--gpus", "a100:1", "--dry-run"}), kExitDone);
}

TEST_F(WorkersLaunchTest, WhatSlurmRefusesIsSaidWithWhatToDo) {
  slurm_.RefuseAfter(0, "sbatch: error: invalid partition specified: gup\n");
  EXPECT_EQ(Launch({"--partition", "gup"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("invalid partition specified: gup"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("sinfo --summarize"));
  slurm_.RefuseAfter(0, "sbatch: error: QOSMaxWallDurationPerJobLimit\n");
  EXPECT_EQ(Launch({"--time", "99-0"}), kExitRefused);
  EXPECT_THAT(LastErrorLine(), HasSubstr("sacctmgr show qos"));
}

TEST_F(WorkersLaunchTest, AMachineWithoutSlurmIsSaidToBeOne) {
  slurm_.Remove();
  EXPECT_EQ(Launch({}), kExitFailed);
  EXPECT_THAT(err_.text, HasSubstr("no scontrol on this machine"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("login node"));
}

TEST_F(WorkersLaunchTest, WorkersThatCannotWorkAndAShortKillWaitAreNoted) {
  slurm_.SetQueue("7 RUNNING\n");
  slurm_.SetConfig("KillWait = 5 sec\nMaxArraySize = 1001\n");
  v1::WorkerStatus worker = Worker("7", 0);
  worker.set_state("cannot work");
  worker.set_reason("no NVIDIA driver");
  service_.SetWorkers({worker});
  EXPECT_EQ(Launch({}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("1 worker can't work: no NVIDIA driver\n"));
  EXPECT_THAT(out_.text, HasSubstr("a preempted job 5 s (KillWait)"));
}

TEST_F(WorkersLaunchTest, SupervisedItAsksAgainWhenMoreIsOpenUntilItIsInterrupted) {
  SetPending(0);
  std::thread person([this] {
    const auto await = [this](const std::string& call, int count) {
      for (int looks = 0; looks < 12'000; ++looks) {
        int seen = 0;
        for (const std::string& one : slurm_.Calls()) seen += absl::StartsWith(one, call) ? 1 : 0;
        if (seen >= count) return;
        absl::SleepFor(absl::Milliseconds(5));
      }
      ADD_FAILURE() << "no " << call;
    };
    await("squeue", 1);
    SetPending(30);
    await("sbatch", 1);
    SetPending(60);
    await("sbatch", 2);
    ::kill(::getpid(), SIGTERM);
  });
  EXPECT_EQ(Launch({"--max", "9", "--supervise", "--interval", "1"}), kExitInterrupted);
  person.join();
  EXPECT_THAT(out_.text, HasSubstr("Submitted 1 job (1). 3 packs waiting"));
  EXPECT_THAT(out_.text, HasSubstr("Submitted 1 job (2). 6 packs waiting"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("scancel --name firstguess --user $USER"));
}

}  // namespace
}  // namespace firstguess
