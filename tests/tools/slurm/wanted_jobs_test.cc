#include "tools/firstguess/slurm/wanted_jobs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr LaunchLimits kLimits = {.jobs = 64, .pending = 10, .packs_per_job = 4};

TEST(WantedJobs, NothingIsAskedForWithoutOpenWork) {
  EXPECT_EQ(JobsToSubmit({.packs = 0, .busy = 0}, {}, kLimits), 0);
  EXPECT_EQ(JobsToSubmit({.packs = 0, .busy = 3}, {.pending = 0, .running = 3}, kLimits), 0);
}

TEST(WantedJobs, AJobForSoManyWaitingPacks) {
  EXPECT_EQ(JobsToSubmit({.packs = 1, .busy = 0}, {}, kLimits), 1);
  EXPECT_EQ(JobsToSubmit({.packs = 4, .busy = 0}, {}, kLimits), 1);
  EXPECT_EQ(JobsToSubmit({.packs = 5, .busy = 0}, {}, kLimits), 2);
}

TEST(WantedJobs, JobsThatTrainAreNeededBesideThoseForWhatWaits) {
  EXPECT_EQ(JobsToSubmit({.packs = 8, .busy = 3}, {.pending = 0, .running = 3}, kLimits), 2);
}

TEST(WantedJobs, JobsThatWaitOrHaveNothingYetCountForWhatWaits) {
  EXPECT_EQ(JobsToSubmit({.packs = 8, .busy = 0}, {.pending = 1, .running = 1}, kLimits), 0);
  EXPECT_EQ(JobsToSubmit({.packs = 12, .busy = 0}, {.pending = 1, .running = 1}, kLimits), 1);
}

TEST(WantedJobs, NeverMoreThanAllowedAtATime) {
  const LaunchLimits limits = {.jobs = 6, .pending = 6, .packs_per_job = 1};
  EXPECT_EQ(JobsToSubmit({.packs = 1000, .busy = 0}, {}, limits), 6);
  EXPECT_EQ(JobsToSubmit({.packs = 1000, .busy = 4}, {.pending = 1, .running = 4}, limits), 1);
  EXPECT_EQ(JobsToSubmit({.packs = 1000, .busy = 9}, {.pending = 0, .running = 9}, limits), 0);
}

TEST(WantedJobs, TheQueueIsNotFilledBeyondItsLimit) {
  EXPECT_EQ(JobsToSubmit({.packs = 1000, .busy = 0}, {}, kLimits), 10);
  EXPECT_EQ(JobsToSubmit({.packs = 1000, .busy = 0}, {.pending = 7, .running = 0}, kLimits), 3);
  EXPECT_EQ(JobsToSubmit({.packs = 1000, .busy = 0}, {.pending = 12, .running = 0}, kLimits), 0);
}

TEST(FruitlessJobs, TwoInARowAreForgiven) {
  FruitlessJobs jobs;
  jobs.Look({"1", "2"}, {}, absl::Seconds(0));
  jobs.Look({}, {}, absl::Seconds(10));
  EXPECT_EQ(jobs.in_a_row(), 2);
  EXPECT_LE(jobs.wait_until(), absl::Seconds(10));
}

TEST(FruitlessJobs, FromTheThirdOnTheWaitDoublesUpToHalfAnHour) {
  FruitlessJobs jobs;
  absl::Duration now;
  std::vector<absl::Duration> waits;
  for (int job = 0; job < 10; ++job) {
    jobs.Look({absl::StrCat(job)}, {}, now);
    jobs.Look({}, {}, now);
    waits.push_back(jobs.wait_until() - now);
    now = std::max(now, jobs.wait_until());
  }
  using absl::Minutes;
  EXPECT_LE(waits[1], absl::ZeroDuration());
  EXPECT_THAT(std::vector<absl::Duration>(waits.begin() + 2, waits.end()),
              testing::ElementsAre(Minutes(1), Minutes(2), Minutes(4), Minutes(8), Minutes(16),
                                   Minutes(30), Minutes(30), Minutes(30)));
}

TEST(FruitlessJobs, TheWaitDoesNotGrowWhileNothingEnds) {
  FruitlessJobs jobs;
  jobs.Look({"1", "2", "3"}, {}, absl::Seconds(0));
  jobs.Look({}, {}, absl::Seconds(0));
  EXPECT_EQ(jobs.wait_until(), absl::Minutes(1));
  jobs.Look({"4"}, {}, absl::Seconds(30));
  jobs.Look({"4"}, {}, absl::Seconds(50));
  EXPECT_EQ(jobs.wait_until(), absl::Minutes(1));
}

TEST(FruitlessJobs, AJobThatWorksMakesUpForOthers) {
  FruitlessJobs jobs;
  jobs.Look({"1", "2", "3", "4"}, {"2"}, absl::Seconds(0));
  jobs.Look({"2"}, {}, absl::Seconds(10));
  EXPECT_EQ(jobs.in_a_row(), 0);
  // That it has worked is known when it ends, too.
  jobs.Look({}, {}, absl::Seconds(20));
  EXPECT_EQ(jobs.in_a_row(), 0);
  EXPECT_LE(jobs.wait_until(), absl::Seconds(20));
}

}  // namespace
}  // namespace firstguess
