"""Holds two databases of the same sweep against each other, joined by trial key.

What may differ: ids, packs, workers, times, attempts. What may not: which trials there are, their
final status, and every measured number, to the bit.
"""

import sqlite3

SNAPSHOT = """
SELECT trial.key, s.step, s.epoch, s.train_loss, s.grad_norm, s.probe_loss, s.probe_cross_entropy,
       s.accuracy, s.max_guess, s.guess_entropy, s.prob_entropy, s.mean_weight, s.kept_fraction,
       s.tied_fraction
FROM snapshot AS s JOIN trial USING (trial_id) ORDER BY 1, 2"""
CLASS_SNAPSHOT = """
SELECT trial.key, c.step, c.class, c.guess_count, c.correct_count, c.mean_prob, c.class_loss, c.drift
FROM class_snapshot AS c JOIN trial USING (trial_id) ORDER BY 1, 2, 3"""
TRIAL_CLASS = """
SELECT trial.key, t.class, t.support, t.initial_rank
FROM trial_class AS t JOIN trial USING (trial_id) ORDER BY 1, 2"""
TRIAL = "SELECT key, status, config, diverged_at_step FROM trial ORDER BY 1"

QUERIES = {"trial": TRIAL, "snapshot": SNAPSHOT, "class_snapshot": CLASS_SNAPSHOT,
           "trial_class": TRIAL_CLASS}

# Counters in `sweep` against what `cell` joined to `trial` says; one row per disagreement.
COUNTERS = """
SELECT sweep.name, progress.cells, progress.done, progress.failed, progress.cancelled,
       progress.leased, progress.pending, joined.*
FROM sweep JOIN progress USING (sweep_id) JOIN (
  SELECT cell.sweep_id AS id, sum(trial.status = 'done') AS done,
         sum(trial.status = 'failed') AS failed, sum(trial.status = 'leased') AS leased,
         sum(trial.diverged_at_step IS NOT NULL) AS diverged
  FROM cell JOIN trial USING (trial_id) WHERE cell.dropped_in IS NULL GROUP BY cell.sweep_id
) AS joined ON joined.id = sweep.sweep_id
WHERE progress.done <> joined.done OR progress.failed <> joined.failed
   OR progress.leased <> joined.leased OR progress.diverged <> joined.diverged
   OR progress.cells <> progress.done + progress.failed + progress.cancelled + progress.leased
                        + progress.pending"""


def connect(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def differences(expected_path, actual_path):
    """One line for each table that differs, naming its first difference."""
    found = []
    with connect(expected_path) as expected, connect(actual_path) as actual:
        for table, query in QUERIES.items():
            want, got = expected.execute(query).fetchall(), actual.execute(query).fetchall()
            if want == got:
                continue
            pairs = [(w, g) for w, g in zip(want, got) if w != g]
            first = f"first: {pairs[0][0]} became {pairs[0][1]}" if pairs else "rows are missing"
            found.append(f"{table}: {len(want)} rows expected, {len(got)} found, "
                         f"{len(pairs)} differ; {first}")
    return found


def counter_disagreements(path):
    with connect(path) as database:
        return database.execute(COUNTERS).fetchall()


def counts(path):
    """Rows per table, to show that a comparison compared something."""
    with connect(path) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in QUERIES}
