#!/usr/bin/env python3
"""`firstguess run` and `firstguess watch` at a terminal: what a person sees there, as text.

  terminal_test.py --bin FOLDER --trainer PROGRAM

Real programs at a pseudo-terminal, with a trainer that makes its results up and waits at a gate when
told (tests/worker/agent/fake_trainer.h). Times, rates and findings vary and are masked.
"""

import argparse
import os
import re
import signal
import sys
import tempfile
from pathlib import Path

from process_group import Failed, ProcessGroup
from terminal import Terminal

FAILS, WAITS_AT_GATE = 1000004, 1000008

TIME = re.compile(r"\d+(\.\d+)? s\b")
RATE = re.compile(r"\d+(\.\d+)?/(s|min|h)\b")


class Place:
    """A folder with the programs side by side, as they are installed, and sweep files."""

    def __init__(self, programs, trainer, folder):
        self.folder = Path(folder)
        self.gate = self.folder / "gate"
        self.environment = {"FIRSTGUESS_FAKE_TRAINER_GATE": str(self.gate)}
        os.environ.update(self.environment)
        for name in ["firstguess", "firstguess-worker", "firstguess-coordinator"]:
            os.link(Path(programs) / name, self.folder / name)
        os.link(trainer, self.folder / "firstguess-trainer")

    def write_sweep(self, name, seeds, extra=""):
        path = self.folder / f"{name}.yaml"
        path.write_text(f"name: {name}\ndataset: fashion-mnist\ntrain: {{steps: 6}}\n"
                        f"measure: {{points: 2, probe_size: 100}}\n{extra}"
                        f"grid: {{seed: {list(seeds)}}}\n", encoding="utf-8")
        return path.name

    def terminal(self, *arguments, columns, **environment):
        return Terminal([self.folder / "firstguess", *arguments], self.folder, columns,
                        environment={**self.environment, **environment})


def expect(condition, words, terminal):
    if not condition:
        raise Failed(f"{words}:\n{terminal.text()}\n--- raw: {terminal.raw!r}")


def masked(terminal):
    return RATE.sub("RATE", TIME.sub("TIME", terminal.text()))


def frames(terminal):
    """What each redrawing drew, without styles."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.raw.decode())
    return [frame.split("\x1b")[0].replace("\r", "") for frame in re.split(r"\x1b\[J", text)[1:]]


def a_run_to_its_end_reads_as_it_should(place):
    for columns in (40, 80, 120):
        name = f"small \U0001f680 {columns}"
        spec = place.write_sweep(name, range(4), f"data_seed: {columns}\n")
        with place.terminal("run", spec, "--workers", "1", columns=columns) as terminal:
            terminal.await_end(0)
            text = " ".join(masked(terminal).split())
            for part in [f"Training {name}: 0 of 4 trials done, 4 waiting. 1 worker on cpu, results "
                         f"in {name}.db.", f"{name}: 4/4 trials, 100 %",
                         f"{name}: 4 of 4 trials done, TIME after it was submitted.",
                         f"Database: {name}.db Report: {name}.html"]:
                # A narrow terminal breaks lines where it likes.
                expect(part.replace(" ", "") in text.replace(" ", ""), f"no '{part}'", terminal)
            expect(terminal.text().count("4/4 trials") == 1, "it was drawn twice", terminal)
            expect(("[====" in terminal.text()) == (columns > 40), "the bar", terminal)


def a_resized_terminal_is_fitted_and_ctrl_c_stops_cleanly(place):
    spec = place.write_sweep("long", [WAITS_AT_GATE, 1, 2], "pack: {max_trials: 1}\ndata_seed: 7\n")
    with place.terminal("run", spec, "--workers", "1", columns=120) as terminal:
        terminal.await_text("[", "long: 0/3 trials, 0 %", "in training")
        for columns in (40, 20, 80):
            before = len(frames(terminal))
            terminal.resize(columns)
            # The frame under way may still be of the old width.
            while len(frames(terminal)) < before + 3:
                expect(terminal.read(1), "it ended", terminal)
            widest = max(len(line) for line in frames(terminal)[-2].split("\n"))
            expect(widest < columns, f"{widest} columns of {columns} were drawn", terminal)
        terminal.type(b"\x03")
        terminal.await_end(4)
        expect(terminal.lines()[-1] == "The same command goes on where it was.", "its last line",
               terminal)
        expect("Stopping: the workers hand back what they hold." in terminal.text(), "its word",
               terminal)
    place.gate.touch()
    with place.terminal("run", spec, "--workers", "1", "--no-report", columns=80) as terminal:
        terminal.await_end(0)
        expect("Going on with long: " in terminal.text(), "it does not go on", terminal)
        expect("long: 3 of 3 trials done" in terminal.text(), "it is not done", terminal)
    place.gate.unlink()


def colours_are_for_terminals_that_want_them(place):
    spec = place.write_sweep("coloured", [1], "data_seed: 8\n")
    for wish, colours in [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]:
        with place.terminal("run", spec, "--workers", "1", "--no-report", "--db", f"c{len(wish)}"
                            f"{wish.get('TERM', '')}.db", columns=80, **wish) as terminal:
            terminal.await_end(0)
            expect((b"\x1b[32m" in terminal.raw) == colours, f"colours with {wish}", terminal)
            if "TERM" in wish:
                expect(b"\x1b" not in terminal.raw, "a dumb terminal got escapes", terminal)


def a_watch_lives_through_a_restart_and_tells_of_workers_and_failures(place):
    with ProcessGroup(place.folder, place.folder, trainer=place.folder / "firstguess-trainer") as group:
        group.start_coordinator()
        group.start_worker("north")
        group.await_workers("north")
        spec = place.write_sweep("watched", [FAILS, WAITS_AT_GATE, 1],
                                 "data_seed: 9\nmax_attempts: 1\npack: {max_trials: 1}\n")
        group.ask("submit", str(place.folder / spec))
        at = ["--coordinator", group.address]
        with place.terminal("watch", *at, columns=80) as terminal:
            terminal.await_text("watched: 1/3 trials, 33 %, 1 failed", "workers: 1 connected",
                                "failed: 1 invalid")
            terminal.type(b"\x03")
            terminal.await_end(4)
            expect("\nWatch again: firstguess watch --coordinator unix:" in terminal.text(),
                   "its last line", terminal)
        with place.terminal("watch", "watched", *at, columns=40) as terminal:
            terminal.await_text("watched: 1/3 trials", "workers: 1 connected", "failed: 1 invalid")
            group.coordinator.send(signal.SIGKILL)
            group.coordinator.wait(-signal.SIGKILL)
            terminal.await_text("The coordinator is away;")
            group.start_coordinator()
            terminal.await_text("The coordinator is back.", "workers: 1 connected")
            place.gate.touch()
            terminal.await_end(5)
            expect(terminal.lines()[-3:] == ["workers: 1 connected", "failed: 1 invalid",
                                             "2 of 3 trials done, 1 failed."], "its end", terminal)
        group.workers["north"].terminate()
        group.coordinator.terminate()
    place.gate.unlink()


TESTS = [a_run_to_its_end_reads_as_it_should,
         a_resized_terminal_is_fitted_and_ctrl_c_stops_cleanly,
         colours_are_for_terminals_that_want_them,
         a_watch_lives_through_a_restart_and_tells_of_workers_and_failures]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    # Beside the programs, so that they can be linked.
    with tempfile.TemporaryDirectory(dir=Path(arguments.bin).parent) as folder:
        place = Place(arguments.bin, arguments.trainer, folder)
        for test in TESTS:
            try:
                test(place)
            except Failed as failure:
                sys.exit(f"{test.__name__}: {failure}")
            print(f"{test.__name__}: ok", flush=True)


if __name__ == "__main__":
    main()
