#include "coordinator/store/cookbook/recipes.h"

namespace firstguess {

std::vector<Recipe> StartRecipes() {
  return {
      {.name = "bias-by-depth",
       .question = "How does the first guess depend on width and depth?",
       .parameters = {},
       .sql = R"sql(SELECT dataset, activation, width, depth, count(*) AS trials,
       round(avg(max_guess), 3) AS max_guess, round(avg(guess_entropy), 3) AS guess_entropy,
       round(avg(favoured_mean_prob), 3) AS favoured_mean_prob
FROM initial_bias
GROUP BY dataset, activation, width, depth
ORDER BY dataset, activation, width, depth)sql"},
      {.name = "most-biased",
       .question = "Which starts are the most biased?",
       .parameters = {{"limit", "10", "how many"}},
       .sql =
           R"sql(SELECT trial_id, width, depth, init_scale, seed, favoured_class, max_guess, favoured_mean_prob
FROM initial_bias
ORDER BY max_guess DESC, favoured_mean_prob DESC
LIMIT :limit)sql"},
      {.name = "favourites",
       .question = "Which classes are favoured, and how often?",
       .parameters = {},
       .sql =
           R"sql(SELECT dataset, favoured_class, count(*) AS trials, round(avg(max_guess), 3) AS max_guess
FROM initial_bias
GROUP BY dataset, favoured_class
ORDER BY dataset, trials DESC)sql"},
      {.name = "confidence",
       .question =
           "Do biased guesses come with large probabilities, or is argmax biased and softmax flat?",
       .parameters = {},
       .sql = R"sql(SELECT round(max_guess, 1) AS max_guess, count(*) AS trials,
       round(avg(favoured_mean_prob), 3) AS favoured_mean_prob,
       round(avg(prob_entropy), 3) AS prob_entropy
FROM initial_bias
GROUP BY 1
ORDER BY 1)sql"},
      {.name = "drift-at-start",
       .question = "Does each loss push the favoured class down at once (drift above 0), or up?",
       .parameters = {SweepParameter()},
       .sql = R"sql(SELECT loss, loss_params, count(*) AS trials, round(avg(drift), 4) AS drift,
       sum(drift < 0) AS pushed_up
FROM trajectory
WHERE sweep = :sweep AND step = 0 AND initial_rank = 0
GROUP BY loss, loss_params
ORDER BY drift)sql"},
  };
}

}  // namespace firstguess
