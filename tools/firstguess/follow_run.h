#pragma once

#include <optional>
#include <string>

#include "tools/firstguess/embedded_cluster.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/progress.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

struct RunEnd {
  SweepNumbers numbers;            // the last ones
  bool interrupted = false;        // by a signal, or because nobody reads the output any more
  std::optional<Failure> failure;  // why the run can't go on
};

struct FollowOptions {
  std::string database;
  std::string worker_log;
  std::string data_folder;  // where the workers look for data sets first; empty: nowhere
};

// Shows the sweep's progress and looks after the workers until the sweep has ended, a signal
// arrives, or it is clear that nothing more will be trained. `numbers` are those of the submission.
RunEnd FollowRun(EmbeddedCluster* cluster, SweepNumbers numbers, const FollowOptions& options,
                 Progress* progress, Interrupt* interrupt, Context* context);

}  // namespace firstguess
