#!/usr/bin/env python3
"""A whole small sweep from the start of the command to its end: firstguess beside a plain PyTorch script
that does the same work, and beside Optuna and Ray Tune driving that script. All use both cores.

  tools/bench/run sweep            seven rounds, with the packages of the peers
  tools/bench/sweep_bench.py --width 32 [--with ours plain optuna ray] [--trials 100] [--steps 200]

Prints one JSON object: for each, seconds on the clock and of processor time, of all its processes.
"""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers"
BIN = Path(__file__).resolve().parents[2] / "build/release/bin"
PATIENCE = 1800  # seconds for one sweep

SPEC = """
name: bench
dataset: fashion-mnist
width: {width}
depth: 3
train: {{optimizer: sgd, batch_size: 128, steps: {steps}}}
measure: {{points: 24, spacing: log, probe_size: 2000}}
grid:
  learning_rate: [0.005, 0.01, 0.02, 0.04]
  seed: {{range: [0, {last_seed}]}}
"""


def run(command):
    """Its standard output, seconds on the clock and of processor time."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            timeout=PATIENCE, check=False)
    seconds = time.monotonic() - begun
    if result.returncode != 0:
        sys.exit(f"sweep_bench.py: {' '.join(command)} ended with {result.returncode}:\n"
                 f"{(result.stdout + result.stderr)[-2000:]}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result.stdout, seconds, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def ours(arguments):
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "bench.yaml")
        spec.write_text(SPEC.format(width=arguments.width, steps=arguments.steps,
                                    last_seed=arguments.trials // 4 - 1), encoding="utf-8")
        database = f"{folder}/bench.db"
        _, seconds, used = run([f"{arguments.bin}/firstguess", "run", str(spec), "--db", database,
                                "--workers", "2", "--no-report"])
        done, trained = sqlite3.connect(database).execute(
            "SELECT count(*), sum(train_seconds) FROM trial WHERE status = 'done'").fetchone()
    if done != arguments.trials // 4 * 4:
        sys.exit(f"sweep_bench.py: firstguess finished {done} trials")
    return {"ours_s": seconds, "ours_cpu_s": used, "ours_trained_s": trained}


def peer(name, arguments):
    output, seconds, used = run([sys.executable, str(PEERS / f"{name}_sweep.py"),
                                 "--width", str(arguments.width), "--trials", str(arguments.trials),
                                 "--steps", str(arguments.steps)])
    found = {f"{name}_s": seconds, f"{name}_cpu_s": used}
    if name == "plain":
        found["plain_loop_s"] = json.loads(output)["loop_s"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--with", dest="names", nargs="+", default=["ours", "plain", "optuna", "ray"],
                        choices=["ours", "plain", "optuna", "ray"])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--bin", metavar="FOLDER", default=os.environ.get("FIRSTGUESS_BIN", str(BIN)))
    arguments = parser.parse_args()
    found = {"name": f"sweep/{arguments.width}"}
    for name in arguments.names:
        found |= ours(arguments) if name == "ours" else peer(name, arguments)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
