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
  bool interrupted = false;        // a signal, or nobody reads the output any more
  std::optional<Failure> failure;  // the run can't go on
};

// Shows the sweep's progress and looks after the workers until the sweep has ended, a signal
// arrives, or it is clear that no worker will ever train it. `numbers` are those of the submission.
RunEnd FollowRun(EmbeddedCluster* cluster, SweepNumbers numbers, const std::string& worker_log,
                 Progress* progress, Interrupt* interrupt, Context* context);

// Why none of the workers can work, or nothing if one can or may yet. `expected` is how many were
// started.
std::optional<std::string> NoneCanWork(const v1::ListWorkersResponse& workers, int expected);

}  // namespace firstguess
