#include "coordinator/store/schema.h"

namespace firstguess {

// What the groups of a trial measure. Trials without a group have no rows in its table.
const absl::string_view kSchemaVersion5 = R"sql(
CREATE TABLE class_logit (
  -- One class of a trial at one step: its logit over the probe set. Group logits.
  trial_id       INTEGER NOT NULL,  -- the trial
  step           INTEGER NOT NULL,  -- updates so far
  class          INTEGER NOT NULL,  -- from 0
  logit_mean     REAL,  -- mean of the class's logit over all examples
  logit_variance REAL,  -- its variance over all examples, divided by their number
  PRIMARY KEY (trial_id, step, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE confusion (
  -- One entry of a trial's confusion matrix at one step, on the probe set. Entries of 0 have no
  -- row. Group confusion.
  trial_id INTEGER NOT NULL,  -- the trial
  step     INTEGER NOT NULL,  -- updates so far
  label    INTEGER NOT NULL,  -- class that the examples are of
  guess    INTEGER NOT NULL,  -- class that they are guessed to be of
  count    INTEGER NOT NULL,  -- examples
  PRIMARY KEY (trial_id, step, label, guess)
) STRICT, WITHOUT ROWID;

CREATE TABLE layer_snapshot (
  -- One layer of a trial at one step, on the probe set. Group layers.
  trial_id         INTEGER NOT NULL,  -- the trial
  step             INTEGER NOT NULL,  -- updates so far
  layer            INTEGER NOT NULL,  -- from 0 at the input; the last is the read-out
  name             TEXT NOT NULL,  -- of the layer, as its parameters are named in PyTorch
  pre_mean         REAL,  -- mean of the pre-activations, over examples and units
  pre_variance     REAL,  -- their variance, over examples and units together
  correlation      REAL,  -- mean cosine between the activations of two different examples
  drift_ratio      REAL,  -- variance over units of the pre-activation's mean over examples, divided
                          -- by the mean over units of its variance over examples
  dead_fraction    REAL,  -- share of units whose activation is 0 on every example; NULL for
                          -- activations that have no zeros and for the read-out
  grad_norm        REAL,  -- of its parameters' gradient, on the batch of this update, before it
  weight_norm      REAL,  -- Euclidean norm of its weights
  distance_to_init REAL,  -- Euclidean distance of its weights from the initial ones
  cosine_to_init   REAL,  -- cosine between its weights and the initial ones
  PRIMARY KEY (trial_id, step, layer)
) STRICT, WITHOUT ROWID;

CREATE TABLE noise_snapshot (
  -- A trial at one step on a fixed set of training examples, with the labels that it trains on.
  -- NULL: no such examples, or a loss without w(p_y). Group noise.
  trial_id           INTEGER NOT NULL,  -- the trial
  step               INTEGER NOT NULL,  -- updates so far
  clean_examples     INTEGER NOT NULL,  -- examples with their true label
  corrupted_examples INTEGER NOT NULL,  -- examples with another label
  kept_clean         REAL,  -- share of the clean examples with w > 0
  kept_corrupted     REAL,  -- share of the corrupted examples with w > 0
  weight_clean       REAL,  -- mean w(p_y) of the clean examples
  weight_corrupted   REAL,  -- mean w(p_y) of the corrupted examples
  accuracy_given     REAL,  -- share of the corrupted examples guessed as they are labelled
  accuracy_true      REAL,  -- share of the corrupted examples guessed as they should be labelled
  PRIMARY KEY (trial_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE sharpness_snapshot (
  -- A trial at one step: the curvature of its loss on a fixed part of the probe set, by power
  -- iteration. Group sharpness.
  trial_id   INTEGER NOT NULL,  -- the trial
  step       INTEGER NOT NULL,  -- updates so far
  sharpness  REAL,  -- eigenvalue of the Hessian with the largest magnitude
  residual   REAL,  -- ||Hv - sharpness v|| / |sharpness| at the last iteration; NULL where it is 0
  iterations INTEGER NOT NULL,  -- products with the Hessian
  PRIMARY KEY (trial_id, step)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace firstguess
