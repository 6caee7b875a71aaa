#include "tools/firstguess/slurm/batch_script.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "tools/firstguess/slurm/worker_template.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::Not;

WorkerJob SmallJob() {
  return {.log_dir = "/shared/logs",
          .worker = "/opt/firstguess/firstguess-worker",
          .coordinator = "head:7171"};
}

// Each reviewed script: scripts/NAME.sbatch.
void ExpectReviewed(const std::string& name, const WorkerJob& job) {
  const std::string path = FIRSTGUESS_SLURM_FOLDER "/scripts/" + name;
  std::stringstream expected;
  expected << std::ifstream(path).rdbuf();
  const absl::StatusOr<std::string> script = BatchScript(WorkerTemplate(), job);
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(*script, expected.str()) << "reviewed script: " << path;
}

TEST(BatchScript, WithLittleSaidTheSiteDecides) { ExpectReviewed("little.sbatch", SmallJob()); }

TEST(BatchScript, EverythingSaidIsInIt) {
  WorkerJob job = SmallJob();
  job.name = "guess";
  job.partition = "gpu,gpu-long";
  job.account = "physics";
  job.qos = "normal";
  job.time = "4:00:00";
  job.mem = "16G";
  job.cpus = 4;
  job.gpus = "a100:1";
  job.tls = "/shared/worker";
  job.token_file = "/shared/worker.token";
  job.insecure_network = true;
  job.labels = "large,quick";
  job.notice_seconds = 300;
  job.idle_seconds = 60;
  job.arguments = {"--data-dir", "/shared/my data", "--log-level", "debug"};
  ExpectReviewed("everything.sbatch", job);
}

TEST(BatchScript, ALineWithoutItsValueIsLeftOut) {
  const auto script = BatchScript("a {{partition}}\nb {{name}} {{qos}}\nc\n", SmallJob());
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(*script, "c\n");
}

TEST(BatchScript, ShellLinesHaveQuotedWords) {
  WorkerJob job = SmallJob();
  job.worker = "/home/o'brien/$(reboot)/worker";
  job.arguments = {"two words", "plain"};
  const auto script = BatchScript("exec {{worker}} {{arguments}}", job);
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(*script, "exec '/home/o'\\''brien/$(reboot)/worker' 'two words' plain\n");
}

TEST(BatchScript, WhatCannotStandInAnSbatchLineIsRefusedByName) {
  for (const std::string bad : {"two words", "a\n#SBATCH --exclusive", "$HOME", "a%j", "'a'"}) {
    WorkerJob job = SmallJob();
    job.partition = bad;
    const auto script = BatchScript(WorkerTemplate(), job);
    EXPECT_EQ(script.status().code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(script.status().message()), HasSubstr("partition is '")) << bad;
  }
}

TEST(BatchScript, APlaceholderThatIsNoneIsNamedWithThoseThereAre) {
  const auto script = BatchScript("#SBATCH --mem={{memory}}\n", SmallJob());
  EXPECT_EQ(script.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(script.status().message()),
              AllOf(HasSubstr("no {{memory}}"), HasSubstr("{{mem}}")));
}

TEST(BatchScript, BracesThatAreNoPlaceholderStay) {
  const auto script = BatchScript("echo ${SLURM_JOB_ID} {{ \n", SmallJob());
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(*script, "echo ${SLURM_JOB_ID} {{ \n");
}

}  // namespace
}  // namespace firstguess
