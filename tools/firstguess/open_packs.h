#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/spec/sweep.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/slurm/wanted_jobs.h"

namespace firstguess {

// Asks a coordinator what the workers of some batch jobs have to do. Thread-compatible.
class OpenPacks {
 public:
  // What those workers can do for sweeps that require something.
  struct Offer {
    std::string device = {};  // "cpu" or "cuda"
    std::vector<std::string> labels = {};
  };
  struct View {
    WaitingWork work;
    std::set<std::string> worked;           // of the jobs, those that have had a lease
    std::map<std::string, int64_t> unable;  // why some can't work -> how many
  };

  // `client` outlives it.
  OpenPacks(const SweepClient* client, Offer offer) : client_(client), offer_(std::move(offer)) {}

  // `jobs`: by id, as workers name theirs. Blocks; the coordinator's error.
  absl::StatusOr<View> Look(const std::set<std::string>& jobs);

 private:
  struct Plan {
    double cells_per_pack = 1;
    Requirements needs;
  };

  absl::StatusOr<Plan> PlanOf(const v1::SweepStatus& sweep);
  bool Suits(const Requirements& needs) const;

  const SweepClient* const client_;
  const Offer offer_;
  std::map<std::pair<std::string, int64_t>, Plan> plans_;  // by sweep and revision
};

}  // namespace firstguess
