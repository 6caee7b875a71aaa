#!/usr/bin/env python3
"""What an operator's day brings: programs restarted one after the other under load, a clock that jumps, a
file system that becomes read-only.

  operation_test.py --bin FOLDER --trainer PROGRAM

Real programs, with trainers that make their results up (tests/worker/agent/fake_trainer.h). The clock is
libfaketime's, of the coordinator alone. What needs root is left out without it, and said.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from compare_databases import impossible
from process_group import Failed, ProcessGroup, await_condition

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
WAITS_AT_GATE = 1000008
LOAD = 6000  # trials


def done(group):
    return group.rows("SELECT total(done) FROM sweep")[0][0]


def submit(group, name, seeds, extra="pack: {max_trials: 1}\n"):
    path = group.folder / f"{name}.yaml"
    path.write_text(f"name: {name}\ndataset: fashion-mnist\ntrain: {{steps: 6}}\n"
                    f"measure: {{points: 2, probe_size: 100}}\n{extra}grid: {{seed: {seeds}}}\n",
                    encoding="utf-8")
    group.ask("submit", str(path))


def a_rolling_restart_loses_and_repeats_nothing(programs, trainer, folder):
    with ProcessGroup(programs, folder, trainer=trainer) as group:
        group.start_coordinator()
        workers = ["north", "south"]
        for name in workers:
            group.start_worker(name)
        group.await_workers(*workers)
        submit(group, "load", f"{{range: [1, {LOAD}]}}")

        def restart_coordinator():
            group.coordinator.terminate()
            group.start_coordinator()

        def restart_worker(name):
            group.workers[name].terminate()
            group.start_worker(name)

        for restart in (restart_coordinator, lambda: restart_worker("north"),
                        lambda: restart_worker("south"), restart_coordinator):
            before = done(group)
            restart()
            await_condition(lambda: done(group) > before, "no trial is done after a restart", group.tails)
        if done(group) == LOAD:
            raise Failed("the test proved nothing: all trials were done before the last restart")
        group.ask("watch", "load")
        trained = (group.folder / "trained").read_text(encoding="ascii").split()
        if len(trained) != LOAD or len(set(trained)) != LOAD:
            raise Failed(f"{len(trained)} trials were trained, {len(set(trained))} different ones")
        group.expect("SELECT status, count(*), total(attempts) FROM trial GROUP BY status",
                     [("done", LOAD, 0.0)])
        if wrong := impossible(group.database):
            raise Failed("\n".join(wrong))


def a_jump_of_the_clock_ends_no_lease(programs, trainer, folder):
    clock = Path(folder, "clock")
    clock.write_text("+0", encoding="ascii")
    faked = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
             "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with ProcessGroup(programs, folder, trainer=trainer) as group:
        os.environ.update(faked)
        try:
            group.start_coordinator()
        finally:
            for name in faked:
                del os.environ[name]
        group.start_worker("north")
        group.start_worker("south")
        group.await_workers("north", "south")
        submit(group, "held", f"[{WAITS_AT_GATE}]")
        group.await_rows("SELECT leased FROM sweep", [(1,)])
        for number, jump in enumerate(["+30d", "-30d"]):
            clock.write_text(jump, encoding="ascii")
            # The other worker's trials are granted, done and stored by the new time.
            submit(group, f"jump{number}", f"{{range: [1, 20]}}", f"data_seed: {number}\npack: {{max_trials: 1}}\n")
            group.ask("watch", f"jump{number}")
        group.expect("SELECT count(DISTINCT CAST(finished_at / 86400 AS INTEGER) / 25) FROM trial"
                     " WHERE status = 'done'", [(2,)])
        group.expect("SELECT count(*) FROM lease WHERE ended_at IS NULL", [(1,)])
        (group.folder / "gate").touch()
        group.ask("watch", "held")
        # What was granted ahead to the worker at the gate was taken back.
        group.expect("SELECT DISTINCT outcome FROM attempt WHERE outcome <> 'returned'", [("finished",)])
        for name in ("held", "jump0", "jump1"):
            group.ask("show", name)


def a_read_only_file_system_is_named_and_waited_for(programs, trainer, folder):
    mounted = Path(folder, "mounted")
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", mounted], check=False).returncode != 0:
        print("a read-only file system: left out, nothing can be mounted here")
        return
    try:
        with ProcessGroup(programs, folder, trainer=trainer) as group:
            group.database = str(mounted / "sweeps.db")
            group.start_coordinator()
            group.start_worker("north")
            group.await_workers("north")
            submit(group, "before", "{range: [1, 5]}")
            group.ask("watch", "before")
            group.coordinator.terminate()
            subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
            group.start_coordinator()  # returns once it ended
            group.coordinator.wait(6)
            if "is on a read-only file system" not in group.coordinator.tail():
                raise Failed(f"it does not say why\n{group.coordinator.tail()}")
            subprocess.run(["mount", "-o", "remount,rw", mounted], check=True)
            group.start_coordinator()
            submit(group, "after", "{range: [1, 5]}", "data_seed: 1\n")
            group.ask("watch", "after")
            group.expect("SELECT total(done) FROM sweep", [(10.0,)])
    finally:
        subprocess.run(["umount", "--lazy", mounted], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    for test in (a_rolling_restart_loses_and_repeats_nothing, a_jump_of_the_clock_ends_no_lease,
                 a_read_only_file_system_is_named_and_waited_for):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["FIRSTGUESS_FAKE_TRAINER_GATE"] = f"{folder}/gate"
            os.environ["FIRSTGUESS_FAKE_TRAINER_LEDGER"] = f"{folder}/trained"
            try:
                test(arguments.bin, arguments.trainer, folder)
            except Failed as failure:
                sys.exit(f"{test.__name__}: {failure}")
        print(test.__name__.replace("_", " "))


if __name__ == "__main__":
    main()
