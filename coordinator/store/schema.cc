#include "coordinator/store/schema.h"

namespace firstguess {

const absl::string_view kSchemaVersion1 = R"sql(
CREATE TABLE sweep (
  -- A named grid and how far it is. Times in all tables are Unix seconds, UTC. Counters are over
  -- the cells of the grid, kept in the transactions that change them. What is left over, cells -
  -- done - failed - cancelled - leased, is pending. Cells that no pack was opened for have no row
  -- in `cell` yet: they are pending, in a cancelled sweep cancelled.
  sweep_id    INTEGER PRIMARY KEY,  -- number of the sweep, in the order of submission
  name        TEXT NOT NULL UNIQUE,  -- name in the sweep file
  revision    INTEGER NOT NULL,  -- the latest
  state       TEXT NOT NULL  -- running, paused, cancelled or done
              CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
  priority    INTEGER NOT NULL,  -- the highest is trained first
  cells       INTEGER NOT NULL,  -- points of the grid
  done        INTEGER NOT NULL DEFAULT 0,  -- cells whose trial is trained, diverged ones included
  failed      INTEGER NOT NULL DEFAULT 0,  -- cells whose trial is given up
  cancelled   INTEGER NOT NULL DEFAULT 0,  -- cells that nobody wants any more
  leased      INTEGER NOT NULL DEFAULT 0,  -- cells whose trial a worker has
  diverged    INTEGER NOT NULL DEFAULT 0,  -- part of done
  created_at  REAL NOT NULL,  -- first submission
  finished_at REAL  -- done or cancelled
) STRICT;

CREATE TABLE sweep_revision (
  -- What was submitted under a sweep's name, from the first file to the latest.
  sweep_id     INTEGER NOT NULL REFERENCES sweep,  -- the sweep
  revision     INTEGER NOT NULL,  -- from 1
  spec         TEXT NOT NULL,  -- the sweep file as submitted
  canonical    TEXT NOT NULL,  -- what it says, as canonical JSON
  submitted_at REAL NOT NULL,  -- submission
  PRIMARY KEY (sweep_id, revision)
) STRICT;

CREATE TABLE pack (
  -- Trials of one shape, trained together: the unit of leasing. Its members are the trials with its
  -- pack_id.
  pack_id        INTEGER PRIMARY KEY,  -- number of the pack
  sweep_id       INTEGER NOT NULL REFERENCES sweep,  -- whose plan brought it
  revision       INTEGER NOT NULL,  -- of that sweep
  plan_index     INTEGER NOT NULL,  -- its place in the plan
  parent_pack_id INTEGER REFERENCES pack  -- the pack that it was split from
) STRICT;

CREATE TABLE trial (
  -- One distinct training configuration, whatever sweeps want it. The columns from dataset to
  -- spacing are the configuration by field. NULL there: without effect in this trial (momentum
  -- unless the optimizer uses it, noise_kind without label noise, loss_delay_steps with
  -- cross-entropy).
  trial_id         INTEGER PRIMARY KEY,  -- number of the trial in this database
  key              TEXT NOT NULL UNIQUE,  -- SHA-256 of config, hexadecimal
  status           TEXT NOT NULL  -- pending, leased, done, failed or cancelled
                   CHECK (status IN ('pending', 'leased', 'done', 'failed', 'cancelled')),
  dataset          TEXT,  -- what is trained and measured on
  model            TEXT,  -- kind of network
  width            INTEGER,  -- units of a hidden layer
  depth            INTEGER,  -- hidden layers
  activation       TEXT,  -- nonlinearity after each hidden layer
  init             TEXT,  -- rule for the initial weights' standard deviation
  init_scale       REAL,  -- multiplies the weights' standard deviation
  bias_scale       REAL,  -- standard deviation of the biases
  loss             TEXT,  -- name of the loss
  loss_params      TEXT,  -- JSON object: every parameter of the loss
  loss_delay_steps INTEGER,  -- updates with cross-entropy before the loss takes over
  optimizer        TEXT,  -- rule of the updates
  learning_rate    REAL,  -- factor of an update
  momentum         REAL,  -- share of the update before that is kept
  weight_decay     REAL,  -- times the weights, added to the gradient
  batch_size       INTEGER,  -- training examples of an update
  steps            INTEGER,  -- updates
  label_noise      REAL,  -- probability that a training label is replaced
  noise_kind       TEXT,  -- by which label it is replaced
  class_imbalance  REAL,  -- largest class over smallest
  seed             INTEGER,  -- of the initialisation
  data_seed        INTEGER,  -- of batches, probe set and label noise
  probe_size       INTEGER,  -- test examples that snapshots are measured on
  points           INTEGER,  -- snapshots after step 0
  spacing          TEXT,  -- how the snapshots' steps are spaced: log or linear
  config           TEXT NOT NULL,  -- all of it, as canonical JSON
  pack_id          INTEGER NOT NULL REFERENCES pack,  -- the pack that owns it
  slot             INTEGER NOT NULL,  -- its place in the pack
  attempts         INTEGER NOT NULL DEFAULT 0,  -- that were charged to it
  failure_class    TEXT  -- kind of failure, of a failed trial
                   CHECK (failure_class IN ('crash', 'timeout', 'out_of_memory', 'lost',
                                            'preempted', 'invalid')),
  failure_message  TEXT,  -- what went wrong, of a failed trial
  diverged_at_step INTEGER,  -- first step that was not finite; NULL: finite to the end
  worker           TEXT,  -- whose result it is
  device           TEXT,  -- that trained it
  pack_size        INTEGER,  -- networks trained together in its tile
  library          TEXT,  -- that computed it, with its version
  replanned        INTEGER NOT NULL DEFAULT 0 CHECK (replanned IN (0, 1)),  -- its pack was split
  started_at       REAL,  -- the latest attempt
  finished_at      REAL,  -- done, failed or cancelled
  train_seconds    REAL  -- time its training took
) STRICT;

CREATE TABLE cell (
  -- One point of a sweep's grid. Cells of several sweeps may be the same trial.
  sweep_id   INTEGER NOT NULL REFERENCES sweep,  -- whose grid
  revision   INTEGER NOT NULL,  -- that brought it
  cell       INTEGER NOT NULL,  -- raw position in that revision's grid
  trial_id   INTEGER NOT NULL REFERENCES trial,  -- what it is trained as
  dropped_in INTEGER,  -- revision that no longer has it; NULL: live
  PRIMARY KEY (sweep_id, revision, cell)
) STRICT;

CREATE TABLE lease (
  -- A worker's permission to train a pack.
  lease_id    INTEGER PRIMARY KEY,  -- number of the lease, never given again
  pack_id     INTEGER NOT NULL REFERENCES pack,  -- what may be trained
  worker      TEXT NOT NULL,  -- who may train it
  instance_id TEXT NOT NULL,  -- of the worker's process
  granted_at  REAL NOT NULL,  -- beginning
  ended_at    REAL,  -- NULL: open
  outcome     TEXT  -- how it ended
              CHECK (outcome IN ('finished', 'returned', 'dropped', 'expired', 'crash', 'timeout',
                                 'out_of_memory', 'preempted', 'incapable', 'lost')),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;

CREATE TABLE attempt (
  -- One try at one trial, under a lease. A trial has an open attempt if and only if it is leased.
  trial_id   INTEGER NOT NULL REFERENCES trial,  -- the trial
  attempt    INTEGER NOT NULL,  -- from 1
  lease_id   INTEGER NOT NULL REFERENCES lease,  -- the lease that it ran under
  started_at REAL NOT NULL,  -- beginning
  ended_at   REAL,  -- NULL: open
  outcome    TEXT  -- how it ended
             CHECK (outcome IN ('finished', 'returned', 'dropped', 'expired', 'crash', 'timeout',
                                'out_of_memory', 'preempted', 'incapable', 'lost', 'invalid')),
  message    TEXT,  -- what went wrong
  PRIMARY KEY (trial_id, attempt),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;

CREATE TABLE snapshot (
  -- A trial at one step: the state after `step` updates. NULL: not measured, or not finite.
  trial_id            INTEGER NOT NULL,  -- the trial
  step                INTEGER NOT NULL,  -- updates so far
  epoch               REAL,  -- passes over the training examples so far
  train_loss          REAL,  -- on the batch of this update, before it
  grad_norm           REAL,  -- likewise; Euclidean, over all parameters
  probe_loss          REAL,  -- on the probe set, as all that follows: the trial's own loss
  probe_cross_entropy REAL,  -- mean cross-entropy, whatever the trial's loss
  accuracy            REAL,  -- share of examples guessed right
  max_guess           REAL,  -- largest guess fraction
  guess_entropy       REAL,  -- of the guess fractions, over ln(classes)
  prob_entropy        REAL,  -- of the mean probabilities, over ln(classes)
  mean_weight         REAL,  -- mean w(p_y) of losses that have one
  kept_fraction       REAL,  -- share of examples with w > 0
  tied_fraction       REAL,  -- share of examples whose logits are all equal
  PRIMARY KEY (trial_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE class_snapshot (
  -- One class of a trial at one step, on the probe set.
  trial_id      INTEGER NOT NULL,  -- the trial
  step          INTEGER NOT NULL,  -- updates so far
  class         INTEGER NOT NULL,  -- from 0
  guess_count   INTEGER,  -- examples guessed to be of the class
  correct_count INTEGER,  -- of them, those that are
  mean_prob     REAL,  -- mean probability of the class over all examples
  class_loss    REAL,  -- mean loss over the examples of the class; NULL without any
  drift         REAL,  -- mean derivative of the loss by the class's logit, over all examples
  PRIMARY KEY (trial_id, step, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE trial_class (
  -- What is constant over a trial's snapshots, by class.
  trial_id     INTEGER NOT NULL,  -- the trial
  class        INTEGER NOT NULL,  -- from 0
  support      INTEGER,  -- probe examples of the class
  initial_rank INTEGER,  -- by guesses at step 0; 0: the favoured class
  PRIMARY KEY (trial_id, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE store_state (
  -- One row of the store's own.
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),  -- always 1
  batch    INTEGER NOT NULL  -- transactions that it has committed
) STRICT;
INSERT INTO store_state VALUES (1, 0);

CREATE INDEX cell_of_trial ON cell (trial_id, sweep_id, dropped_in);
CREATE INDEX pack_of_plan ON pack (sweep_id, revision, plan_index);
-- Of what is open or failed only: they stay small however many trials are done.
CREATE INDEX trial_open ON trial (pack_id, slot) WHERE status IN ('pending', 'leased');
CREATE INDEX trial_failed ON trial (failure_class) WHERE status = 'failed';
CREATE INDEX lease_open ON lease (lease_id) WHERE ended_at IS NULL;
CREATE INDEX lease_lost ON lease (pack_id) WHERE outcome IN ('lost', 'expired');
CREATE INDEX attempt_open ON attempt (lease_id, trial_id) WHERE ended_at IS NULL;
)sql";

}  // namespace firstguess
