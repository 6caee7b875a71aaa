#!/usr/bin/env python3
"""How soon the next trial is finished after the coordinator was killed with SIGKILL and started again
at once, with real programs: two workers and their trainers on short trials over Fashion-MNIST.

  tools/bench/recovery_bench.py [--bin build/release/bin] [--repeats 7] [--limit SECONDS]

The time runs from the signal to the next result on disk, so it holds the restart, the workers' way
back and a COMMIT. Prints each, and the median with its quartiles beside the limit.
"""

import argparse
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPEC = """
name: recovery
dataset: fashion-mnist
width: 16
train: {optimizer: sgd, batch_size: 64, steps: 20}
measure: {points: 5, probe_size: 200}
grid: {seed: {range: [0, 99999]}}
pack: {max_trials: 4}
"""
BETWEEN = 10  # trials finished between two kills
PATIENCE = 60  # seconds until something must have happened


class Recovery:
    """A coordinator with its workers in `folder`. All of them end with it."""

    def __init__(self, programs, folder):
        self.programs = Path(programs)
        self.folder = Path(folder)
        self.database = f"file:{folder}/recovery.db?mode=ro"
        self.log = open(self.folder / "log", "wb")
        self.coordinator = None
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.workers, self.coordinator]:
            if process is not None:
                process.kill()
                process.wait()
        self.log.close()

    def start(self, program, *arguments):
        return subprocess.Popen([str(self.programs / program), *arguments], stdout=self.log,
                                stderr=subprocess.STDOUT)

    def start_coordinator(self):
        self.coordinator = self.start("firstguess-coordinator", "--db", f"{self.folder}/recovery.db",
                                      "--listen", f"unix:{self.folder}/socket")

    def submit(self):
        spec = self.folder / "recovery.yaml"
        spec.write_text(SPEC, encoding="utf-8")
        command = [str(self.programs / "firstguess"), "submit", str(spec), "--coordinator",
                   f"unix:{self.folder}/socket"]
        end = time.monotonic() + PATIENCE
        while subprocess.run(command, capture_output=True, check=False).returncode != 0:
            if time.monotonic() > end:
                sys.exit(f"the sweep can't be submitted; see what {self.programs} prints")
            time.sleep(0.1)

    def done(self):
        try:
            connection = sqlite3.connect(self.database, uri=True)
            try:
                return connection.execute("SELECT done FROM sweep").fetchone()[0]
            finally:
                connection.close()
        except sqlite3.OperationalError:
            return None  # the file is being opened

    def await_done(self, count):
        end = time.monotonic() + PATIENCE
        while (done := self.done()) is None or done < count:
            if time.monotonic() > end:
                sys.exit(f"only {done} of {count} trials were done within {PATIENCE} s:\n" +
                         (self.folder / "log").read_text(errors="replace")[-4000:])
            time.sleep(0.002)

    def seconds_after_kill(self):
        self.await_done((self.done() or 0) + BETWEEN)
        time.sleep(random.uniform(0, 0.2))  # anywhere in a pack
        killed_at = time.monotonic()
        self.coordinator.kill()
        self.coordinator.wait()
        before = self.done() or 0
        self.start_coordinator()
        self.await_done(before + 1)
        return time.monotonic() - killed_at


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin", help="the folder of the programs")
    parser.add_argument("--repeats", type=int, default=7, help="at least 2")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds to stay within")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Recovery(arguments.bin, folder) as recovery:
        recovery.start_coordinator()
        for name in ("north", "south"):
            recovery.workers.append(recovery.start("firstguess-worker", "--coordinator",
                                                   f"unix:{folder}/socket", "--name", name,
                                                   "--exit-with-parent"))
        recovery.submit()
        seconds = [recovery.seconds_after_kill() for _ in range(arguments.repeats)]
    print("next finished trial after kill -9 of the coordinator, its restart included, in seconds:")
    print("  " + " ".join(f"{one:.3f}" for one in seconds))
    low, median, high = statistics.quantiles(seconds, n=4, method="inclusive")
    print(f"  median {median:.3f} (quartiles {low:.3f} to {high:.3f}), limit {arguments.limit:g}")


if __name__ == "__main__":
    main()
