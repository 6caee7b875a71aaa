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
TRIAL = "SELECT key, status, config, diverged_at_step, init_try FROM trial ORDER BY 1"

QUERIES = {"trial": TRIAL, "snapshot": SNAPSHOT, "class_snapshot": CLASS_SNAPSHOT,
           "trial_class": TRIAL_CLASS}
# Those of the groups: which rows a trial has there follows from its configuration too.
GROUP_TABLES = ["class_logit", "confusion", "layer_snapshot", "noise_snapshot", "sharpness_snapshot"]

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


def all_queries(database):
    """By table; those of groups with every measured column, by trial.key, ordered by their keys."""
    queries = dict(QUERIES)
    for table in GROUP_TABLES:
        columns = database.execute(f"SELECT name, pk FROM pragma_table_info('{table}')").fetchall()
        names = [f"g.{name}" for name, _ in columns if name != "trial_id"]
        order = [f"g.{name}" for name, place in columns if place > 0 and name != "trial_id"]
        queries[table] = (f"SELECT trial.key, {', '.join(names)} FROM {table} AS g"
                          f" JOIN trial USING (trial_id) ORDER BY trial.key, {', '.join(order)}")
    return queries


def close(want, got, tolerance):
    """Rows of the same shape whose numbers differ by at most `tolerance`, relative above 1."""
    def equal(left, right):
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return abs(left - right) <= tolerance * max(1, abs(left))
        return left == right
    return len(want) == len(got) and all(equal(w, g) for w, g in zip(want, got))


def differences(expected_path, actual_path, loose=frozenset(), tolerance=1e-5):
    """One line for each table that differs, naming its first difference. Rows of trials whose keys
    are in `loose` may differ by `tolerance`."""
    found = []
    with connect(expected_path) as expected, connect(actual_path) as actual:
        for table, query in all_queries(expected).items():
            want, got = expected.execute(query).fetchall(), actual.execute(query).fetchall()
            if want == got:
                continue
            pairs = [(w, g) for w, g in zip(want, got)
                     if w != g and not (w[0] in loose and close(w, g, tolerance))]
            if not pairs and len(want) == len(got):
                continue
            first = f"first: {pairs[0][0]} became {pairs[0][1]}" if pairs else "rows are missing"
            found.append(f"{table}: {len(want)} rows expected, {len(got)} found, "
                         f"{len(pairs)} differ; {first}")
    return found


def replanned(path):
    """Keys of the trials whose pack was split after a failure."""
    with connect(path) as database:
        return frozenset(key for key, in database.execute("SELECT key FROM trial WHERE replanned"))


def counter_disagreements(path):
    with connect(path) as database:
        return database.execute(COUNTERS).fetchall()


# What a database must never hold, whatever was killed: a name, and a query that then has rows.
IMPOSSIBLE = {
    "a damaged file": "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    "rows that point nowhere": "SELECT * FROM pragma_foreign_key_check",
    "counters that disagree with the cells": COUNTERS,
    "a lease without a pack": "SELECT lease_id FROM lease LEFT JOIN pack USING (pack_id)"
                              " WHERE pack.pack_id IS NULL",
    "a trial twice in one lease":
        "SELECT trial_id, lease_id FROM attempt GROUP BY 1, 2 HAVING count(*) > 1",
    "two results of one trial":
        "SELECT trial_id FROM attempt WHERE outcome = 'finished' GROUP BY 1 HAVING count(*) > 1",
    "a trial that is done without its snapshots":
        "SELECT trial_id FROM trial WHERE (status = 'done') <>"
        " EXISTS (SELECT 1 FROM snapshot WHERE snapshot.trial_id = trial.trial_id)",
}


def impossible(path):
    """One line for each thing that must never be and is."""
    with connect(path) as database:
        rows = {what: database.execute(query).fetchall() for what, query in IMPOSSIBLE.items()}
    return [f"{what}: {found[:3]}" for what, found in rows.items() if found]


def counts(path):
    """Rows per table, to show that a comparison compared something."""
    with connect(path) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in [*QUERIES, *GROUP_TABLES]}
