#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// What somebody who watches is shown at one moment.
struct Watched {
  // What a coordinator is asked for beside the sweeps.
  struct Around {
    std::map<std::string, int64_t> workers;   // by their state
    std::map<std::string, int64_t> failures;  // failed trials of the sweeps, by failure class

    bool operator==(const Around&) const = default;
  };

  std::vector<SweepNumbers> sweeps;
  std::optional<Around> around;  // nothing: nobody was asked
};

// "first-guess: 57/180 trials, 31 %, 1.4/s, ETA 1 min 28 s, 2 in training".
std::string ProgressLine(const SweepNumbers& numbers);

// "workers: 3 connected, 1 lost" and "failed: 2 crash, 1 timeout"; no line about nothing.
std::vector<std::string> AroundLines(const Watched::Around& around);

}  // namespace firstguess
