"""Optuna on the same machine: trials a second of a study whose objective computes nothing.

  optuna_peer.py --seconds S       rates with both stores, by one and by two processes
  optuna_peer.py --growth N [N …]  what one more trial of a grid costs once a study has N

Prints one JSON object a line. Both stores are used as their documentation says; both call fsync, so
that a finished trial is on disk as ours is. What costs Optuna least: no parameters are drawn, and a
full trial, 30 snapshots of 10 classes, is one attribute that is set at the end (a report or an
attribute a snapshot would be thirty commits).
"""

import argparse
import itertools
import json
import multiprocessing
import tempfile
import time
from pathlib import Path

import optuna
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

SNAPSHOTS = 30
CLASSES = 10
SCALARS = 12
VECTORS = 5
TRAJECTORY = [{"step": step, "scalars": [0.1234567890123456 + step] * SCALARS,
               "classes": [[0.1234567890123456 + step] * CLASSES] * VECTORS}
              for step in range(SNAPSHOTS)]

# What opens a store on a folder.
STORES = {
    "sqlite": lambda folder: RDBStorage(f"sqlite:///{folder}/optuna.db",
                                        engine_kwargs={"connect_args": {"timeout": 60}}),
    "journal": lambda folder: JournalStorage(JournalFileBackend(f"{folder}/optuna.log")),
}


def empty(_):
    return 0.0


def full(trial):
    trial.set_user_attr("trajectory", TRAJECTORY)
    return 0.0


OBJECTIVES = {"empty": empty, "full": full}


def work(store, objective, folder, start, seconds, results):
    """One process: trials, one after the other, until the time is over."""
    study = optuna.load_study(study_name="bench", storage=STORES[store](folder),
                              sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(OBJECTIVES[objective], n_trials=1)  # what only the first one costs
    start.wait()
    trials = 0

    def counted(trial):
        nonlocal trials
        trials += 1
        return OBJECTIVES[objective](trial)

    begun, processor_begun = time.monotonic(), time.process_time()
    study.optimize(counted, timeout=seconds)
    results.put((trials, time.monotonic() - begun, time.process_time() - processor_begun))


def size_of(folder):
    return sum(file.stat().st_size for file in Path(folder).iterdir())


def measure(store, objective, processes, seconds):
    with tempfile.TemporaryDirectory() as folder:
        optuna.create_study(study_name="bench", storage=STORES[store](folder))
        context = multiprocessing.get_context("fork")
        start, results = context.Barrier(processes), context.Queue()
        empty_size = size_of(folder)
        workers = [context.Process(target=work,
                                   args=(store, objective, folder, start, seconds, results))
                   for _ in range(processes)]
        for worker in workers:
            worker.start()
        counted = [results.get(timeout=seconds + 120) for _ in workers]
        for worker in workers:
            worker.join()
        counts, elapsed, used = zip(*counted)
        trials = sum(counts)
        written = trials + processes
        return {"name": f"optuna/{store}/{objective}/{processes}",
                "per_s": trials / max(elapsed),
                "cpu_us": sum(used) / trials * 1e6,
                "bytes_per_trial": (size_of(folder) - empty_size) / written}


def grow(sizes, samples):
    """Milliseconds of one more trial of a grid of 11,000 cells, by the trials that are finished.

    The journal store and Optuna's own grid sampler. What is finished is added without the sampler,
    as the sampler would have left it: else this would take hours.
    """
    axes = {"depth": list(range(10)), "rate": list(range(10)), "seed": list(range(11)),
            "width": list(range(10))}
    ranges = {axis: optuna.distributions.IntDistribution(0, len(axes[axis]) - 1) for axis in axes}
    cells = list(itertools.product(*axes.values()))

    def objective(trial):
        return float(sum(trial.suggest_int(axis, 0, len(axes[axis]) - 1) for axis in axes))

    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(storage=STORES["journal"](folder),
                                    sampler=optuna.samplers.GridSampler(axes, seed=1))
        for index, size in enumerate(sizes):
            for cell in range(len(study.get_trials(deepcopy=False)), size):
                study.add_trial(optuna.trial.create_trial(
                    value=0.0, params=dict(zip(axes, cells[cell])), distributions=ranges,
                    system_attrs={"grid_id": cell, "search_space": axes}))
            study.optimize(objective, n_trials=1)  # what only the first one costs
            begun = time.monotonic()
            study.optimize(objective, n_trials=samples)
            yield {"name": f"optuna/growth/{index}", "finished": size,
                   "trial_ms": (time.monotonic() - begun) / samples * 1e3}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--growth", type=int, nargs="+")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if arguments.seconds is not None:
        for store in STORES:
            for objective in OBJECTIVES:
                for processes in (1, 2):
                    print(json.dumps(measure(store, objective, processes, arguments.seconds)),
                          flush=True)
    if arguments.growth is not None:
        for row in grow(sorted(arguments.growth), samples=5):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
