#!/usr/bin/env python3
"""Workers in jobs of a real Slurm: launched, preempted, queued again, warned, and ended when idle.

  slurm_test.py --bin FOLDER --trainer PROGRAM

Over TLS: whoever submits is known by FIRSTGUESS_TLS, which the jobs' environment has too, and the workers
by a certificate of their own. The trainer makes its results up (tests/worker/agent/fake_trainer.h), some of them only once a gate is
open. Nothing is timed: what should not be waited for would never come.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from control_test import Control
from compare_databases import impossible
from process_group import Failed, Program, ProcessGroup, await_condition
from slurm_cluster import SlurmCluster

FAILS, HANGS, WAITS_AT_GATE = 1000004, 1000002, 1000008
ALONE = "pack: {max_trials: 1}\n"


class Site:
    """A cluster, a coordinator beside it, and what people type."""

    def __init__(self, cluster, group, trainer):
        self.cluster = cluster
        self.group = group
        self.trainer = trainer
        self.control = Control(group)
        self.logs = cluster.folder / "logs"

    def launch_words(self, *flags):
        return ["workers", "launch", "slurm", "--partition", "low", "--cpus", "1", "--time", "10",
                "--packs-per-job", "1", "--log-dir", str(self.logs),
                "--coordinator", self.group.address, "--worker-tls", str(self.group.folder / "nodes"),
                *flags, "--", "--trainer", str(self.trainer)]

    def launch(self, *flags):
        return self.group.firstguess(*self.launch_words("--json", *flags))

    def end_jobs(self):
        self.cluster.ask("scancel", "--me")
        self.cluster.await_queue(lambda queue: not queue, "cancelled jobs do not end")

    def workers(self):
        return json.loads(self.group.ask("workers", "--json"))["workers"]

    def await_training(self, workers):
        """Until so many workers have a lease each."""
        self.group.await_rows("SELECT count(DISTINCT worker) FROM lease WHERE ended_at IS NULL",
                              [(workers,)])

    def outcomes(self):
        """How often attempts ended how, so far."""
        return dict(self.group.rows("SELECT outcome, count(*) FROM attempt"
                                    " WHERE outcome IS NOT NULL GROUP BY outcome"))

    def await_outcome(self, outcome, count):
        await_condition(lambda: self.outcomes().get(outcome) == count,
                        f"there are not {count} times {outcome}",
                        lambda: f"{self.outcomes()}\n{self.cluster.tails()}")

    def expect_only(self, *allowed):
        if set(self.outcomes()) - set(allowed):
            raise Failed(f"attempts ended like this: {self.outcomes()}")


def a_machine_that_is_taken_away_is_no_failure(site):
    """One job is queued again by its owner, one preempted: both come back, their work is preempted."""
    for sweep, data_seed in [("one", 1), ("other", 2)]:
        site.control.submit(sweep, [WAITS_AT_GATE], f"data_seed: {data_seed}\n" + ALONE)
    answer = json.loads(site.launch("--max", "2"))
    if answer["submitted_jobs"] != 2 or len(answer["submitted"]) != 1:
        raise Failed(f"not two jobs in one array were submitted: {answer}")
    array = answer["submitted"][0].partition("_")[0]
    site.await_training(2)
    workers = site.workers()
    if ({worker["job"] for worker in workers} != {f"{array}_0", f"{array}_1"} or
            not all(Path(worker["log"]).is_file() for worker in workers)):
        raise Failed(f"not the workers of array {array}, with their logs: {workers}")
    site.cluster.ask("scontrol", "requeue", f"{array}_0")
    site.cluster.ask("sbatch", "--partition=high", f"--cpus-per-task={os.cpu_count()}",
                     "--output=/dev/null", "--wrap=true")
    site.await_outcome("preempted", 2)
    site.await_training(2)
    site.control.open_gate()
    for sweep in ["one", "other"]:
        site.control.await_end(sweep)
    site.end_jobs()
    site.expect_only("preempted", "finished", "returned")


def a_warning_before_the_end_hands_back_what_cannot_be_finished(site):
    """SIGUSR1, as --signal sends it before a job's time is over, some seconds before."""
    site.control.close_gate()
    site.control.submit("warned", [WAITS_AT_GATE], "data_seed: 3\n" + ALONE)
    job = json.loads(site.launch("--max", "1", "--notice", "12"))["submitted"][0]
    site.await_training(1)
    site.cluster.ask("scancel", "--batch", "--signal=USR1", job)
    site.await_outcome("preempted", 3)
    # It is not queued again: it has ended well, in its time.
    site.cluster.await_queue(lambda queue: not queue, "the warned worker does not end its job")
    site.control.open_gate()


def supervised_jobs_follow_the_open_work(site):
    """What the last job left, more jobs for more work, none without; arrays as short as the site's."""
    log = site.cluster.folder / "supervise.log"
    command = [site.group.programs / "firstguess",
               *site.launch_words("--max", "5", "--interval", "1", "--idle-exit", "2", "--supervise")]
    supervisor = Program("supervisor", command, log)
    try:
        site.control.await_end("warned")
        site.cluster.await_queue(lambda queue: not queue, "the idle worker does not end its job")
        await_condition(lambda: not site.workers(), "a worker that left is missed", supervisor.tail)
        site.control.close_gate()
        site.control.submit("busy", [WAITS_AT_GATE, 11, 12, 13, 14, 15], "data_seed: 4\n" + ALONE)
        site.cluster.await_queue(lambda queue: len(queue) == 5, "not five jobs for open work")
        await_condition(lambda: re.search(r"Submitted 5 jobs \(\d+_\[0-3\], \d+\)", log.read_text()),
                        "not an array of four and one", supervisor.tail)
        site.control.open_gate()
        site.control.await_end("busy")
        supervisor.send(signal.SIGTERM)
        supervisor.wait(4)
    finally:
        if supervisor.runs():
            supervisor.kill()
    site.end_jobs()
    site.expect_only("preempted", "finished", "returned")


def a_failure_leads_to_its_log(site):
    site.control.submit("failing", [FAILS], "data_seed: 5\n" + ALONE)
    site.launch()
    site.control.await_end("failing", code=5)
    shown = site.group.ask("show", "failing")
    words = "whole log: "
    if words not in shown or not Path(shown.split(words)[1].splitlines()[0]).is_file():
        raise Failed(f"no log is named:\n{shown}")


def what_slurm_refuses_is_said_with_what_to_do(site):
    site.control.submit("refused", [HANGS], "data_seed: 6\n" + ALONE)
    refused = site.group.run(*[word if word != "low" else "lwo" for word in site.launch_words()])
    if refused.returncode != 2 or "sinfo --summarize" not in refused.stderr:
        raise Failed(f"it ended with {refused.returncode}: {refused.stdout}{refused.stderr}")
    site.group.ask("cancel", "refused")


TESTS = [what_slurm_refuses_is_said_with_what_to_do,
         a_machine_that_is_taken_away_is_no_failure,
         a_warning_before_the_end_hands_back_what_cannot_be_finished,
         supervised_jobs_follow_the_open_work, a_failure_leads_to_its_log]


def start_over_tls(group):
    """The coordinator, and what people type from now on is typed by alice."""
    authority = ["--ca", str(group.folder / "ca")]
    group.firstguess("certs", "init", *authority)
    for name, role in [("head", "coordinator"), ("alice", "submitter"), ("nodes", "worker")]:
        group.firstguess("certs", "issue", name, "--role", role, *authority, "--output",
                         str(group.folder / name), *(["--host", "127.0.0.1"] if name == "head" else []))
    group.address = "127.0.0.1:0"
    group.start_coordinator(flags=["--tls", str(group.folder / "head")])
    printed = Path(group.coordinator.log).read_text(encoding="utf-8")
    group.address = re.search(r"127\.0\.0\.1:[1-9]\d*", printed).group(0)
    os.environ["FIRSTGUESS_TLS"] = str(group.folder / "alice")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    try:
        with (tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cluster_folder,
              ProcessGroup(arguments.bin, folder, trainer=arguments.trainer) as group):
            # Before the node starts: jobs have its environment.
            os.environ["FIRSTGUESS_FAKE_TRAINER_GATE"] = str(Path(folder) / "gate")
            with SlurmCluster(cluster_folder) as cluster:
                start_over_tls(group)
                site = Site(cluster, group, arguments.trainer)
                for test in TESTS:
                    try:
                        test(site)
                    except (Failed, subprocess.TimeoutExpired) as failure:
                        sys.exit(f"{test.__name__}: {failure}\n{cluster.tails()}")
                    print(f"{test.__name__}: ok", flush=True)
            group.coordinator.terminate()
            if wrong := impossible(group.database):
                sys.exit("\n".join(wrong))
    except Failed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
