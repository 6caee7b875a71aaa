#include "coordinator/store/schema.h"

namespace firstguess {

// Models, data and measured groups that came later, and the failure init_condition. A CHECK can't
// be altered, only its text; that is safe where the new one holds for all that the old one allowed
// (https://www.sqlite.org/lang_altertable.html, section 7).
const absl::string_view kSchemaVersion4 = R"sql(
ALTER TABLE trial ADD COLUMN norm TEXT DEFAULT 'none'
  /* normalisation of each hidden layer */;
ALTER TABLE trial ADD COLUMN norm_position TEXT
  /* before or after the activation */;
ALTER TABLE trial ADD COLUMN norm_statistics TEXT
  /* what batch_norm takes on the probe set: batch or running moments */;
ALTER TABLE trial ADD COLUMN pool TEXT
  /* pooling of a cnn */;
ALTER TABLE trial ADD COLUMN stem TEXT
  /* first layers of a resnet */;
ALTER TABLE trial ADD COLUMN init_max_guess_min REAL DEFAULT 0
  /* the initial weights were drawn again until max_guess at step 0 was at least this */;
ALTER TABLE trial ADD COLUMN init_max_guess_max REAL DEFAULT 1
  /* and at most this */;
ALTER TABLE trial ADD COLUMN init_tries INTEGER
  /* draws after which it fails */;
ALTER TABLE trial ADD COLUMN logit_bias REAL DEFAULT 0
  /* added to the label's logit in training */;
ALTER TABLE trial ADD COLUMN noise_matrix TEXT
  /* class>other:share, what replaces the labels of a class */;
ALTER TABLE trial ADD COLUMN class_subset TEXT DEFAULT ''
  /* the classes that were used, numbered anew from 0; empty: all */;
ALTER TABLE trial ADD COLUMN input_shift REAL DEFAULT 0
  /* added to every normalised input */;
ALTER TABLE trial ADD COLUMN data_classes INTEGER
  /* classes of generated data, or of your own */;
ALTER TABLE trial ADD COLUMN data_dimension INTEGER
  /* inputs of generated data */;
ALTER TABLE trial ADD COLUMN data_separation REAL
  /* distance of a blob's centre from 0 */;
ALTER TABLE trial ADD COLUMN data_train_per_class INTEGER
  /* training examples of each class of generated data */;
ALTER TABLE trial ADD COLUMN data_test_per_class INTEGER
  /* test examples of each class of generated data */;
ALTER TABLE trial ADD COLUMN groups TEXT DEFAULT ''
  /* what else was measured */;
ALTER TABLE trial ADD COLUMN confusion_steps TEXT
  /* steps of the snapshots with a confusion matrix; empty: the first and the last */;
ALTER TABLE trial ADD COLUMN sharpness_iterations INTEGER
  /* of the power iteration for the largest eigenvalue of the Hessian */;
ALTER TABLE trial ADD COLUMN init_try INTEGER
  /* the draw of the initial weights that was taken, from 1; NULL: without a condition */;

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, '''preempted'', ''invalid'')', '''preempted'', ''invalid'', ''init_condition'')')
WHERE type = 'table' AND name = 'trial';
UPDATE sqlite_schema
SET sql = replace(sql, '''invalid'')', '''invalid'', ''init_condition'')')
WHERE type = 'table' AND name = 'attempt';
PRAGMA writable_schema = RESET;
)sql";

}  // namespace firstguess
