#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/firstguess/slurm/wanted_jobs.h"

namespace firstguess {

// What a site's configuration says of jobs.
struct SlurmSite {
  int64_t longest_array = 0;                     // jobs in one array; 0: no arrays
  std::optional<absl::Duration> kill_wait = {};  // from SIGTERM to SIGKILL
};

// Jobs of one name that belong to this user, as the queue has them.
struct SlurmJobs {
  JobCounts counts;
  std::set<std::string> ids;  // "12", "13_4"
};

// Slurm's own commands, found on the PATH and run without a shell. Each call blocks until its
// command has ended, two minutes at most. Errors: NotFound when there is no such command here; else
// what it complained of. Thread-compatible.
class Slurm {
 public:
  absl::StatusOr<SlurmSite> Site() const;
  absl::StatusOr<SlurmJobs> Jobs(const std::string& name) const;

  // Submits `count` jobs of this script, in arrays if there are several and the site allows it, and
  // returns what was submitted: "12", "13_[0-3]". An error after the first submission returns what
  // there is, and the error in `stopped`.
  struct Submitted {
    std::vector<std::string> ids;
    int64_t jobs = 0;
    absl::Status stopped;
  };
  Submitted Submit(const std::string& script, int64_t count, const SlurmSite& site) const;
};

// The command with which `count` jobs of this script are submitted: at most one array.
std::vector<std::string> SubmitCommand(const std::string& script, int64_t count);

// Reads the output of 'scontrol show config'.
SlurmSite ParseSite(absl::string_view text);
// Reads the output of 'squeue' with one "id state" a line.
SlurmJobs ParseJobs(absl::string_view text);

}  // namespace firstguess
