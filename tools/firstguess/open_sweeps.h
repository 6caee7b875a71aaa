#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// Follows every sweep that is not over when it is first seen, to its end. Thread-compatible.
class OpenSweeps {
 public:
  // `client` outlives it.
  explicit OpenSweeps(const SweepClient* client) : client_(client) {}

  // Asks once; may block for two seconds. Sweeps that are new and open are followed from now on.
  absl::Status Look();

  // As they were seen last, in the order of their submission.
  const std::vector<SweepNumbers>& sweeps() const { return sweeps_; }
  bool all_ended() const;

 private:
  const SweepClient* const client_;
  std::set<std::string> followed_;
  std::vector<SweepNumbers> sweeps_;
};

}  // namespace firstguess
