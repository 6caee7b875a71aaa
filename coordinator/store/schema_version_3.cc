#include "coordinator/store/schema.h"

namespace firstguess {

// Fields of a trial that came after the first format. Trials of versions 1 and 2 had the defaults.
// SQLite keeps what stands between a column's name and the end of its statement: comments too, if
// they are closed.
const absl::string_view kSchemaVersion3 = R"sql(
ALTER TABLE trial ADD COLUMN readout_scale REAL DEFAULT 1
  /* multiplies the read-out weights' standard deviation once more */;
ALTER TABLE trial ADD COLUMN schedule TEXT DEFAULT 'constant'
  /* of the learning rate after the warm-up */;
ALTER TABLE trial ADD COLUMN warmup_steps INTEGER DEFAULT 0
  /* updates in which the learning rate rises first */;
ALTER TABLE trial ADD COLUMN schedule_every INTEGER
  /* updates after which schedule step multiplies the learning rate again */;
ALTER TABLE trial ADD COLUMN schedule_factor REAL
  /* what schedule step multiplies it by */;
ALTER TABLE trial ADD COLUMN max_grad_norm REAL DEFAULT 0
  /* gradients with a larger norm are scaled down to it; 0: none is */;
)sql";

}  // namespace firstguess
