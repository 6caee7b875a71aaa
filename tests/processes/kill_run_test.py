#!/usr/bin/env python3
"""Kills `firstguess run` with SIGKILL at three random moments, lets it go on each time, and compares
what it leaves with an undisturbed run: trial, snapshot, class_snapshot and trial_class must be equal
to the bit, joined by trial.key, and the counters must add up after every kill.

  kill_run_test.py --firstguess PROGRAM [--seed N]

The moments are drawn from a seed, as numbers of finished trials; the seed is printed.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare_databases import connect, counter_disagreements, counts, differences

SPEC = """
name: killed
dataset: fashion-mnist
train: {optimizer: adam, learning_rate: 0.001, batch_size: 64, steps: 40}
measure: {points: 10, probe_size: 500}
grid:
  width: [16, 24]
  depth: [2, 4]
  loss: [cross_entropy, {blurry: {gamma: 0.5}}, {piecewise_zero: {cutoff: 0.05}}]
  seed: {range: [0, 3]}
pack: {max_trials: 4}
"""
CELLS = 2 * 2 * 3 * 4


def start(program, spec, database):
    return subprocess.Popen([program, "run", spec, "--db", database, "--no-report", "--workers", "2"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finished_trials(database):
    """Trials that are done; None while there is no database to ask."""
    try:
        with connect(database) as connection:
            return connection.execute("SELECT count(*) FROM trial WHERE status = 'done'").fetchone()[0]
    except sqlite3.OperationalError:
        return None


def kill_when(process, database, target):
    """SIGKILL once `target` trials are done, or as late as the process lives."""
    while process.poll() is None:
        done = finished_trials(database)
        if done is not None and done >= target:
            process.kill()
            break
        time.sleep(0.002)
    process.wait()
    return process.returncode == -signal.SIGKILL


def complete(program, spec, database):
    process = start(program, spec, database)
    _, errors = process.communicate()
    if process.returncode != 0:
        sys.exit(f"firstguess run ended with {process.returncode}:\n{errors}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firstguess", required=True)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("FIRSTGUESS_SEED", "0")) or
                        random.SystemRandom().randrange(1, 2**31))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed} (FIRSTGUESS_SEED replays it)")
    moments = sorted(random.Random(arguments.seed).sample(range(1, CELLS - 4), 3))

    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "killed.yaml")
        spec.write_text(SPEC, encoding="utf-8")
        undisturbed, disturbed = str(Path(folder, "undisturbed.db")), str(Path(folder, "disturbed.db"))
        complete(arguments.firstguess, str(spec), undisturbed)

        killed = 0
        for moment in moments:
            process = start(arguments.firstguess, str(spec), disturbed)
            killed += kill_when(process, disturbed, moment)
            process.stderr.close()
            print(f"killed when {moment} trials were done: {finished_trials(disturbed)} are on disk")
            wrong = counter_disagreements(disturbed)
            if wrong:
                sys.exit(f"after the kill the counters disagree with the cells: {wrong}")
        complete(arguments.firstguess, str(spec), disturbed)

        found = differences(undisturbed, disturbed)
        rows = counts(undisturbed)
        print(f"compared {rows}")
        if killed == 0 or rows["trial"] != CELLS:
            sys.exit(f"the test proved nothing: {killed} kills landed, {rows['trial']} trials")
        if found or counter_disagreements(disturbed):
            sys.exit("\n".join(found) or "the counters disagree with the cells")
    print(f"equal to the bit after {killed} kills")


if __name__ == "__main__":
    main()
