#!/usr/bin/env python3
"""A coordinator and two workers as processes of their own, over TCP loopback and over a unix socket.

  processes_test.py --bin FOLDER --transport tcp|unix

Submits a sweep, watches it to its end, and checks that both workers took part, that every cell is
done exactly once, and that the same sweep embedded in `firstguess run` leaves the same rows. Then
stops everything with SIGTERM and expects exit code 0 of each.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare_databases import connect, counter_disagreements, counts, differences

SPEC = """
name: apart
dataset: fashion-mnist
train: {optimizer: sgd, learning_rate: 0.01, batch_size: 64, steps: 30}
measure: {points: 6, probe_size: 500}
grid:
  width: [16, 32]
  loss: [cross_entropy, {piecewise_zero: {cutoff: 0.05}}]
  seed: {range: [0, 9]}
pack: {max_trials: 2}
"""
CELLS = 2 * 2 * 10


class Processes:
    """What this test started; all of it ends with the test."""

    def __init__(self):
        self.running = []

    def start(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.running.append(process)
        return process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.kill()
            process.wait()

    def stop(self, process):
        """SIGTERM; returns what it printed."""
        process.terminate()
        output, _ = process.communicate(timeout=60)
        if process.returncode != 0:
            sys.exit(f"{process.args[0]} ended with {process.returncode} after SIGTERM:\n{output}")
        return output


def served_address(coordinator):
    """The address that the coordinator says it listens on, its port filled in."""
    lines = []
    for line in coordinator.stdout:
        lines.append(line)
        match = re.search(r"127\.0\.0\.1:[1-9]\d*|unix:\S+", line)
        if match:
            return match.group(0).rstrip(",;.")
    sys.exit(f"the coordinator did not say where it listens:\n{''.join(lines)}")


def wait_for_workers(firstguess, address, names):
    """Until all of them are connected: a sweep submitted before could be over without the slower."""
    for _ in range(600):
        listed = subprocess.run([firstguess, "workers", "--coordinator", address], check=False,
                                capture_output=True, text=True).stdout
        if all(name in listed for name in names):
            return
        time.sleep(0.1)
    sys.exit(f"the workers did not come within a minute:\n{listed}")


def check(condition, words):
    if not condition:
        sys.exit(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--transport", choices=["tcp", "unix"], required=True)
    arguments = parser.parse_args()
    programs = Path(arguments.bin)

    with tempfile.TemporaryDirectory() as folder, Processes() as processes:
        spec, database = Path(folder, "apart.yaml"), str(Path(folder, "apart.db"))
        spec.write_text(SPEC, encoding="utf-8")
        listen = "127.0.0.1:0" if arguments.transport == "tcp" else f"unix:{folder}/socket"
        coordinator = processes.start(str(programs / "firstguess-coordinator"), "--db", database,
                                      "--listen", listen)
        address = served_address(coordinator)
        workers = [processes.start(str(programs / "firstguess-worker"), "--coordinator", address,
                                   "--name", name) for name in ("north", "south")]

        firstguess = str(programs / "firstguess")
        wait_for_workers(firstguess, address, ["north", "south"])
        subprocess.run([firstguess, "submit", str(spec), "--coordinator", address], check=True)
        watched = subprocess.run([firstguess, "watch", "apart", "--coordinator", address],
                                 capture_output=True, text=True, timeout=240, check=False)
        check(watched.returncode == 0, f"watch ended with {watched.returncode}:\n{watched.stderr}")
        for process in workers + [coordinator]:
            processes.stop(process)

        with connect(database) as connection:
            took_part = connection.execute("SELECT DISTINCT worker FROM trial ORDER BY 1").fetchall()
            state = connection.execute("SELECT state, done FROM sweep").fetchone()
        check(took_part == [("north",), ("south",)], f"trials were done by {took_part}")
        check(state == ("done", CELLS), f"the sweep ended as {state}")
        check(not counter_disagreements(database), "the counters disagree with the cells")

        embedded = str(Path(folder, "embedded.db"))
        subprocess.run([firstguess, "run", str(spec), "--db", embedded, "--no-report"], check=True,
                       stdout=subprocess.DEVNULL)
        found = differences(embedded, database)
        check(not found, "\n".join(found))
        print(f"{arguments.transport}: {counts(database)} equal to the embedded run's")


if __name__ == "__main__":
    main()
