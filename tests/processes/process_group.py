"""Programs of firstguess as processes of their own, for tests that end, stop and replace them.

Each writes what it prints to a file in the group's folder. Whatever is left ends with the group.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from compare_databases import connect

PATIENCE = 120  # seconds; only a failing test waits so long


class Failed(Exception):
    """What went wrong, in words for whoever reads the test's output."""


class Program:
    """One running program. `name` is what tests call it, also after it was replaced. `wrapper`: the
    words of a program that runs it as its child and ends as it ends, such as strace."""

    def __init__(self, name, command, log, wrapper=()):
        self.name = name
        self.command = [str(word) for word in [*wrapper, *command]]
        self.log = log
        self.is_wrapped = bool(wrapper)
        with open(log, "ab") as output:
            self.log_before = output.tell()
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self.process.pid

    def runs(self):
        return self.process.poll() is None

    def has_spoken(self):
        """It has written to its log, so its beginnings are behind it."""
        return os.path.getsize(self.log) > self.log_before

    def send(self, number):
        for pid in self.children() if self.is_wrapped else [self.pid]:
            os.kill(pid, number)

    def wait(self, expected):
        """Until it ended; fails unless it did so with this exit code (-9: by SIGKILL)."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{self.name} did not end within {PATIENCE} s\n{self.tail()}") from error
        if code != expected:
            raise Failed(f"{self.name} ended with {code}, not with {expected}\n{self.tail()}")

    def kill(self):
        self.send(signal.SIGKILL)
        self.wait(-signal.SIGKILL)

    def terminate(self):
        self.send(signal.SIGTERM)
        self.wait(0)

    def children(self):
        """Process ids of its children, as /proc has them."""
        tasks = Path(f"/proc/{self.pid}/task")
        try:
            return [int(child) for task in tasks.iterdir()
                    for child in (task / "children").read_text().split()]
        except OSError:
            return []

    def tail(self, lines=30):
        text = Path(self.log).read_text(errors="replace").splitlines()
        return "\n".join([f"--- {self.name}, last of {len(text)} lines:"] + text[-lines:])


class ProcessGroup:
    """A coordinator at a unix socket, its workers, and the command line, out of one folder of
    programs. `lease`: seconds. `trainer`: another trainer program than the one beside the worker.
    `flags`: more of the coordinator's."""

    def __init__(self, programs, folder, lease=3, trainer=None, flags=()):
        self.programs = Path(programs)
        self.folder = Path(folder)
        self.lease = lease
        self.trainer = trainer
        self.flags = flags
        self.database = str(self.folder / "sweeps.db")
        self.address = f"unix:{self.folder}/socket"
        self.coordinator = None
        self.workers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in [self.coordinator, *self.workers.values()]:
            if program is not None and program.runs():
                program.process.kill()
                program.process.wait()

    def start_coordinator(self, wrapper=(), flags=()):
        """Returns once it serves, or ended."""
        log = self.folder / "coordinator.log"
        lines = self.served_lines(log)
        self.coordinator = Program("coordinator", [
            self.programs / "firstguess-coordinator", "--db", self.database, "--listen",
            self.address, "--lease", self.lease, *self.flags, *flags], log, wrapper)
        await_condition(lambda: self.served_lines(log) > lines or not self.coordinator.runs(),
                        "the coordinator does not serve", self.coordinator.tail)

    def start_worker(self, name, *flags):
        command = [self.programs / "firstguess-worker", "--coordinator", self.address, "--name", name,
                   "--exit-with-parent", *flags]
        if self.trainer is not None:
            command += ["--trainer", self.trainer]
        self.workers[name] = Program(name, command, self.folder / f"{name}.log")

    def run(self, *arguments):
        """Runs the command line, whatever comes of it."""
        return subprocess.run([str(self.programs / "firstguess"), *arguments], capture_output=True,
                              text=True, check=False, timeout=10 * PATIENCE)

    def firstguess(self, *arguments):
        """Runs the command line, which must end with 0, and returns what it printed."""
        done = self.run(*arguments)
        if done.returncode != 0:
            raise Failed(f"firstguess {' '.join(arguments)} ended with {done.returncode}:\n"
                         f"{done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, *arguments):
        """The same, of the group's coordinator."""
        return self.firstguess(*arguments, "--coordinator", self.address)

    def await_workers(self, *names):
        """Until all of them are connected: a sweep submitted before could be over without one."""
        def connected():
            listed = self.run("workers", "--coordinator", self.address).stdout
            return all(name in listed for name in names)
        await_condition(connected, f"not all of {', '.join(names)} came", self.tails)

    def rows(self, query):
        """What the database answers."""
        with connect(self.database) as database:
            return database.execute(query).fetchall()

    def await_rows(self, query, expected):
        await_condition(lambda: self.rows(query) == expected,
                        f"{query} does not become {expected}",
                        lambda: f"it is {self.rows(query)}\n{self.tails()}")

    def expect(self, query, expected):
        found = self.rows(query)
        if found != expected:
            raise Failed(f"{query} is {found}, not {expected}\n{self.tails()}")

    def tails(self):
        programs = [self.coordinator, *self.workers.values()]
        return "\n".join(program.tail() for program in programs if program is not None)

    @staticmethod
    def served_lines(log):
        if not os.path.exists(log):
            return 0
        return Path(log).read_text(errors="replace").count("firstguess-coordinator serves ")


def await_condition(holds, words, explain=lambda: "", pause=time.sleep):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise Failed(f"{words} within {PATIENCE} s\n{explain()}")
        pause(0.01)
