#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/trajectory.h"

namespace firstguess::trainer {

// All that the rest of a trial's training depends on, after `step` updates. Batches, probe set and
// noise are not here: their streams are functions of the trial and the step (worker/README.md).
// Tensors are float32, as bytes of this machine.
struct Checkpoint {
  int64_t step = 0;
  int64_t draw = 1;       // of the initial weights (init_condition.h)
  int64_t bad_step = -1;  // first update with a loss that was not finite; -1: none yet
  // The snapshots up to `step`; train_seconds and probe_seconds are those so far.
  Trajectory trajectory;
  std::string parameters;              // all, one after another
  std::string moments;                 // running ones of batch normalisation, likewise
  std::vector<std::string> optimizer;  // what it keeps: each as `parameters`
};

}  // namespace firstguess::trainer
