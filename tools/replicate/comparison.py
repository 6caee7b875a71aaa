"""Holds a recorded trajectory against the one that training.py computes."""

import argparse
import json
import math
import sqlite3
import sys

import torch

from replicate.training import SCALARS, VECTORS, replicate

TOLERANCE, FLOOR = 1e-4, 1e-2
SELF_DIFFERENCE, NUDGE = 1e-6, 6e-7


def errors(got, expected, floor):
    """Largest error of each quantity of a snapshot, relative to values of at least `floor`."""
    def error(a, b):
        a, b = (math.nan if x is None else x for x in (a, b))
        if math.isnan(a) or math.isnan(b):
            return 0.0 if math.isnan(a) and math.isnan(b) else math.inf
        return abs(a - b) / max(abs(b), floor)

    result = {name: error(got[name], expected[name]) for name in SCALARS}
    for name in VECTORS:
        result[name] = max(error(a, b) for a, b in zip(got[name], expected[name]))
    return result


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def from_database(path, key, trial):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    which, value = ("key", key) if key else ("trial_id", trial)
    row = database.execute(
        f"SELECT trial_id, status, config, diverged_at_step FROM trial WHERE {which} = ?",
        (value,)).fetchone()
    if row is None or row["status"] != "done":
        fail(f"{path}: no finished trial with {which} {value}")
    snapshots = {}
    for snapshot in database.execute("SELECT * FROM snapshot WHERE trial_id = ? ORDER BY step",
                                     (row["trial_id"],)):
        snapshots[snapshot["step"]] = {"step": snapshot["step"], **{n: snapshot[n] for n in SCALARS},
                                       **{n: [] for n in VECTORS}}
    for class_row in database.execute(
            "SELECT * FROM class_snapshot WHERE trial_id = ? ORDER BY step, class", (row["trial_id"],)):
        for name in VECTORS:
            snapshots[class_row["step"]][name].append(class_row[name])
    yield json.loads(row["config"]), list(snapshots.values()), row["diverged_at_step"]


def from_lines(path, pack, trial):
    with open(pack) as configs:
        configs = json.load(configs)
    with open(path) as lines:
        records = [json.loads(line) for line in lines]
    for i, config in enumerate(configs):
        if trial in (None, i):
            own = [record for record in records if record["trial"] == i]
            if not own or "diverged_at_step" not in own[-1]:
                fail(f"{path}: no finished trial {i}")
            yield config, own[:-1], own[-1]["diverged_at_step"]


def reference_of(config, data_dir):
    """What to compare with: (snapshots, step of divergence or None, how many come before the horizon)."""
    reference, diverged = replicate(config, data_dir)
    horizon = len(reference)
    for variation, floor, limit in (({"permute_rows": True}, 1, SELF_DIFFERENCE),
                                    ({"nudge": NUDGE}, FLOOR, TOLERANCE),
                                    ({"nudge": -NUDGE}, FLOOR, TOLERANCE)):
        other, _ = replicate(config, data_dir, **variation)
        for i in range(horizon):
            if i >= len(other) or max(errors(other[i], reference[i], floor).values()) > limit:
                horizon = i
                break
    return reference, diverged, horizon


def compare(recorded, recorded_divergence, reference, diverged, horizon):
    """(whether all agrees up to the horizon, the comparison in words)."""
    whole = horizon == len(reference)
    words = ["no horizon before the last step" if whole else
             f"horizon: step {reference[horizon]['step']} of {reference[-1]['step']}"]
    words[0] += f"; {horizon} of {len(reference)} snapshots compared"

    agree = len(recorded) >= horizon
    largest = {}
    for got, expected in zip(recorded[:horizon], reference):
        agree = agree and got["step"] == expected["step"]
        for name, error in errors(got, expected, FLOOR).items():
            largest[name] = max(largest.get(name, 0), error)
    for name, error in largest.items():
        words.append(f"{name:20} {error:8.1e}{'' if error <= TOLERANCE else '  TOO LARGE'}")
    if whole and (diverged, len(reference)) != (recorded_divergence, len(recorded)):
        words.append(f"diverged at {recorded_divergence} after {len(recorded)} snapshots, "
                     f"here at {diverged} after {len(reference)}")
        agree = False
    agree = agree and all(error <= TOLERANCE for error in largest.values())
    return agree, "\n".join(words)


def main(description):
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--db", help="database of a run")
    source.add_argument("--lines", help="what firstguess-trainer --pack printed")
    parser.add_argument("--pack", help="with --lines: the list of trials that it trained")
    parser.add_argument("--key", help="with --db: the trial's key")
    parser.add_argument("--trial", type=int,
                        help="its trial_id, or with --lines its position in the pack (default: all)")
    parser.add_argument("--data-dir", default="/usr/share/datasets",
                        help="folder with one folder a data set")
    options = parser.parse_args()
    if options.db and (options.key is None) == (options.trial is None):
        parser.error("--db needs one of --key and --trial")
    if bool(options.lines) != bool(options.pack) or options.lines and options.key:
        parser.error("--lines needs --pack, and takes --trial")
    torch.set_num_threads(1)
    trials = (from_database(options.db, options.key, options.trial) if options.db else
              from_lines(options.lines, options.pack, options.trial))
    all_agree = True
    for config, recorded, diverged in trials:
        agree, words = compare(recorded, diverged, *reference_of(config, options.data_dir))
        print(json.dumps(config, sort_keys=True), words, "agrees" if agree else "DIFFERS", sep="\n")
        all_agree = all_agree and agree
    return 0 if all_agree else 1
