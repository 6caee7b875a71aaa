// Against commands of Slurm's names that answer as the test says. The real ones: tests/processes.

#include "tools/firstguess/slurm/slurm.h"

#include <gmock/gmock.h>

#include "tests/tools/slurm/fake_slurm.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SlurmText, ASitesLimitsAreRead) {
  const SlurmSite site = ParseSite(
      "Configuration data as of 2026-01-01T00:00:00\n"
      "KillWait                = 30 sec\n"
      "MaxArraySize            = 1001\n"
      "MaxJobCount             = 10000\n");
  EXPECT_EQ(site.longest_array, 1001);
  EXPECT_EQ(site.kill_wait, absl::Seconds(30));
}

TEST(SlurmText, ArraysThatAreOffAreNone) {
  EXPECT_EQ(ParseSite("MaxArraySize = 0\n").longest_array, 0);
  EXPECT_EQ(ParseSite("MaxArraySize = 1\n").longest_array, 0);
  EXPECT_EQ(ParseSite("").longest_array, 0);
  EXPECT_EQ(ParseSite("").kill_wait, std::nullopt);
}

TEST(SlurmText, WhatHoldsANodeIsNotPending) {
  const SlurmJobs jobs = ParseJobs(
      "12 RUNNING\n13_0 PENDING\n13_1 PENDING\n14 COMPLETING\n15 CONFIGURING\n16 REQUEUED\n");
  EXPECT_EQ(jobs.counts.pending, 3);
  EXPECT_EQ(jobs.counts.running, 3);
  EXPECT_THAT(jobs.ids, ElementsAre("12", "13_0", "13_1", "14", "15", "16"));
}

TEST(SlurmText, AnEmptyQueueIsNoJobs) {
  EXPECT_TRUE(ParseJobs("").ids.empty());
  EXPECT_EQ(ParseJobs("\n").counts.pending, 0);
}

class SlurmTest : public testing::Test {
 protected:
  FakeSlurm fake_;
  Slurm slurm_;
};

TEST_F(SlurmTest, OneJobIsNoArray) {
  const Slurm::Submitted submitted = slurm_.Submit("/logs/w.sbatch", 1, {.longest_array = 1001});
  EXPECT_TRUE(submitted.stopped.ok()) << submitted.stopped;
  EXPECT_THAT(submitted.ids, ElementsAre("1"));
  EXPECT_THAT(fake_.Calls(), ElementsAre("sbatch --parsable /logs/w.sbatch"));
}

TEST_F(SlurmTest, SeveralJobsAreArraysNoLongerThanTheSiteAllows) {
  const Slurm::Submitted submitted = slurm_.Submit("w", 8, {.longest_array = 3});
  EXPECT_EQ(submitted.jobs, 8);
  EXPECT_THAT(submitted.ids, ElementsAre("1_[0-2]", "2_[0-2]", "3_[0-1]"));
  EXPECT_THAT(fake_.Calls(),
              ElementsAre("sbatch --parsable --array=0-2 w", "sbatch --parsable --array=0-2 w",
                          "sbatch --parsable --array=0-1 w"));
}

TEST_F(SlurmTest, WithoutArraysTheyAreSingleJobs) {
  EXPECT_THAT(slurm_.Submit("w", 3, {.longest_array = 0}).ids, ElementsAre("1", "2", "3"));
}

TEST_F(SlurmTest, ARefusalAfterSomeTellsBoth) {
  fake_.RefuseAfter(2, "sbatch: error: QOSMaxSubmitJobPerUserLimit");
  const Slurm::Submitted submitted = slurm_.Submit("w", 3, {.longest_array = 0});
  EXPECT_EQ(submitted.jobs, 2);
  EXPECT_THAT(std::string(submitted.stopped.message()), HasSubstr("QOSMaxSubmitJobPerUserLimit"));
}

TEST_F(SlurmTest, JobsAreThoseOfThisUserAndName) {
  fake_.SetQueue("5 RUNNING\n");
  const absl::StatusOr<SlurmJobs> jobs = slurm_.Jobs("guess");
  ASSERT_TRUE(jobs.ok()) << jobs.status();
  EXPECT_EQ(jobs->counts.running, 1);
  EXPECT_THAT(fake_.Calls(),
              ElementsAre("squeue --me --noheader --array --name guess --format %i %T"));
}

TEST_F(SlurmTest, AMachineWithoutSlurmIsNotFound) {
  fake_.Remove();
  EXPECT_EQ(slurm_.Site().status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(slurm_.Jobs("guess").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace firstguess
