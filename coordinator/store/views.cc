#include "coordinator/store/views.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

// {fields} and {newer_fields} stand for the columns of a trial's fields. Views keep to what others
// read too: DuckDB parses them itself, and its CROSS JOIN has no ON; SQLite before 3.39 has no
// HAVING without GROUP BY.
constexpr absl::string_view kViews = R"sql(
CREATE VIEW progress AS
  -- One row per sweep: cells = done + failed + cancelled + leased + pending.
  SELECT sweep_id, name AS sweep, revision, state, cells, done, failed, cancelled, leased,
         cells - done - failed - cancelled - leased AS pending,  -- INTEGER: cells yet to be leased
         diverged
  FROM sweep;

CREATE VIEW trajectory AS
  -- One row per sweep, trial, step and class. The favoured class differs by seed: average by
  -- initial_rank, not by class.
  SELECT sweep.name AS sweep,  -- name of a sweep that has the trial
         trial.trial_id, trial.key,
         {fields},
         class_snapshot.step, snapshot.epoch, class_snapshot.class,
         trial_class.initial_rank,
         CAST(class_snapshot.guess_count AS REAL) / trial.probe_size
          AS guess_fraction,  -- REAL: share of the probe set guessed to be of the class
         class_snapshot.mean_prob,
         CAST(class_snapshot.correct_count AS REAL) / nullif(trial_class.support, 0)
          AS recall,  -- REAL: share of the class's examples guessed right; NULL without any
         class_snapshot.class_loss, class_snapshot.drift,
         {newer_fields}
  FROM sweep
  JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
   -- Several cells of a sweep may be one trial.
   AND cell.rowid = (SELECT min(twin.rowid) FROM cell AS twin
                     WHERE twin.trial_id = cell.trial_id AND twin.sweep_id = cell.sweep_id
                       AND twin.dropped_in IS NULL)
  JOIN trial ON trial.trial_id = cell.trial_id
  -- CROSS: never begins with the largest table.
  CROSS JOIN class_snapshot
  JOIN snapshot ON snapshot.trial_id = class_snapshot.trial_id
   AND snapshot.step = class_snapshot.step
  JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
   AND trial_class.class = class_snapshot.class
  WHERE class_snapshot.trial_id = trial.trial_id;

CREATE VIEW initial_bias AS
  -- One row per trial that was measured: its first guess, before any update.
  SELECT trial.trial_id, trial.key,
         {fields},
         snapshot.max_guess,
         trial_class.class AS favoured_class,  -- the class of initial_rank 0
         snapshot.guess_entropy, snapshot.prob_entropy,
         class_snapshot.mean_prob
          AS favoured_mean_prob,  -- its mean probability over all examples
         {newer_fields}
  FROM trial
  CROSS JOIN snapshot
  JOIN trial_class ON trial_class.trial_id = trial.trial_id AND trial_class.initial_rank = 0
  CROSS JOIN class_snapshot
  WHERE snapshot.trial_id = trial.trial_id AND snapshot.step = 0
   AND class_snapshot.trial_id = trial.trial_id AND class_snapshot.step = 0
   AND class_snapshot.class = trial_class.class;

CREATE VIEW trial_summary AS
  -- One row per done trial: its trajectory in a few numbers, found through the trial's own rows
  -- only. NULL: it never happened, or was not measured.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         (SELECT min(snapshot.step) FROM snapshot
          WHERE snapshot.trial_id = trial.trial_id AND snapshot.max_guess < 0.2
         ) AS first_step_unbiased,  -- INTEGER: first step with max_guess < 0.2
         (SELECT class_snapshot.step
          FROM (SELECT count(trial_class.class) AS classes FROM trial_class
                WHERE trial_class.trial_id = trial.trial_id)
          CROSS JOIN class_snapshot
          CROSS JOIN trial_class
          WHERE class_snapshot.trial_id = trial.trial_id
           AND trial_class.trial_id = class_snapshot.trial_id
           AND trial_class.class = class_snapshot.class AND trial_class.support > 0
          GROUP BY class_snapshot.step
          -- Recall above chance, in integers.
          HAVING min(coalesce(class_snapshot.correct_count, 0) * classes > trial_class.support)
          ORDER BY class_snapshot.step LIMIT 1
         ) AS first_step_all_recovered,  -- INTEGER: first step at which every class with support >
                                         -- 0 has recall > 1 / classes
         (SELECT CASE WHEN count(favoured) > 0
                 THEN count(CASE WHEN favoured <> favoured_before THEN 1 END) END
          FROM (SELECT most_guessed.class AS favoured,
                       lag(most_guessed.class) OVER (ORDER BY snapshot.step) AS favoured_before
                FROM snapshot
                CROSS JOIN class_snapshot AS most_guessed
                WHERE snapshot.trial_id = trial.trial_id
                 AND most_guessed.trial_id = snapshot.trial_id AND most_guessed.step = snapshot.step
                 AND most_guessed.class = (SELECT class_snapshot.class FROM class_snapshot
                                           WHERE class_snapshot.trial_id = snapshot.trial_id
                                            AND class_snapshot.step = snapshot.step
                                            AND class_snapshot.guess_count IS NOT NULL
                                           ORDER BY class_snapshot.guess_count DESC,
                                                    class_snapshot.class LIMIT 1))
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

// The views of schema version 5, likewise: each group's table with the fields of its trials.
constexpr absl::string_view kGroupViews = R"sql(
CREATE VIEW class_quality AS
  -- One row per trial, step and class: how well the class is guessed, on the probe set.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         class_snapshot.step, class_snapshot.class, trial_class.initial_rank,
         CAST(class_snapshot.correct_count AS REAL) / nullif(class_snapshot.guess_count, 0)
          AS precision,  -- REAL: share of those guessed to be of the class that are; NULL without
                         -- any
         CAST(class_snapshot.correct_count AS REAL) / nullif(trial_class.support, 0)
          AS recall,  -- REAL: share of the class's examples guessed right; NULL without any
         2.0 * class_snapshot.correct_count
          / nullif(class_snapshot.guess_count + trial_class.support, 0)
          AS f1  -- REAL: harmonic mean of precision and recall, 2 correct / (guessed + support);
                 -- NULL where both are 0
  FROM trial
  CROSS JOIN class_snapshot
  JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
   AND trial_class.class = class_snapshot.class
  WHERE class_snapshot.trial_id = trial.trial_id;

CREATE VIEW trial_logits AS
  -- One row per trial, step and class, of trials with group logits.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         class_logit.step, class_logit.class, class_logit.logit_mean, class_logit.logit_variance
  FROM trial
  CROSS JOIN class_logit
  WHERE class_logit.trial_id = trial.trial_id;

CREATE VIEW trial_confusion AS
  -- One row per trial, step, label and guess, of trials with group confusion. Entries of 0 have
  -- none.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         confusion.step, confusion.label, confusion.guess, confusion.count
  FROM trial
  CROSS JOIN confusion
  WHERE confusion.trial_id = trial.trial_id;

CREATE VIEW trial_layers AS
  -- One row per trial, step and layer, of trials with group layers.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         layer_snapshot.step, layer_snapshot.layer, layer_snapshot.name, layer_snapshot.pre_mean,
         layer_snapshot.pre_variance, layer_snapshot.correlation, layer_snapshot.drift_ratio,
         layer_snapshot.dead_fraction, layer_snapshot.grad_norm, layer_snapshot.weight_norm,
         layer_snapshot.distance_to_init, layer_snapshot.cosine_to_init
  FROM trial
  CROSS JOIN layer_snapshot
  WHERE layer_snapshot.trial_id = trial.trial_id;

CREATE VIEW trial_noise AS
  -- One row per trial and step, of trials with group noise.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         noise_snapshot.step, noise_snapshot.clean_examples, noise_snapshot.corrupted_examples,
         noise_snapshot.kept_clean, noise_snapshot.kept_corrupted, noise_snapshot.weight_clean,
         noise_snapshot.weight_corrupted, noise_snapshot.accuracy_given,
         noise_snapshot.accuracy_true
  FROM trial
  CROSS JOIN noise_snapshot
  WHERE noise_snapshot.trial_id = trial.trial_id;

CREATE VIEW trial_sharpness AS
  -- One row per trial and step, of trials with group sharpness.
  SELECT trial.trial_id, trial.key,
         {fields},
         {newer_fields},
         sharpness_snapshot.step, sharpness_snapshot.sharpness, sharpness_snapshot.residual,
         sharpness_snapshot.iterations
  FROM trial
  CROSS JOIN sharpness_snapshot
  WHERE sharpness_snapshot.trial_id = trial.trial_id;
)sql";

// "trial.dataset, trial.model, …" in lines of at most 100 characters.
std::string FieldColumns(bool newer) {
  constexpr size_t kLineWidth = 100;
  constexpr size_t kIndent = 9;
  std::string columns;
  size_t width = kIndent;
  const auto append = [&](absl::string_view name) {
    if (!columns.empty()) columns += ",";
    const size_t more = name.size() + sizeof("trial.,");
    if (width + more > kLineWidth) {
      absl::StrAppend(&columns, "\n", std::string(kIndent, ' '));
      width = kIndent;
    } else if (!columns.empty()) {
      columns += " ";
    }
    absl::StrAppend(&columns, "trial.", name);
    width += more;
  };
  for (const Field& field : TrialFields()) {
    if (field.is_newer != newer) continue;
    append(field.name);
    if (field.type() == FieldType::kLoss) append(absl::StrCat(field.name, "_params"));
  }
  return columns;
}

}  // namespace

std::string DropViews() {
  std::string sql;
  for (const absl::string_view view :
       {"progress", "trajectory", "initial_bias", "trial_summary", "class_quality", "trial_logits",
        "trial_confusion", "trial_layers", "trial_noise", "trial_sharpness"}) {
    absl::StrAppend(&sql, "DROP VIEW IF EXISTS ", view, ";");
  }
  return sql;
}

std::string CreateViews() {
  return absl::StrReplaceAll(
      absl::StrCat(kViews, kGroupViews),
      {{"{fields}", FieldColumns(false)}, {"{newer_fields}", FieldColumns(true)}});
}

}  // namespace firstguess
