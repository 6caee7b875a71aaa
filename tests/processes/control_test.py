#!/usr/bin/env python3
"""What people say to real processes shows at once, and a trainer that hangs is found.

  control_test.py --bin FOLDER --trainer PROGRAM

A coordinator and one worker, whose trainer makes its results up and does with some seeds what
tests/worker/agent/fake_trainer.h says: waits at a gate, hangs until it is stopped, hangs for good.
Nothing is timed: what should not be waited for would never come.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from compare_databases import impossible
from process_group import Failed, ProcessGroup, await_condition

HANGS, HANGS_FOR_GOOD, WAITS_AT_GATE = 1000002, 1000003, 1000008


class Control:
    """The group, and words for what is done to it and seen of it."""

    def __init__(self, group):
        self.group = group
        self.gate = group.folder / "gate"

    def submit(self, name, seeds, extra=""):
        spec = self.group.folder / f"{name}.yaml"
        spec.write_text(f"name: {name}\ndataset: fashion-mnist\ntrain: {{steps: 6}}\n"
                        f"measure: {{points: 2, probe_size: 100}}\n{extra}"
                        f"grid: {{seed: {list(seeds)}}}\n", encoding="utf-8")
        self.group.ask("submit", str(spec))

    def await_end(self, name, code=0):
        watched = self.group.run("watch", name, "--coordinator", self.group.address)
        if watched.returncode != code:
            raise Failed(f"watch {name} ended with {watched.returncode}, not with {code}:\n"
                         f"{watched.stdout}{watched.stderr}\n{self.group.tails()}")

    def await_gate(self, name):
        """Until the trial at the gate is in training and another lease is ahead of it."""
        self.group.await_rows(f"SELECT leased FROM sweep WHERE name = '{name}'", [(2,)])

    def open_gate(self):
        self.gate.touch()

    def close_gate(self):
        self.gate.unlink()


def a_pause_leaves_nothing_but_what_is_in_training(control):
    control.submit("paused", [WAITS_AT_GATE, 1, 2, 3], "pack: {max_trials: 1}\n")
    control.await_gate("paused")
    control.group.ask("pause", "paused")
    # What was granted ahead comes back though the trainer is not done.
    control.group.await_rows("SELECT leased FROM sweep WHERE name = 'paused'", [(1,)])
    control.open_gate()
    control.group.await_rows("SELECT state, done, leased FROM sweep WHERE name = 'paused'",
                             [("paused", 1, 0)])
    control.close_gate()
    control.group.ask("resume", "paused")
    control.await_end("paused")


def a_cancellation_stops_what_is_in_training(control):
    control.submit("cancelled", [HANGS, 11, 12], "pack: {max_trials: 3}\n")
    control.group.await_rows("SELECT leased FROM sweep WHERE name = 'cancelled'", [(3,)])
    trainers = control.group.workers["north"].children()
    control.group.ask("cancel", "cancelled")
    control.await_end("cancelled", code=5)
    # The trainer would never have been done with it, and it is still the same one.
    control.submit("afterwards", [13])
    control.await_end("afterwards")
    if control.group.workers["north"].children() != trainers:
        raise Failed("the trainer did not stop, it was replaced")


def an_urgent_sweep_comes_next(control):
    control.submit("patient", [WAITS_AT_GATE, 21, 22], "data_seed: 2\npack: {max_trials: 1}\n")
    control.await_gate("patient")
    control.submit("urgent", [31, 32], "priority: 5\npack: {max_trials: 1}\n")
    # What was granted ahead comes back, and the urgent sweep's pack takes its place.
    control.group.await_rows("SELECT name, leased FROM sweep WHERE name IN ('patient', 'urgent')",
                             [("patient", 1), ("urgent", 1)])
    control.open_gate()
    control.await_end("patient")
    control.close_gate()
    control.group.expect("SELECT seed FROM trial WHERE seed BETWEEN 21 AND 32 ORDER BY finished_at",
                         [(31,), (32,), (21,), (22,)])


def equal_sweeps_take_turns(control):
    control.submit("first", [WAITS_AT_GATE, 41, 42, 43], "data_seed: 3\npack: {max_trials: 1}\n")
    control.await_gate("first")
    control.submit("second", [51, 52, 53], "pack: {max_trials: 1}\n")
    control.open_gate()
    control.await_end("first")
    control.await_end("second")
    control.close_gate()
    control.group.expect("SELECT seed FROM trial WHERE seed BETWEEN 41 AND 53 ORDER BY finished_at",
                         [(41,), (51,), (42,), (52,), (43,), (53,)])


def a_trial_that_hangs_is_found_and_the_others_are_done(control):
    control.submit("hanging", [61, HANGS_FOR_GOOD, 62, 63],
                   "trial_timeout: 1\nmax_attempts: 1\npack: {max_trials: 4}\n")
    control.await_end("hanging", code=5)
    control.group.expect("SELECT done, failed FROM sweep WHERE name = 'hanging'", [(3, 1)])
    control.group.expect("SELECT seed, failure_class FROM trial WHERE status = 'failed'",
                         [(HANGS_FOR_GOOD, "timeout")])


def too_many_failures_pause_the_sweep_until_a_retry(control):
    fails = 1000004
    control.submit("failing", [fails, 71, 72, 73], "max_failures: 0\npack: {max_trials: 1}\n")
    control.group.await_rows("SELECT state, failed FROM sweep WHERE name = 'failing'", [("paused", 1)])
    control.group.ask("resume", "failing")
    control.await_end("failing", code=5)
    control.group.ask("retry", "failing", "--class", "invalid")
    control.await_end("failing", code=5)
    control.group.expect("SELECT count(*) FROM attempt JOIN trial USING (trial_id)"
                         f" WHERE seed = {fails} AND outcome = 'invalid'", [(2,)])


def a_lease_shorter_than_ticks_allow_is_refused(control):
    refused = subprocess.run([str(control.group.programs / "firstguess-coordinator"), "--db",
                              str(control.group.folder / "other.db"), "--lease", "2"],
                             capture_output=True, text=True, check=False)
    if refused.returncode != 2 or "--lease" not in refused.stderr:
        raise Failed(f"it ended with {refused.returncode}: {refused.stderr}")


TESTS = [a_lease_shorter_than_ticks_allow_is_refused,
         a_pause_leaves_nothing_but_what_is_in_training, a_cancellation_stops_what_is_in_training,
         an_urgent_sweep_comes_next, equal_sweeps_take_turns,
         a_trial_that_hangs_is_found_and_the_others_are_done,
         too_many_failures_pause_the_sweep_until_a_retry]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    with (tempfile.TemporaryDirectory() as folder,
          ProcessGroup(arguments.bin, folder, trainer=arguments.trainer) as group):
        control = Control(group)
        os.environ["FIRSTGUESS_FAKE_TRAINER_GATE"] = str(control.gate)
        group.start_coordinator()
        group.start_worker("north")
        group.await_workers("north")
        for test in TESTS:
            try:
                test(control)
            except Failed as failure:
                sys.exit(f"{test.__name__}: {failure}")
            print(f"{test.__name__}: ok", flush=True)
        group.workers["north"].terminate()
        group.coordinator.terminate()
        if wrong := impossible(group.database):
            sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
