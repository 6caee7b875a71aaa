"""Runs steps round after round, so that what is compared is near in time, and keeps every sample."""

import json
import re
import subprocess
import sys
from pathlib import Path

from harness.parts import ROUNDS, PeerStep

PEER = Path(__file__).resolve().parents[1] / "peers" / "optuna_peer.py"


def fail(command, result):
    sys.exit(f"{' '.join(map(str, command))} ended with {result.returncode}:\n"
             f"{result.stdout[-2000:]}{result.stderr[-2000:]}")


def run_program(step, folder, quick):
    """Yields (metric, value); a metric is a benchmark's key and a counter."""
    wanted = {key: names[quick] for key, names in step.benchmarks.items()}
    pattern = "|".join(f"{re.escape(name)}(/iterations.*)?" for name in sorted(set(wanted.values())))
    command = [str(Path(folder, step.program)), f"--benchmark_filter=^({pattern})$",
               f"--benchmark_repetitions={1 if quick else step.repetitions}",
               "--benchmark_format=json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        fail(command, result)
    for row in json.loads(result.stdout)["benchmarks"]:
        if row["run_type"] != "iteration":
            continue
        name = row["run_name"].split("/iterations")[0]
        counters = {counter: value for counter, value in row.items()
                    if isinstance(value, float)} | {"ms": row["real_time"]}
        for key in (key for key, benchmark in wanted.items() if benchmark == name):
            yield from ((f"{key}:{counter}", value) for counter, value in counters.items())


def run_peer(step, python_path, quick):
    command = [sys.executable, str(PEER), *step.arguments[quick]]
    result = subprocess.run(command, capture_output=True, text=True, check=False,
                            env={"PYTHONPATH": str(python_path), "PATH": "/usr/bin:/bin",
                                 "OPENBLAS_NUM_THREADS": "1"})
    if result.returncode != 0:
        fail(command, result)
    for line in result.stdout.splitlines():
        row = json.loads(line)
        name = row.pop("name")
        yield from ((f"{name}:{counter}", value) for counter, value in row.items())


def collect(chosen, folder, optuna, quick):
    """All samples by metric. `optuna`: the folder that Optuna is installed in, or None."""
    found = {}
    for number in range(1 if quick else ROUNDS):
        for part in chosen:
            for step in part.steps:
                is_peer = isinstance(step, PeerStep)
                if number >= step.rounds or (is_peer and optuna is None):
                    continue
                print(f"round {number + 1}: {part.name}", file=sys.stderr, flush=True)
                got = run_peer(step, optuna, quick) if is_peer else run_program(step, folder, quick)
                for metric, value in got:
                    found.setdefault(metric, []).append(value)
    return found
