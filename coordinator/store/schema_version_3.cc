#include "coordinator/store/schema.h"

namespace firstguess {

const absl::string_view kSchemaVersion3 = R"sql(
CREATE VIEW trial_summary AS
  -- One row per done trial: its trajectory in a few numbers, found through the trial's own rows
  -- only. NULL: it never happened, or was not measured.
  SELECT trial.trial_id, trial.key, trial.dataset, trial.model, trial.width, trial.depth,
         trial.activation, trial.init, trial.init_scale, trial.bias_scale, trial.loss,
         trial.loss_params, trial.loss_delay_steps, trial.optimizer, trial.learning_rate,
         trial.momentum, trial.weight_decay, trial.batch_size, trial.steps, trial.label_noise,
         trial.noise_kind, trial.class_imbalance, trial.seed, trial.data_seed, trial.probe_size,
         trial.points, trial.spacing, trial.readout_scale, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm,
         (SELECT min(snapshot.step) FROM snapshot
          WHERE snapshot.trial_id = trial.trial_id AND snapshot.max_guess < 0.2
         ) AS first_step_unbiased,  -- INTEGER: first step with max_guess < 0.2
         (SELECT class_snapshot.step
          FROM (SELECT count(trial_class.class) AS classes FROM trial_class
                WHERE trial_class.trial_id = trial.trial_id)
          CROSS JOIN class_snapshot
          CROSS JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
           AND trial_class.class = class_snapshot.class AND trial_class.support > 0
          WHERE class_snapshot.trial_id = trial.trial_id
          GROUP BY class_snapshot.step
          -- Recall above chance, in integers.
          HAVING min(coalesce(class_snapshot.correct_count, 0) * classes > trial_class.support)
          ORDER BY class_snapshot.step LIMIT 1
         ) AS first_step_all_recovered,  -- INTEGER: first step at which every class with support >
                                         -- 0 has recall > 1 / classes
         (SELECT count(CASE WHEN favoured <> favoured_before THEN 1 END)
          FROM (SELECT most_guessed.class AS favoured,
                       lag(most_guessed.class) OVER (ORDER BY snapshot.step) AS favoured_before
                FROM snapshot
                CROSS JOIN class_snapshot AS most_guessed
                 ON most_guessed.trial_id = snapshot.trial_id AND most_guessed.step = snapshot.step
                 AND most_guessed.class = (SELECT class_snapshot.class FROM class_snapshot
                                           WHERE class_snapshot.trial_id = snapshot.trial_id
                                            AND class_snapshot.step = snapshot.step
                                            AND class_snapshot.guess_count IS NOT NULL
                                           ORDER BY class_snapshot.guess_count DESC,
                                                    class_snapshot.class LIMIT 1)
                WHERE snapshot.trial_id = trial.trial_id)
          HAVING count(favoured) > 0
         ) AS favoured_flips,  -- INTEGER: how often the most guessed class (of equals the lowest)
                               -- changed from one snapshot to the next
         (SELECT sum((max_guess + max_guess_before) / 2 * (step - step_before)) / max(step)
          FROM (SELECT snapshot.step, lag(snapshot.step) OVER by_step AS step_before,
                       snapshot.max_guess, lag(snapshot.max_guess) OVER by_step AS max_guess_before
                FROM snapshot
                WHERE snapshot.trial_id = trial.trial_id AND snapshot.max_guess IS NOT NULL
                WINDOW by_step AS (ORDER BY snapshot.step))
         ) AS max_guess_area  -- REAL: area under max_guess over steps by the trapezoidal rule,
                              -- divided by the last step: the mean of max_guess
  FROM trial
  WHERE trial.status = 'done';
)sql";

}  // namespace firstguess
