#pragma once

#include <cstdint>
#include <vector>

namespace firstguess {

// What a report draws of one trial. S snapshots, C classes; NaN: not measured.
struct TrajectoryData {
  std::vector<int64_t> steps;                  // S, increasing
  std::vector<double> accuracy;                // S
  std::vector<int64_t> support;                // C, probe examples
  std::vector<int64_t> rank;                   // C, 0 = favoured at step 0
  std::vector<std::vector<double>> mean_prob;  // C x S
  std::vector<std::vector<int64_t>> correct;   // C x S, probe examples
};

}  // namespace firstguess
