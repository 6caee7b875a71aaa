#include "coordinator/store/schema.h"

namespace firstguess {

// Fields of a trial that came after the first format, and the views with them at their ends. Trials
// of version 1 had the defaults. SQLite keeps what stands between a column's name and the end of
// its statement: comments too, if they are closed.
const absl::string_view kSchemaVersion2 = R"sql(
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

DROP VIEW trajectory;
DROP VIEW initial_bias;

CREATE VIEW trajectory AS
  -- One row per sweep, trial, step and class. The favoured class differs by seed: average by
  -- initial_rank, not by class.
  SELECT sweep.name AS sweep,  -- name of a sweep that has the trial
         trial.trial_id, trial.key, trial.dataset, trial.model, trial.width,
         trial.depth, trial.activation, trial.init, trial.init_scale, trial.bias_scale, trial.loss,
         trial.loss_params, trial.loss_delay_steps, trial.optimizer, trial.learning_rate,
         trial.momentum, trial.weight_decay, trial.batch_size, trial.steps, trial.label_noise,
         trial.noise_kind, trial.class_imbalance, trial.seed, trial.data_seed, trial.probe_size,
         trial.points, trial.spacing, class_snapshot.step, snapshot.epoch, class_snapshot.class,
         trial_class.initial_rank,
         CAST(class_snapshot.guess_count AS REAL) / trial.probe_size
          AS guess_fraction,  -- REAL: share of the probe set guessed to be of the class
         class_snapshot.mean_prob,
         CAST(class_snapshot.correct_count AS REAL) / nullif(trial_class.support, 0)
          AS recall,  -- REAL: share of the class's examples guessed right; NULL without any
         class_snapshot.class_loss, class_snapshot.drift,
         trial.readout_scale, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm
  FROM sweep
  JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
   -- Several cells of a sweep may be one trial.
   AND cell.rowid = (SELECT min(twin.rowid) FROM cell AS twin
                     WHERE twin.trial_id = cell.trial_id AND twin.sweep_id = cell.sweep_id
                       AND twin.dropped_in IS NULL)
  JOIN trial ON trial.trial_id = cell.trial_id
  -- CROSS: never begins with the largest table.
  CROSS JOIN class_snapshot ON class_snapshot.trial_id = trial.trial_id
  JOIN snapshot ON snapshot.trial_id = class_snapshot.trial_id
   AND snapshot.step = class_snapshot.step
  JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
   AND trial_class.class = class_snapshot.class;

CREATE VIEW initial_bias AS
  -- One row per trial that was measured: its first guess, before any update.
  SELECT trial.trial_id, trial.key, trial.dataset, trial.model, trial.width, trial.depth,
         trial.activation, trial.init, trial.init_scale, trial.bias_scale, trial.loss,
         trial.loss_params, trial.loss_delay_steps, trial.optimizer, trial.learning_rate,
         trial.momentum, trial.weight_decay, trial.batch_size, trial.steps, trial.label_noise,
         trial.noise_kind, trial.class_imbalance, trial.seed, trial.data_seed, trial.probe_size,
         trial.points, trial.spacing, snapshot.max_guess,
         trial_class.class AS favoured_class,  -- the class of initial_rank 0
         snapshot.guess_entropy, snapshot.prob_entropy,
         class_snapshot.mean_prob
          AS favoured_mean_prob,  -- its mean probability over all examples
         trial.readout_scale, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm
  FROM trial
  CROSS JOIN snapshot ON snapshot.trial_id = trial.trial_id AND snapshot.step = 0
  JOIN trial_class ON trial_class.trial_id = trial.trial_id AND trial_class.initial_rank = 0
  CROSS JOIN class_snapshot ON class_snapshot.trial_id = trial.trial_id AND class_snapshot.step = 0
   AND class_snapshot.class = trial_class.class;
)sql";

}  // namespace firstguess
