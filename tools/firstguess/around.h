#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/watched.h"

namespace firstguess {

// Asks a coordinator, at most once a second, for what is around sweeps. Thread-compatible.
class AroundAsker {
 public:
  // Both outlive it.
  AroundAsker(const SweepClient* client, Clock* clock) : client_(client), clock_(clock) {}

  // The last answer; nothing until there is one. May block for two seconds.
  std::optional<Watched::Around> Look(const std::vector<SweepNumbers>& sweeps);

 private:
  using Failures = std::map<std::string, int64_t>;  // by class

  void AskForWorkers();
  const Failures& FailuresOf(const SweepNumbers& sweep);

  const SweepClient* const client_;
  Clock* const clock_;
  std::optional<absl::Duration> asked_at_;
  std::optional<Watched::Around> answer_;
  // By sweep: how many trials had failed, and how.
  std::map<std::string, std::pair<int64_t, Failures>> failures_;
};

}  // namespace firstguess
