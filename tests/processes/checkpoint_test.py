#!/usr/bin/env python3
"""A long trial that goes from worker to worker, and ends as if nothing had happened.

  checkpoint_test.py --bin FOLDER

The first worker is killed with SIGKILL, the second preempted with SIGTERM, the third ends the sweep,
one trial of it from the beginning, because its checkpoint is torn. What they leave is equal to the
bit to an undisturbed run's, and no checkpoint is left.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from compare_databases import connect, differences
from process_group import Failed, ProcessGroup, await_condition

SPEC = """
name: long
dataset: blobs
train: {optimizer: adam, learning_rate: 0.001, batch_size: 64, steps: 6000}
measure: {points: 8, probe_size: 500}
width: 16
depth: 2
grid: {seed: [0, 1]}
"""


def latest(folder):
    """When the newest checkpoint was written; 0: there is none."""
    times = [path.stat().st_mtime_ns for path in folder.glob("*.checkpoint")]
    return max(times, default=0)


def disturbed(programs, folder, spec):
    """Trains the sweep by three workers, and returns the database."""
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir()
    flags = ["--checkpoint-dir", checkpoints, "--checkpoint-every", "0.2", "--log-level", "debug"]
    with ProcessGroup(programs, folder) as group:
        group.start_coordinator()
        group.start_worker("killed", *flags)
        group.ask("submit", str(spec))
        await_condition(lambda: latest(checkpoints) > 0, "no checkpoint came", group.tails)
        group.workers["killed"].kill()
        seen = latest(checkpoints)
        group.start_worker("preempted", *flags)
        await_condition(lambda: latest(checkpoints) > seen, "no further checkpoint came", group.tails)
        group.workers["preempted"].terminate()
        group.expect("SELECT done FROM sweep", [(0,)])
        torn = min(checkpoints.glob("*.checkpoint"))
        os.truncate(torn, torn.stat().st_size - 1)
        group.start_worker("last", *flags)
        group.await_rows("SELECT done, failed FROM sweep", [(2, 0)])
        await_condition(lambda: not list(checkpoints.iterdir()), "checkpoints are left", group.tails)
        for name in ("preempted", "last"):
            if "going on from a checkpoint" not in group.workers[name].log.read_text():
                raise Failed(f"worker {name} began anew\n{group.tails()}")
        if "WARNING trainer says" not in group.workers["last"].log.read_text():
            raise Failed(f"nobody hears of the torn file\n{group.tails()}")
        group.workers["last"].terminate()
        group.coordinator.terminate()
        return group.database


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    programs = Path(parser.parse_args().bin)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        spec = folder / "long.yaml"
        spec.write_text(SPEC, encoding="utf-8")
        found = disturbed(programs, folder, spec)
        with ProcessGroup(programs, folder) as group:
            undisturbed = str(folder / "undisturbed.db")
            group.firstguess("run", str(spec), "--db", undisturbed, "--no-report")
        wrong = differences(undisturbed, found)
        if wrong:
            raise Failed("\n".join(wrong))
        with connect(found) as database:
            print("equal to the bit; seconds of training that count: "
                  f"{database.execute('SELECT train_seconds FROM trial').fetchall()}")


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))
