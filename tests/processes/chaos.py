"""What goes wrong in a chaos run: actions on a coordinator and its workers, drawn from a seed."""

import heapq
import itertools
import os
import signal
import time

from compare_databases import connect, impossible
from process_group import PATIENCE, Failed, await_condition

BEYOND_LEASE = 1.5  # seconds that a frozen process stays silent after its leases ran out
LONGEST_ABSENCE = 1.0  # seconds until what was ended is replaced


def done_keys(database):
    with connect(database) as connection:
        return {key for key, in connection.execute("SELECT key FROM trial WHERE status = 'done'")}


class Chaos:
    """Does things to `group` and undoes them later, when rest() or settle() lets time pass. A
    program that something is still to be done about is left alone meanwhile. `say` is told what
    happens."""

    def __init__(self, group, random, say):
        self.group = group
        self.random = random
        self.say = say
        self.later = []  # a heap of (time, number, name of the program, what to do)
        self.numbers = itertools.count()

    def plan(self, extra):
        """Kinds of actions in random order, each at least once."""
        kinds = list(self.KINDS) + self.random.choices(list(self.KINDS), k=extra)
        self.random.shuffle(kinds)
        return kinds

    def do(self, kind):
        """False if it could not be done just now: what it is for is busy, or not there yet."""
        action, on_worker = self.KINDS[kind]
        programs = self.group.workers.values() if on_worker else [self.group.coordinator]
        busy = {name for _, _, name, _ in self.later}
        free = sorted(program.name for program in programs if program.name not in busy)
        if not free:
            return False
        name = self.random.choice(free)
        try:
            done = action(self, self.group.workers[name] if on_worker else self.group.coordinator)
        except Failed as failure:
            raise Failed(f"{kind} ({name}): {failure}") from failure
        if done is not False:
            self.say(f"{kind}: {name}")
        return done is not False

    # ---- Actions ---------------------------------------------------------------------------------

    def kill_coordinator(self, coordinator):
        self.end_coordinator(coordinator, signal.SIGKILL, -signal.SIGKILL)

    def stop_coordinator(self, coordinator):
        self.end_coordinator(coordinator, signal.SIGTERM, 0)

    def end_coordinator(self, coordinator, number, code):
        before = done_keys(self.group.database)
        coordinator.send(number)
        self.await_end(coordinator, code)
        lost = before - done_keys(self.group.database)
        if lost:
            raise Failed(f"{len(lost)} trials were done and are no more: {sorted(lost)[:3]}")
        if wrong := impossible(self.group.database):
            raise Failed("\n".join(wrong))
        self.after(self.random.uniform(0, LONGEST_ABSENCE), coordinator.name,
                   self.group.start_coordinator)

    def kill_worker(self, worker):
        trainers = worker.children()
        worker.send(signal.SIGKILL)
        self.await_end(worker, -signal.SIGKILL)
        await_condition(lambda: not any(map(lives, trainers)), f"{worker.name}'s trainer outlived it")
        self.replace(worker)

    def stop_worker(self, worker):
        # A process that has only just begun does not yet heed the signal: it dies of it.
        if not worker.has_spoken():
            return False
        worker.send(signal.SIGTERM)
        self.await_end(worker, 0)
        self.replace(worker)
        return True

    def drain_worker(self, worker):
        if self.group.run("drain", worker.name, "--coordinator", self.group.address).returncode != 0:
            return False
        self.await_end(worker, 0)
        self.replace(worker)
        return True

    def kill_trainer(self, worker):
        trainers = worker.children()
        for trainer in trainers:
            send(trainer, signal.SIGKILL)
        return bool(trainers)

    def freeze_trainer(self, worker):
        trainers = worker.children()
        for trainer in trainers:
            self.freeze_process(trainer, worker.name)
        return bool(trainers)

    def freeze(self, program):
        self.freeze_process(program.pid, program.name)

    KINDS = {"kill the coordinator": (kill_coordinator, False),
             "stop the coordinator": (stop_coordinator, False),
             "freeze the coordinator": (freeze, False),
             "kill a worker": (kill_worker, True),
             "stop a worker": (stop_worker, True),
             "drain a worker": (drain_worker, True),
             "freeze a worker": (freeze, True),
             "kill a trainer": (kill_trainer, True),
             "freeze a trainer": (freeze_trainer, True)}

    # ---- What they are made of -------------------------------------------------------------------

    def freeze_process(self, pid, name):
        send(pid, signal.SIGSTOP)
        self.after(self.group.lease + BEYOND_LEASE, name, lambda: send(pid, signal.SIGCONT))

    def replace(self, worker):
        self.after(self.random.uniform(0, LONGEST_ABSENCE), worker.name,
                   lambda: self.group.start_worker(worker.name))

    def await_end(self, program, code):
        """Until it ended, with that exit code; what is due about others happens meanwhile."""
        end = time.monotonic() + PATIENCE
        while program.runs() and time.monotonic() < end:
            self.rest(0.01)
        program.wait(code)

    # ---- Time ------------------------------------------------------------------------------------

    def after(self, seconds, name, action):
        heapq.heappush(self.later, (time.monotonic() + seconds, next(self.numbers), name, action))

    def rest(self, seconds):
        """Lets that much time pass, and what is due in it happen."""
        end = time.monotonic() + seconds
        while True:
            while self.later and self.later[0][0] <= time.monotonic():
                heapq.heappop(self.later)[3]()
            left = min([end] + [due for due, *_ in self.later[:1]]) - time.monotonic()
            if time.monotonic() >= end:
                return
            time.sleep(max(0, left))

    def settle(self):
        """Until everything is undone."""
        while self.later:
            self.rest(0.01)


def lives(pid):
    """Neither gone nor dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it ended first
