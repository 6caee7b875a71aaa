#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// deploy/slurm/worker.sbatch, as this program was built with. Static.
absl::string_view WorkerTemplate();

}  // namespace firstguess
