#!/usr/bin/env python3
"""A real sweep amid chaos: a coordinator and three workers that are killed, frozen for longer than a
lease, stopped and drained at random moments leave the same rows as an undisturbed run.

  chaos_test.py --bin FOLDER [--seed N] [--extra N]

Three sweeps: perceptrons in packs, some of which diverge, convolutional networks, and perceptrons
whose curvature is measured; together with every group of measurements. When an action comes is drawn
as a number of finished trials, so it is amid the sweeps on any machine. Trials are compared by their keys, to the bit; those of packs that
were split after a failure to 1e-5. After each end of the coordinator what was done must still be
done, and the file must hold together. Every program must end with the exit code it promises.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from chaos import Chaos, done_keys
from compare_databases import counts, differences, impossible, replanned
from process_group import Failed, ProcessGroup, await_condition

PERCEPTRONS = """
name: perceptrons
dataset: fashion-mnist
train: {optimizer: sgd, batch_size: 128, steps: 150}
measure: {points: 8, probe_size: 500, groups: [logits, confusion, noise]}
label_noise: 0.2
max_attempts: 100
grid:
  width: [24, 48]
  learning_rate: [0.05, 1e6]
  loss: [cross_entropy, {blurry: {gamma: 0.5}}, {piecewise_zero: {cutoff: 0.05}}]
  seed: {range: [0, 5]}
pack: {max_trials: 6}
"""
CONVOLUTIONS = """
name: convolutions
dataset: fashion-mnist
model: cnn
width: 4
depth: 2
train: {optimizer: adam, learning_rate: 0.001, batch_size: 32, steps: 20}
measure: {points: 2, probe_size: 100}
max_attempts: 100
grid:
  seed: {range: [0, 7]}
pack: {max_trials: 2}
"""
CURVATURES = """
name: curvatures
dataset: fashion-mnist
width: 8
depth: 1
train: {optimizer: momentum, learning_rate: 0.01, batch_size: 32, steps: 20}
measure: {points: 1, probe_size: 50, groups: [layers, sharpness], sharpness_iterations: 5}
max_attempts: 100
grid:
  seed: {range: [0, 7]}
pack: {max_trials: 4}
"""
SWEEPS = {"perceptrons": PERCEPTRONS, "convolutions": CONVOLUTIONS, "curvatures": CURVATURES}
TRIALS = 2 * 2 * 3 * 6 + 8 + 8
LAST_MOMENT = TRIALS - 20  # trials done when the last action comes at the latest
WORKERS = ["north", "south", "west"]


def run_undisturbed(group, specs):
    database = str(group.folder / "undisturbed.db")
    for spec in specs:
        group.firstguess("run", spec, "--db", database, "--no-report", "--workers", "2")
    return database


def run_disturbed(group, specs, randomness, extra):
    group.start_coordinator()
    for name in WORKERS:
        group.start_worker(name)
    group.await_workers(*WORKERS)
    for spec in specs:
        group.ask("submit", spec)
    begin = time.monotonic()
    chaos = Chaos(group, randomness, lambda words: print(f"{time.monotonic() - begin:6.1f} s "
                                                         f"{len(done_keys(group.database)):4} done  "
                                                         f"{words}", flush=True))
    kinds = chaos.plan(extra)
    moments = sorted(randomness.choices(range(LAST_MOMENT), k=len(kinds)))
    for kind, moment in zip(kinds, moments):
        await_condition(lambda: len(done_keys(group.database)) >= moment and chaos.do(kind),
                        f"{moment} trials are not done", pause=chaos.rest)
    chaos.settle()
    for name in SWEEPS:
        # 5: a trial was lost so often that it failed. A person would have it tried again.
        while (ended := group.run("watch", name, "--coordinator", group.address)).returncode == 5:
            print(f"retry of {name}: {ended.stdout.splitlines()[-1]}")
            group.ask("retry", name)
        if ended.returncode != 0:
            raise Failed(f"watch ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    for worker in group.workers.values():
        worker.terminate()
    group.coordinator.terminate()
    return len(kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("FIRSTGUESS_SEED", "0")) or
                        random.SystemRandom().randrange(1, 2**31))
    parser.add_argument("--extra", type=int, default=3, help="actions beside one of each kind")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed} (FIRSTGUESS_SEED replays it)", flush=True)

    with (tempfile.TemporaryDirectory() as folder,
          ProcessGroup(arguments.bin, folder) as group):
        specs = []
        for name, text in SWEEPS.items():
            specs.append(str(Path(folder, f"{name}.yaml")))
            Path(specs[-1]).write_text(text, encoding="utf-8")
        begin = time.monotonic()
        undisturbed = run_undisturbed(group, specs)
        print(f"undisturbed: {time.monotonic() - begin:.1f} s", flush=True)
        try:
            actions = run_disturbed(group, specs, random.Random(arguments.seed), arguments.extra)
        except Failed as failure:
            sys.exit(f"{failure}\n{group.tails()}")

        rows, split = counts(undisturbed), replanned(group.database)
        print(f"compared {rows}")
        exact = differences(undisturbed, group.database)
        found = differences(undisturbed, group.database, loose=split)
        if found or (wrong := impossible(group.database)):
            sys.exit("\n".join(found or wrong))
        if rows["trial"] != TRIALS or 0 in rows.values():
            sys.exit("the test compared nothing: a table is empty, or trials are missing")
        print(f"{actions} actions; {TRIALS - len(split)} trials equal to the bit, "
              f"{len(split)} of split packs equal "
              f"{'to 1e-5' if exact else 'to the bit as well'}")


if __name__ == "__main__":
    main()
