#!/usr/bin/env python3
"""The n-th sync or write of the real coordinator fails, as strace makes it: what a worker was told is
stored is in the file, and the coordinator ends with a clear message or goes on when it can.

  inject_test.py --bin FOLDER --trainer PROGRAM

A coordinator under strace, a worker with a trainer that makes its results up, a small sweep. Threads
are counted apart, so the n-th call is the main thread's while it opens the file, or the writer's. After each case the file is looked at as it was left, and a coordinator without strace finishes
the sweep. Ends with 77, which is skipped, where tracing is not allowed.
"""

import argparse
import concurrent.futures
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from compare_databases import connect, impossible
from process_group import Failed, ProcessGroup, await_condition

SPEC = """
name: injected
dataset: fashion-mnist
train: {steps: 6}
measure: {points: 2, probe_size: 100}
grid: {seed: {range: [0, 23]}}
pack: {max_trials: 2}
"""
TRIALS = 24
SYNCS = "fsync,fdatasync"
# What fails, how, at which call, and of which file: one that is being made, or one that is there,
# where the calls are nearly all the writer's. EIO once; a full disk for three writes in a row.
CASES = ([(SYNCS, "EIO", f"{n}", "new") for n in (1, 3)] +
         [(SYNCS, "EIO", f"{n}", "known") for n in (1, 2, 3, 4, 5, 7, 10)] +
         [("pwrite64", "EIO", f"{n}", "new") for n in (1, 20)] +
         [("pwrite64", "EIO", f"{n}", "known") for n in (2, 9, 40, 150)] +
         [("pwrite64", "ENOSPC", "20..22", "new"), ("pwrite64", "ENOSPC", "9..11", "known"),
          ("pwrite64", "ENOSPC", "100..102", "known")])
AT_ONCE = 4  # cases; they wait more than they work
SKIPPED = 77


def why_not():
    """Why nothing can be traced here; None if it can."""
    if shutil.which("strace") is None:
        return "strace is not installed (tools/setup --test installs it)"
    tried = subprocess.run(["strace", "-f", "-qq", "-e", "trace=none", "true"], capture_output=True,
                           text=True, check=False)
    return None if tried.returncode == 0 else f"tracing is not allowed here: {tried.stderr.strip()}"


def acknowledged(worker_log):
    """Trials that the worker was told are stored."""
    text = Path(worker_log).read_text(errors="replace") if Path(worker_log).exists() else ""
    return {int(trial) for trial in
            re.findall(r"result acknowledged lease=\d+ trial=(\d+) outcome=STORED", text)}


def done_trials(database):
    if not Path(database).exists():
        return set()
    with connect(database) as connection:
        if connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'trial'").fetchone()[0]:
            rows = connection.execute("SELECT trial_id FROM trial WHERE status = 'done'")
            return {trial for trial, in rows}
    return set()


def check(condition, words, group):
    if not condition:
        raise Failed(f"{words}\n{group.tails()}")


def submit(group):
    """Until the sweep is known: the coordinator may end at any moment, and takes it again as the same."""
    return group.run("submit", str(group.folder / "injected.yaml"), "--coordinator",
                     group.address).returncode == 0


def all_done(group):
    return len(done_trials(group.database)) == TRIALS


def run_case(programs, trainer, calls, error, when, file):
    with tempfile.TemporaryDirectory() as folder, ProcessGroup(programs, folder,
                                                               trainer=trainer) as group:
        (group.folder / "injected.yaml").write_text(SPEC, encoding="utf-8")
        if file == "known":
            group.start_coordinator()
            group.coordinator.terminate()
        trace = group.folder / "trace"
        group.start_worker("north", "--log-level", "debug")
        group.start_coordinator(wrapper=["strace", "-f", "-qq", "-o", trace, "-e", f"trace={calls}",
                                         "-e", f"inject={calls}:error={error}:when={when}"])
        coordinator = group.coordinator
        for step, words in ((submit, "is neither taken nor refused"), (all_done, "does not end")):
            await_condition(lambda done=step: not coordinator.runs() or done(group),
                            f"the sweep {words}", group.tails)
        if coordinator.runs():
            coordinator.terminate()
            how = "went on"
        else:
            code = coordinator.process.returncode
            how = f"ended with {code}"
            # Behind it stands what to do next.
            said = Path(coordinator.log).read_text(errors="replace").splitlines()[-2]
            # As its help promises; the sanitizers and strace have codes of their own.
            expected = (1, 6) if error == "ENOSPC" else (1,)
            check(code in expected, f"the coordinator ended with {code}", group)
            check(said.startswith("firstguess-coordinator: ") and "sweeps.db" in said,
                  f"the coordinator's last words are {said!r}", group)
        injected = trace.read_text(errors="replace").count("(INJECTED)")

        left, told = done_trials(group.database), acknowledged(group.workers["north"].log)
        check(told <= left, f"acknowledged and not in the file: {sorted(told - left)}", group)
        group.start_coordinator()
        check(group.coordinator.runs(), "the coordinator does not start again", group)
        check(submit(group), "the sweep can't be submitted", group)
        await_condition(lambda: all_done(group), "the sweep does not end", group.tails)
        group.workers["north"].terminate()
        group.coordinator.terminate()
        wrong = impossible(group.database)
        check(not wrong, "\n".join(wrong), group)
        return injected, f"{injected} injected; {how} with {len(left)} of {TRIALS} trials done"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    if reason := why_not():
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)

    failures, injected = [], 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        running = [(case, pool.submit(run_case, arguments.bin, arguments.trainer, *case))
                   for case in CASES]
        for (calls, error, when, file), case in running:
            try:
                count, words = case.result()
                injected += count > 0
            except Failed as failure:
                words = f"FAILED: {failure}"
                failures.append(failure)
            print(f"{file} file, {calls} {error} at {when}: {words}", flush=True)
    if injected < len(CASES) // 2:
        sys.exit(f"the test proved little: only {injected} of {len(CASES)} cases met their call")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
