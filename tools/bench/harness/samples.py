"""Runs steps round after round, so that what is compared is near in time, and keeps every sample."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import peers
from harness.parts import ROUNDS, PeerStep

# Of one program; the longest takes a minute or two on a machine that does nothing else.
LONGEST_S = 900

BENCH = Path(__file__).resolve().parents[1]


class Failed(Exception):
    """A program that did not end well, with what it said."""


def output_of(command, environment):
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False,
                                env=environment, timeout=LONGEST_S)
    except FileNotFoundError as error:
        raise Failed(f"{command[0]} is not there; build it first") from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(command)} did not end within {LONGEST_S} s") from error
    if result.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {result.returncode}:\n{result.stderr[-2000:]}")
    return result.stdout


def run_program(step, folder, quick, environment):
    """Yields (metric, value); a metric is a benchmark's key and a counter."""
    wanted = {key: names[quick] for key, names in step.benchmarks.items()}
    pattern = "|".join(f"{re.escape(name)}(/iterations.*)?" for name in sorted(set(wanted.values())))
    command = [str(Path(folder, step.program)), f"--benchmark_filter=^({pattern})$",
               f"--benchmark_repetitions={1 if quick else step.repetitions}",
               "--benchmark_format=json"]
    for row in json.loads(output_of(command, environment))["benchmarks"]:
        if row["run_type"] != "iteration":
            continue
        name = row["run_name"].split("/iterations")[0]
        counters = {counter: value for counter, value in row.items()
                    if isinstance(value, float)} | {"ms": row["real_time"]}
        for key in (key for key, benchmark in wanted.items() if benchmark == name):
            yield from ((f"{key}:{counter}", value) for counter, value in counters.items())


def run_peer(step, folder, quick, environment):
    command = [sys.executable, str(BENCH / step.script), *step.arguments[quick]]
    if step.programs:
        command += ["--bin", str(folder)]
    found = output_of(command, environment | peers.variables(step.environment))
    for line in found.splitlines():
        row = json.loads(line)
        name = row.pop("name")
        yield from ((f"{name}:{counter}", value) for counter, value in row.items())


def collect(chosen, folder, rounds, quick):
    """All samples by metric, and what failed. No step has more than `rounds` rounds."""
    found, failures = {}, []
    with tempfile.TemporaryDirectory(prefix="firstguess-bench-") as scratch:
        environment = os.environ | {"TMPDIR": scratch}
        for number in range(1 if quick else min(rounds, ROUNDS)):
            for part, step in ((part, step) for part in chosen for step in part.steps):
                if number >= step.rounds:
                    continue
                print(f"round {number + 1}: {part.name}", file=sys.stderr, flush=True)
                run = run_peer if isinstance(step, PeerStep) else run_program
                try:
                    got = list(run(step, folder, quick, environment))
                except Failed as failed:
                    failures.append(str(failed))
                    continue
                for metric, value in got:
                    found.setdefault(metric, []).append(value)
    return found, failures
