#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"

namespace firstguess {

// Packs that wait for a worker of the kind that is launched, and how many such workers train.
struct WaitingWork {
  int64_t packs = 0;
  int64_t busy = 0;
};

struct JobCounts {
  int64_t pending = 0;
  int64_t running = 0;  // and whatever else holds a node
};

struct LaunchLimits {
  int64_t jobs = 1;           // at a time
  int64_t pending = 1;        // of them, at a time
  int64_t packs_per_job = 4;  // a job is worth its start from so many waiting packs on
};

// How many jobs to ask for now: those that train are needed, and others for what waits. A job that
// has nothing to do ends by itself, so none is ever cancelled.
int64_t JobsToSubmit(const WaitingWork& work, const JobCounts& jobs, const LaunchLimits& limits);

// Looks out for jobs that end without having worked, as they do on a broken node, with a wrong
// path, or for a sweep that needs what they have not: asking for the next ones at once would never
// end. Thread-compatible.
class FruitlessJobs {
 public:
  // What is there now: the jobs by id, and those of them whose worker has had a lease.
  void Look(const std::set<std::string>& jobs, const std::set<std::string>& worked,
            absl::Duration now);

  // Nothing is to be asked for before: after the third in a row, a minute later, then doubled, up
  // to half an hour.
  absl::Duration wait_until() const { return wait_until_; }
  // Jobs in a row that ended without having worked.
  int64_t in_a_row() const { return in_a_row_; }

 private:
  std::map<std::string, bool> seen_;  // true: it has worked
  int64_t in_a_row_ = 0;
  absl::Duration wait_until_ = -absl::InfiniteDuration();
};

}  // namespace firstguess
