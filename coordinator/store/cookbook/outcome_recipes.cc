#include "coordinator/store/cookbook/recipes.h"

namespace firstguess {

std::vector<Recipe> OutcomeRecipes() {
  return {
      {.name = "accuracy",
       .question = "Which loss ends where?",
       .parameters = {SweepParameter()},
       .sql =
           R"sql(SELECT trial.loss, trial.loss_params, trial.loss_delay_steps, count(*) AS trials,
       round(avg(snapshot.accuracy), 3) AS accuracy, round(min(snapshot.accuracy), 3) AS lowest,
       round(max(snapshot.accuracy), 3) AS highest, round(avg(snapshot.max_guess), 3) AS max_guess
FROM sweep
JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
JOIN trial ON trial.trial_id = cell.trial_id
JOIN snapshot ON snapshot.trial_id = trial.trial_id AND snapshot.step = trial.steps
WHERE sweep.name = :sweep
GROUP BY trial.loss, trial.loss_params, trial.loss_delay_steps
ORDER BY accuracy DESC)sql"},
      {.name = "best",
       .question = "Which trials end with the highest accuracy?",
       .parameters = {{"limit", "10", "how many"}},
       .sql =
           R"sql(SELECT trial.trial_id, trial.loss, trial.loss_params, trial.width, trial.depth, trial.init_scale,
       trial.learning_rate, trial.seed, snapshot.accuracy
FROM trial
CROSS JOIN snapshot ON snapshot.trial_id = trial.trial_id AND snapshot.step = trial.steps
ORDER BY snapshot.accuracy DESC
LIMIT :limit)sql"},
      {.name = "never-learnt",
       .question = "Which classes, by initial rank, are not recalled at all at the end?",
       .parameters = {SweepParameter()},
       .sql =
           R"sql(SELECT loss, loss_params, initial_rank, count(*) AS trials, sum(recall = 0) AS never_recalled
FROM trajectory
WHERE sweep = :sweep AND step = steps
GROUP BY loss, loss_params, initial_rank
HAVING never_recalled > 0
ORDER BY loss, loss_params, initial_rank)sql"},
      {.name = "paired",
       .question = "From the very same start, how much better or worse than cross-entropy does "
                   "each loss end?",
       .parameters = {},
       .sql = R"sql(SELECT other.loss, other.loss_params, other.loss_delay_steps, count(*) AS pairs,
       round(avg(ends.accuracy - base_ends.accuracy), 4) AS accuracy_gained,
       sum(ends.accuracy > base_ends.accuracy) AS better
FROM trial AS base
-- Trials that differ in the loss alone start from the same weights and see the same batches.
JOIN trial AS other ON other.dataset = base.dataset AND other.model = base.model
 AND other.width = base.width AND other.depth IS base.depth AND other.activation = base.activation
 AND other.init = base.init AND other.init_scale = base.init_scale
 AND other.bias_scale = base.bias_scale AND other.optimizer = base.optimizer
 AND other.learning_rate = base.learning_rate AND other.batch_size = base.batch_size
 AND other.steps = base.steps AND other.label_noise = base.label_noise
 AND other.seed = base.seed AND other.data_seed = base.data_seed
 AND other.loss <> base.loss
JOIN snapshot AS ends ON ends.trial_id = other.trial_id AND ends.step = other.steps
JOIN snapshot AS base_ends ON base_ends.trial_id = base.trial_id AND base_ends.step = base.steps
WHERE base.loss = 'cross_entropy'
GROUP BY other.loss, other.loss_params, other.loss_delay_steps
ORDER BY accuracy_gained DESC)sql"},
      {.name = "phase-map",
       .question = "How do initialisation scale and depth decide start and end?",
       .parameters = {},
       .sql = R"sql(SELECT trial.activation, trial.init_scale, trial.depth, count(*) AS trials,
       round(avg(starts.max_guess), 3) AS initial_max_guess, round(avg(ends.accuracy), 3) AS accuracy
FROM trial
JOIN snapshot AS starts ON starts.trial_id = trial.trial_id AND starts.step = 0
JOIN snapshot AS ends ON ends.trial_id = trial.trial_id AND ends.step = trial.steps
GROUP BY trial.activation, trial.init_scale, trial.depth
ORDER BY trial.activation, trial.init_scale, trial.depth)sql"},
      {.name = "bias-and-accuracy",
       .question = "Do more biased starts end with lower accuracy?",
       .parameters = {SweepParameter()},
       .sql =
           R"sql(SELECT trial.loss, trial.loss_params, round(starts.max_guess, 1) AS initial_max_guess,
       count(*) AS trials, round(avg(ends.accuracy), 3) AS accuracy
FROM sweep
JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
JOIN trial ON trial.trial_id = cell.trial_id
JOIN snapshot AS starts ON starts.trial_id = trial.trial_id AND starts.step = 0
JOIN snapshot AS ends ON ends.trial_id = trial.trial_id AND ends.step = trial.steps
WHERE sweep.name = :sweep
GROUP BY trial.loss, trial.loss_params, 3
ORDER BY trial.loss, trial.loss_params, 3)sql"},
  };
}

}  // namespace firstguess
