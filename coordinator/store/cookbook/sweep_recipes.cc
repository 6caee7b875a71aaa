#include "coordinator/store/cookbook/recipes.h"

namespace firstguess {

std::vector<Recipe> SweepRecipes() {
  return {
      {.name = "progress",
       .question = "How far is every sweep?",
       .parameters = {},
       .sql = R"sql(SELECT sweep, state, cells, done, failed, cancelled, leased, pending, diverged
FROM progress
ORDER BY sweep_id)sql"},
      {.name = "failures",
       .question = "Which trials failed, and of what?",
       .parameters = {SweepParameter()},
       .sql = R"sql(SELECT trial.failure_class,
       substr(trial.failure_message, 1,
              instr(trial.failure_message || char(10), char(10)) - 1) AS first_line,
       count(*) AS trials, min(trial.trial_id) AS example
FROM sweep
JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
JOIN trial ON trial.trial_id = cell.trial_id
WHERE sweep.name = :sweep AND trial.status = 'failed'
GROUP BY trial.failure_class, first_line
ORDER BY trials DESC)sql"},
      {.name = "attempts",
       .question = "Which trials took more than one try, and what ended the others?",
       .parameters = {},
       .sql =
           R"sql(SELECT attempt.trial_id, attempt.attempt, lease.worker, attempt.outcome, attempt.message
FROM attempt
JOIN lease ON lease.lease_id = attempt.lease_id
WHERE attempt.trial_id IN (SELECT trial_id FROM attempt WHERE attempt = 2)
ORDER BY attempt.trial_id, attempt.attempt)sql"},
      {.name = "workers",
       .question = "What did each worker contribute?",
       .parameters = {},
       .sql =
           R"sql(SELECT worker, device, count(*) AS trials, round(sum(train_seconds), 1) AS seconds,
       round(avg(train_seconds), 3) AS seconds_per_trial
FROM trial
WHERE status = 'done'
GROUP BY worker, device
ORDER BY trials DESC)sql"},
      {.name = "shared",
       .question = "Which trials belong to more than one sweep?",
       .parameters = {},
       .sql = R"sql(SELECT cell.trial_id, group_concat(DISTINCT sweep.name) AS sweeps
FROM cell
JOIN sweep ON sweep.sweep_id = cell.sweep_id
WHERE cell.dropped_in IS NULL
GROUP BY cell.trial_id
HAVING count(DISTINCT cell.sweep_id) > 1)sql"},
  };
}

}  // namespace firstguess
