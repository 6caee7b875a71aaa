#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/open_packs.h"
#include "tools/firstguess/slurm/slurm.h"

namespace firstguess {

// What an error of Slurm's commands means for the person who launches workers.
Failure SlurmFailure(const absl::Status& status);

// Asks Slurm for as many jobs with a worker as the coordinator's open work can use. What is
// remembered between rounds only makes it more careful. Thread-compatible.
class Launcher {
 public:
  struct Options {
    std::string job_name;  // its jobs are those of this user that have this name
    std::string script;    // path
    LaunchLimits limits;
    OpenPacks::Offer offer;
  };
  struct Round {
    WaitingWork work;
    JobCounts jobs;                      // before this round
    std::vector<std::string> submitted;  // "12", "13_[0-3]"
    int64_t submitted_jobs = 0;
    std::vector<std::string> notes;  // for people; the same from round to round while they last
  };

  // Both outlive it.
  Launcher(const SweepClient* client, Clock* clock, Options options)
      : client_(client),
        clock_(clock),
        options_(std::move(options)),
        open_packs_(client, options_.offer) {}

  // Looks at both, and submits what is missing. Blocks.
  std::variant<Round, Failure> Go();

 private:
  const SweepClient* const client_;
  Clock* const clock_;
  const Options options_;
  const Slurm slurm_ = {};
  OpenPacks open_packs_;
  std::optional<SlurmSite> site_;
  FruitlessJobs fruitless_;
};

}  // namespace firstguess
