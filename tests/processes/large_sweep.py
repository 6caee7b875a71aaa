"""A sweep of many finished trials, made with SQL: what takes a cluster hours, in a second or two."""

import sqlite3

CLASSES, PROBE_SIZE = 10, 1000
STEPS = (0, 3, 20, 100)
LOSSES = ("cross_entropy", "{}"), ("blurry", '{"gamma":0.3,"gradient":"detached"}'), ("piecewise_zero", '{"cutoff":0.05}')


def spec(name, trials):
    """Of a sweep with so many trials, to be submitted before."""
    return (f"name: {name}\ndataset: fashion-mnist\ntrain: {{steps: {STEPS[-1]}}}\nmeasure: {{points: 3, probe_size: "
            f"{PROBE_SIZE}}}\ngrid:\n  seed: {{range: [1, {trials}]}}\n")


def finish(path, name, trials):
    """Makes up what all of its trials measured. Nobody else may have the file open, and it must hold
    no other trials. The favoured class starts between 0.3 and 0.7 and comes down by loss."""
    names = " ".join(f"WHEN {i} THEN '{loss}'" for i, (loss, _) in enumerate(LOSSES))
    parameters = " ".join(f"WHEN {i} THEN '{text}'" for i, (_, text) in enumerate(LOSSES))
    steps = ", ".join(f"({step})" for step in STEPS)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous = OFF")
        sweep_id, = database.execute("SELECT sweep_id FROM sweep WHERE name = ?", (name,)).fetchone()
        database.execute("INSERT INTO pack VALUES (1, ?, 1, 0, NULL)", (sweep_id,))
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO trial (trial_id, key, status, dataset, model, width, depth, loss, loss_params, seed, steps,"
            "  probe_size, points, config, pack_id, slot, finished_at)"
            " SELECT i, 'made up ' || i, 'done', 'fashion-mnist', 'mlp', 64, 3 + i % 2,"
            f" CASE i % 3 {names} END, CASE i % 3 {parameters} END, i, {STEPS[-1]}, {PROBE_SIZE}, 3, '{{}}', 1, i, i FROM n",
            (trials,))
        database.execute("INSERT INTO cell SELECT ?, 1, trial_id - 1, trial_id, NULL FROM trial", (sweep_id,))
        # How much of the excess over chance is left at a step.
        database.execute("CREATE TEMP TABLE at (step, left)")
        database.execute(f"INSERT INTO at SELECT column1, 1.0 / (1 + column1 * 0.1) FROM (VALUES {steps})")
        database.execute("CREATE TEMP TABLE class AS SELECT value AS c FROM json_each('[0,1,2,3,4,5,6,7,8,9]')")
        database.execute("INSERT INTO trial_class SELECT trial_id, c, 100, (c + trial_id) % 10 FROM trial, class")
        database.execute(
            "INSERT INTO snapshot (trial_id, step, epoch, accuracy, max_guess)"
            " SELECT trial_id, step, step / 468.0, 0.1 + 0.6 * (1 - left), 0.1 + (0.3 + 0.4 * (trial_id % 7) / 6) * left"
            " FROM trial, at")
        database.execute(
            "INSERT INTO class_snapshot (trial_id, step, class, guess_count, correct_count, mean_prob)"
            f" SELECT trial_id, step, c, CAST({PROBE_SIZE} * p AS INTEGER), CAST(60 * (1 - left) AS INTEGER), p FROM"
            "  (SELECT trial_id, step, c, left, CASE (c + trial_id) % 10 WHEN 0 THEN 0.1 + (0.2 + 0.4 * (trial_id % 7) / 6)"
            "    * CASE trial_id % 3 WHEN 2 THEN 1 ELSE left END ELSE 0.09 - 0.01 * left END AS p FROM trial, at, class)")
        database.execute("UPDATE sweep SET state = 'done', done = cells, finished_at = created_at WHERE sweep_id = ?",
                         (sweep_id,))
