"""A sweep as one writes it in an afternoon: a loop over a grid in plain PyTorch, a pool of processes, and an
SQLite file. It measures what firstguess measures, and stores as many rows.

  plain_sweep.py --width 32 [--trials 100] [--steps 200] [--processes 2]

Prints one JSON object: seconds from here to the end, and from the first trial's start to the end (`loop`).
"""

import argparse
import gzip
import json
import math
import multiprocessing
import sqlite3
import sys
import tempfile
import time

import numpy
import torch
from torch import nn

BEGUN = time.monotonic()
FOLDER = "/usr/share/datasets/fashion-mnist"
CLASSES = 10
BATCH, PROBE, POINTS, DEPTH = 128, 2000, 24, 3

CLASS_COLUMNS = ("guess_count", "correct_count", "mean_prob", "class_loss", "drift")
COLUMNS = ("train_loss", "grad_norm", "probe_loss", "accuracy", "max_guess", "guess_entropy",
           "prob_entropy", "tied_fraction")
SCHEMA = f"""
CREATE TABLE trial (trial_id INTEGER PRIMARY KEY, learning_rate, seed);
CREATE TABLE snapshot (trial_id, step, {", ".join(COLUMNS)}, PRIMARY KEY (trial_id, step)) WITHOUT ROWID;
CREATE TABLE class_snapshot (trial_id, step, class, {", ".join(CLASS_COLUMNS)},
                             PRIMARY KEY (trial_id, step, class)) WITHOUT ROWID;
"""


def grid(trials):
    """Learning rates and seeds."""
    return [(rate, seed) for rate in (0.005, 0.01, 0.02, 0.04) for seed in range(trials // 4)]


def snapshot_steps(steps):
    """Log-spaced, as firstguess has them."""
    if steps <= POINTS:
        return set(range(steps + 1))
    chosen = [0]
    for k in range(POINTS):
        chosen.append(max(chosen[-1] + 1, math.floor(steps ** (k / (POINTS - 1)) + 0.5)))
    return set(chosen)


def read(part):
    with gzip.open(f"{FOLDER}/{part}-images-idx3-ubyte.gz") as file:
        images = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 784)
    with gzip.open(f"{FOLDER}/{part}-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    return torch.from_numpy(images / numpy.float32(255)), torch.from_numpy(labels.astype(numpy.int64))


class Data:
    """What all trials share."""

    def __init__(self, steps):
        inputs, labels = read("train")
        test_inputs, test_labels = read("t10k")
        mean, deviation = inputs.mean(), inputs.std()
        order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(0))
        self.batches = []
        for step in range(steps):
            rows = order[step * BATCH % (len(order) - BATCH):][:BATCH]
            self.batches.append(((inputs[rows] - mean) / deviation, labels[rows]))
        probe = torch.randperm(len(test_inputs), generator=torch.Generator().manual_seed(1))[:PROBE]
        self.inputs, self.labels = (test_inputs[probe] - mean) / deviation, test_labels[probe]
        self.one_hot = nn.functional.one_hot(self.labels, CLASSES).double()
        self.support = self.one_hot.sum(0)


def entropy(shares):
    return float(-torch.special.xlogy(shares, shares).sum() / math.log(CLASSES))


@torch.no_grad()
def measure(model, data):
    """One snapshot: scalars, and columns of numbers by class."""
    logits = model(data.inputs)
    log_probs = logits.double().log_softmax(1)
    probs = log_probs.exp()
    guesses = logits.argmax(1)
    losses = -log_probs.gather(1, data.labels[:, None])[:, 0]
    right = guesses == data.labels
    counts = torch.bincount(guesses, minlength=CLASSES)
    mean_prob = probs.mean(0)
    shares = counts.double() / PROBE
    tied = (logits == logits[:, :1]).all(1)
    return ([losses.mean().item(), right.double().mean().item(), shares.max().item(),
             entropy(shares), entropy(mean_prob), tied.double().mean().item()],
            [counts.tolist(), torch.bincount(data.labels[right], minlength=CLASSES).tolist(),
             mean_prob.tolist(), (data.one_hot * losses[:, None]).sum(0).div(data.support).tolist(),
             (probs - data.one_hot).mean(0).tolist()])


def network(width, seed):
    torch.manual_seed(seed)
    layers = []
    for layer in range(DEPTH + 1):
        layers.append(nn.Linear(784 if layer == 0 else width, CLASSES if layer == DEPTH else width))
        nn.init.kaiming_normal_(layers[-1].weight, nonlinearity="relu")
        nn.init.zeros_(layers[-1].bias)
        layers.append(nn.ReLU())
    return nn.Sequential(*layers[:-1])


def train(width, rate, seed, data):
    """The snapshots of one trial: (step, scalars, columns of numbers by class)."""
    model = network(width, seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    measured = snapshot_steps(len(data.batches))
    snapshots = [(0, [None, None, *(first := measure(model, data))[0]], first[1])]
    for step, (inputs, labels) in enumerate(data.batches, start=1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        norm = None
        if step in measured:
            norm = nn.utils.get_total_norm([p.grad for p in model.parameters()]).item()
        optimizer.step()
        if step in measured:
            scalars, by_class = measure(model, data)
            snapshots.append((step, [loss.item(), norm, *scalars], by_class))
    return snapshots


def store(database, trial, rate, seed, snapshots):
    """One commit a trial."""
    with database:
        database.execute("INSERT INTO trial VALUES (?, ?, ?)", (trial, rate, seed))
        database.executemany(
            f"INSERT INTO snapshot VALUES ({', '.join('?' * (2 + len(COLUMNS)))})",
            [(trial, step, *scalars) for step, scalars, _ in snapshots])
        database.executemany(
            f"INSERT INTO class_snapshot VALUES ({', '.join('?' * (3 + len(CLASS_COLUMNS)))})",
            [(trial, step, label, *values) for step, _, by_class in snapshots
             for label, values in enumerate(zip(*by_class))])


DATA = None  # of this process, or of the one that it was forked from


def begin(steps):
    global DATA
    torch.set_num_threads(1)
    DATA = Data(steps)


def work(task):
    width, rate, seed = task
    return rate, seed, train(width, rate, seed, DATA)


def command_line(description):
    """What this script and those that drive its trials are asked."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def main():
    arguments = command_line(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(f"{folder}/sweep.db")
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(SCHEMA)
        tasks = [(arguments.width, rate, seed) for rate, seed in grid(arguments.trials)]
        begin(arguments.steps)
        with multiprocessing.get_context("fork").Pool(arguments.processes) as pool:
            loop_begun = time.monotonic()
            for trial, result in enumerate(pool.imap_unordered(work, tasks)):
                store(database, trial, *result)
            ended = time.monotonic()
        rows, = database.execute("SELECT count(*) FROM class_snapshot").fetchone()
    expected = len(tasks) * len(snapshot_steps(arguments.steps)) * CLASSES
    if rows != expected:
        sys.exit(f"plain_sweep.py: {rows} class rows instead of {expected}")
    print(json.dumps({"name": f"plain/{arguments.width}", "script_s": ended - BEGUN,
                      "loop_s": ended - loop_begun}))


if __name__ == "__main__":
    main()
