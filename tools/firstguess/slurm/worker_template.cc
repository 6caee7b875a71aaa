#include "tools/firstguess/slurm/worker_template.h"

#include "common/page/embed.h"

// CMakeLists.txt names the file.
FIRSTGUESS_EMBED(firstguess_worker_sbatch, FIRSTGUESS_WORKER_SBATCH);

namespace firstguess {

absl::string_view WorkerTemplate() { return FIRSTGUESS_EMBEDDED(firstguess_worker_sbatch); }

}  // namespace firstguess
