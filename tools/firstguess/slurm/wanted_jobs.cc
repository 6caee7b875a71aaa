#include "tools/firstguess/slurm/wanted_jobs.h"

#include <algorithm>
#include <cmath>

namespace firstguess {
namespace {

constexpr int64_t kForgiven = 2;
constexpr absl::Duration kFirstWait = absl::Minutes(1);
constexpr absl::Duration kLongestWait = absl::Minutes(30);

}  // namespace

int64_t JobsToSubmit(const WaitingWork& work, const JobCounts& jobs, const LaunchLimits& limits) {
  const int64_t for_waiting = (work.packs + limits.packs_per_job - 1) / limits.packs_per_job;
  const int64_t wanted = std::min(limits.jobs, work.busy + for_waiting);
  const int64_t missing = wanted - jobs.running - jobs.pending;
  return std::max<int64_t>(0, std::min(missing, limits.pending - jobs.pending));
}

void FruitlessJobs::Look(const std::set<std::string>& jobs, const std::set<std::string>& worked,
                         absl::Duration now) {
  for (const std::string& job : jobs) seen_[job] = seen_[job] || worked.contains(job);
  bool one_works = false;
  int64_t ended = 0;
  for (const auto& [job, has_worked] : seen_) {
    one_works = one_works || has_worked;
    if (!has_worked && !jobs.contains(job)) ++ended;
  }
  std::erase_if(seen_, [&jobs](const auto& seen) { return !jobs.contains(seen.first); });
  in_a_row_ = one_works ? 0 : in_a_row_ + ended;
  if (in_a_row_ <= kForgiven) {
    wait_until_ = -absl::InfiniteDuration();
  } else if (ended > 0) {
    const auto doublings = static_cast<double>(in_a_row_ - kForgiven - 1);
    wait_until_ = now + std::min(kLongestWait, kFirstWait * std::exp2(doublings));
  }
}

}  // namespace firstguess
