#!/usr/bin/env python3
"""What every command prints with --json is what docs/json.md says, in a locale with decimal commas.

  json_test.py --bin FOLDER --trainer PROGRAM --page docs/json.md

Every key that is printed is documented, every key that is documented is printed by some command,
and every command has its section.
"""

import argparse
import json
import locale
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from json_page import JsonPage
from process_group import Failed, ProcessGroup, await_condition

FAILS, WAITS_AT_GATE = 1000004, 1000008


def write_sweep(folder, name, seeds, extra=""):
    path = Path(folder) / f"{name}.yaml"
    path.write_text(f"name: {name}\ndataset: fashion-mnist\n"
                    f"train: {{steps: 6, learning_rate: 0.05}}\n"
                    f"measure: {{points: 2, probe_size: 100}}\n{extra}"
                    f"grid: {{seed: {list(seeds)}}}\n", encoding="utf-8")
    return str(path)


def use_decimal_commas(folder):
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", f"{folder}/de_DE.UTF-8"], check=True)
    os.environ.update({"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"})
    locale.setlocale(locale.LC_ALL, "")
    if locale.localeconv()["decimal_point"] != ",":
        raise Failed("this locale has no decimal comma")


def write_fake_slurm(folder):
    """Commands of Slurm's names, first on the PATH: a site without patience and without jobs."""
    programs = Path(folder) / "slurm"
    programs.mkdir()
    for name, answer in [("sbatch", "12"), ("squeue", ""), ("scontrol", "KillWait = 1 sec")]:
        (programs / name).write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
        (programs / name).chmod(0o700)
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"


class Answers:
    """Runs commands and holds their answers against the page."""

    def __init__(self, page, group):
        self.page = page
        self.group = group
        self.at = ["--coordinator", group.address]

    def lines(self, *arguments, codes=(0,)):
        done = self.group.run(*arguments, "--json")
        if done.returncode not in codes:
            raise Failed(f"firstguess {' '.join(arguments)} ended with {done.returncode}:\n"
                         f"{done.stdout}{done.stderr}\n{self.group.tails()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def one(self, heading, *arguments, codes=(0,)):
        lines = self.lines(*arguments, codes=codes)
        if len(lines) != 1:
            self.page.problems.append(f"{heading} printed {len(lines)} lines")
        self.page.check(heading, lines[0])
        return lines[0]

    def events(self, lines):
        for line in lines:
            self.page.check(f"run event {line['event']}", line)


def about_files_and_names(answers, folder):
    answers.one("list losses", "list", "losses")
    answers.one("list fields", "list", "fields")
    answers.one("list models", "list", "models")
    answers.one("list datasets", "list", "datasets")
    answers.one("schema", "schema")
    answers.one("query --cookbook", "query", "--cookbook")
    answers.one("completions", "completions", "bash")
    answers.one("theory", "theory", "--depth", "2", "--activation", "tanh", "--bias-variance", "0.1")
    answers.one("theory --pooling max", "theory", "--pooling", "max", "--pool-size", "4")
    authority = ["--ca", f"{folder}/ca"]
    answers.one("certs", "certs", "init", *authority)
    answers.one("certs", "certs", "issue", "node1", "--role", "coordinator", "--host", "node1", *authority,
                "--output", f"{folder}/node1")
    answers.one("certs", "certs", "revoke", "node1", *authority)
    answers.one("certs", "certs", "list", *authority)
    small = write_sweep(folder, "small", [1, 2], "data_seed: 1\n")
    database = f"{folder}/small.db"
    events = answers.lines("run", small, "--workers", "1", "--db", database)
    answers.events(events)
    write_sweep(folder, "small", [1, 2, 3], "data_seed: 1\n")
    answers.events(answers.lines("run", small, "--workers", "1", "--db", database, "--extend",
                                 "--no-report"))
    answers.one("preview", "preview", small, "--db", database)
    answers.one("preview", "preview", small, "--device", "cuda")
    answers.one("show", "show", "small", "--db", database)
    answers.one("report", "report", "--db", database)
    answers.one("plot", "plot", "--db", database, "--output", f"{folder}/small.svg")
    answers.one("export", "export", "--db", database, "--to", f"{folder}/exported")
    answers.one("backup", "backup", f"{folder}/copy.db", "--db", database)
    answers.one("doctor", "doctor", "--db", database, "--check", codes=(0, 1, 2, 3))
    rows = answers.lines("query", "--db", database, "select learning_rate from trial")
    if rows != [{"learning_rate": 0.05}] * 3:
        raise Failed(f"not the learning rate of the sweep file: {rows}")
    csv = answers.group.firstguess("query", "--db", database, "--format", "csv", "select 0.5 as x")
    if csv != "x\n0.5\n":
        raise Failed(f"CSV with another point: {csv}")


def about_a_service(answers, folder):
    at, group = answers.at, answers.group
    spec = write_sweep(folder, "served", [FAILS, WAITS_AT_GATE],
                       "data_seed: 2\nmax_attempts: 1\npack: {max_trials: 1}\n")
    answers.one("submit", "submit", spec, *at)
    write_sweep(folder, "served", [FAILS, WAITS_AT_GATE, 1],
                "data_seed: 2\nmax_attempts: 1\npack: {max_trials: 1}\n")
    answers.one("submit", "submit", spec, "--extend", *at)
    answers.one("list", "list", *at)
    answers.one("preview", "preview", spec, *at)
    answers.one("workers", "workers", *at)
    answers.one("health", "health", *at)
    launch = ["workers", "launch", "slurm", "--log-dir", f"{folder}/logs", *at]
    answers.one("workers launch --dry-run", *launch, "--dry-run")
    write_fake_slurm(folder)
    for line in answers.lines(*launch):
        answers.page.check(f"workers launch event {line['event']}", line)
    command = [group.programs / "firstguess", "watch", "served", "--json", *at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        events = [json.loads(watching.stdout.readline())]
        while not events[-1].get("failures"):
            events.append(json.loads(watching.stdout.readline()))
        group.coordinator.send(signal.SIGKILL)
        group.coordinator.wait(-signal.SIGKILL)
        while events[-1]["event"] != "note":
            events.append(json.loads(watching.stdout.readline()))
        group.start_coordinator()
        answers.one("show", "show", "served", *at)
        answers.one("pause", "pause", "served", *at)
        answers.one("resume", "resume", "served", *at)
        answers.one("retry", "retry", "served", *at)
        answers.one("cancel", "cancel", "served", *at)
        events += [json.loads(line) for line in watching.stdout]
    answers.events(events)
    group.await_workers("north")
    answers.one("drain", "drain", "north", *at)


class Receiver:
    """An HTTP server that remembers what it is told of sweeps' ends. It is busy the first time."""

    def __init__(self):
        self.told = []
        receiver = self
        busy = [True]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not busy:
                    receiver.told.append(told)
                self.send_response(503 if busy else 204)
                busy.clear()
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ended"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def about_the_end(answers, folder, receiver, told_file):
    """Of a cancelled sweep, before which the coordinator was killed, and of one that is done."""
    spec = write_sweep(folder, "last one \U0001f680", [1, 2], "data_seed: 3\n")
    answers.group.start_worker("south")
    answers.one("submit", "submit", spec, *answers.at)
    answers.events(answers.lines("watch", "last one \U0001f680", *answers.at))
    ends = [("served", "cancelled"), ("last one \U0001f680", "done")]
    await_condition(lambda: len(receiver.told) >= len(ends), "the webhook was not told",
                    answers.group.tails)
    for end in receiver.told:
        answers.page.check("The end of a sweep", end)
    if sorted((end["sweep"], end["state"]) for end in receiver.told) != sorted(ends):
        raise Failed(f"the webhook was told {receiver.told}")
    lines = [f"{name} {state}" for name, state in ends]
    await_condition(lambda: told_file.read_text(encoding="utf-8").splitlines() == lines,
                    f"the command was not told {lines}", answers.group.tails)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    parser.add_argument("--page", required=True, help="docs/json.md")
    arguments = parser.parse_args()
    page = JsonPage(arguments.page)
    # Beside the programs, so that they can be linked.
    with tempfile.TemporaryDirectory(dir=Path(arguments.bin).parent) as folder:
        for name in ["firstguess", "firstguess-worker", "firstguess-coordinator"]:
            os.link(Path(arguments.bin) / name, f"{folder}/{name}")
        os.link(arguments.trainer, f"{folder}/firstguess-trainer")
        os.environ["FIRSTGUESS_FAKE_TRAINER_GATE"] = f"{folder}/gate"
        use_decimal_commas(folder)
        told_file = Path(folder) / "told"
        told_file.touch()
        command = f'echo "$FIRSTGUESS_SWEEP $FIRSTGUESS_STATE" >> {told_file}'
        with (Receiver() as receiver,
              ProcessGroup(folder, folder, flags=["--webhook", receiver.url, "--on-sweep-finish",
                                                  command]) as group):
            group.start_coordinator()
            group.start_worker("north")
            group.await_workers("north")
            answers = Answers(page, group)
            try:
                about_files_and_names(answers, folder)
                about_a_service(answers, folder)
                about_the_end(answers, folder, receiver, told_file)
            except Failed as failure:
                sys.exit(str(failure))
            listed = group.firstguess("--help").split("ommands:\n")[1].split("\n\n")[0]
    commands = re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE)
    page.problems += [f"{command} has no section" for command in commands
                      if command not in page.sections]
    page.problems += [f"documented, and never printed: {key}" for key in page.never_seen()]
    if page.problems:
        sys.exit("\n".join(dict.fromkeys(page.problems)))
    print(f"{len(commands)} commands, {len(page.seen)} keys")


if __name__ == "__main__":
    main()
