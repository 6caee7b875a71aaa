#include "coordinator/store/views.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

// {fields} and {newer_fields} stand for the columns of a trial's fields.
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
  CROSS JOIN class_snapshot ON class_snapshot.trial_id = trial.trial_id
  JOIN snapshot ON snapshot.trial_id = class_snapshot.trial_id
   AND snapshot.step = class_snapshot.step
  JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
   AND trial_class.class = class_snapshot.class;

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
  CROSS JOIN snapshot ON snapshot.trial_id = trial.trial_id AND snapshot.step = 0
  JOIN trial_class ON trial_class.trial_id = trial.trial_id AND trial_class.initial_rank = 0
  CROSS JOIN class_snapshot ON class_snapshot.trial_id = trial.trial_id AND class_snapshot.step = 0
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
  return "DROP VIEW IF EXISTS progress; DROP VIEW IF EXISTS trajectory;"
         "DROP VIEW IF EXISTS initial_bias; DROP VIEW IF EXISTS trial_summary;";
}

std::string CreateViews() {
  return absl::StrReplaceAll(
      kViews, {{"{fields}", FieldColumns(false)}, {"{newer_fields}", FieldColumns(true)}});
}

}  // namespace firstguess
