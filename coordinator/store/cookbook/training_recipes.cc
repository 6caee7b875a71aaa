#include "coordinator/store/cookbook/recipes.h"

namespace firstguess {

std::vector<Recipe> TrainingRecipes() {
  return {
      {.name = "curves",
       .question = "How do mean probability and recall go by initial rank, averaged over trials?",
       .parameters = {SweepParameter()},
       .sql =
           R"sql(SELECT loss, loss_params, step, initial_rank, round(avg(mean_prob), 4) AS mean_prob,
       round(avg(recall), 4) AS recall, count(*) AS trials
FROM trajectory
WHERE sweep = :sweep
GROUP BY loss, loss_params, step, initial_rank
ORDER BY loss, loss_params, step, initial_rank)sql"},
      {.name = "one-trial",
       .question = "What happened in one trial, step by step?",
       .parameters = {{"trial", "", "its trial_id"}},
       .sql =
           R"sql(SELECT step, train_loss, grad_norm, probe_cross_entropy, accuracy, max_guess, prob_entropy,
       mean_weight, kept_fraction
FROM snapshot
WHERE trial_id = :trial
ORDER BY step)sql"},
      {.name = "kept",
       .question = "What share of the examples does each loss listen to, over the steps?",
       .parameters = {SweepParameter()},
       .sql = R"sql(SELECT trial.loss, trial.loss_params, snapshot.step,
       round(avg(snapshot.kept_fraction), 3) AS kept_fraction,
       round(avg(snapshot.mean_weight), 3) AS mean_weight
FROM sweep
JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
JOIN trial ON trial.trial_id = cell.trial_id
CROSS JOIN snapshot ON snapshot.trial_id = trial.trial_id
WHERE sweep.name = :sweep
GROUP BY trial.loss, trial.loss_params, snapshot.step
ORDER BY trial.loss, trial.loss_params, snapshot.step)sql"},
      {.name = "time-scales",
       .question = "How many steps until the bias is gone, and until every class is recalled?",
       .parameters = {},
       .sql = R"sql(SELECT loss, loss_params, loss_delay_steps, count(*) AS trials,
       count(first_step_unbiased) AS became_unbiased,
       round(avg(first_step_unbiased), 1) AS first_step_unbiased,
       count(first_step_all_recovered) AS recovered,
       round(avg(first_step_all_recovered), 1) AS first_step_all_recovered,
       round(avg(favoured_flips), 1) AS favoured_flips
FROM trial_summary
GROUP BY loss, loss_params, loss_delay_steps
ORDER BY recovered DESC)sql"},
      {.name = "divergence",
       .question = "Which settings diverge, and when?",
       .parameters = {},
       .sql = R"sql(SELECT optimizer, learning_rate, loss, depth, count(*) AS diverged,
       min(diverged_at_step) AS earliest, max(diverged_at_step) AS latest
FROM trial
WHERE diverged_at_step IS NOT NULL
GROUP BY optimizer, learning_rate, loss, depth
ORDER BY diverged DESC)sql"},
  };
}

}  // namespace firstguess
