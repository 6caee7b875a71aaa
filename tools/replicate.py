#!/usr/bin/env python3
"""Recomputes one trial's trajectory in plain PyTorch and compares it with the one on record.

    tools/replicate.py --db first_guess.db --trial 17
    tools/replicate.py --db first_guess.db --key 3f1c...
    firstguess-trainer --pack pack.json > trials.jsonl
    tools/replicate.py --lines trials.jsonl --pack pack.json

Nothing here is shared with the trainer: replicate() follows the README's part "Numbers that can be
reproduced" and uses PyTorch's own optimizers and autograd. Works with PyTorch 1.13 and later.

Float32 training is chaotic: from some step on, two correct programs differ. Before that step, the
horizon, every quantity must agree to 1e-4 of its value (of 0.01, where that is below). The horizon
is the first snapshot at which replicate() differs from itself
  - by more than 1e-6 (of the value, where that is above 1) when the rows of every batch are permuted,
  - or by more than the 1e-4 above when the initial parameters are nudged by 6e-7 of their value.
Nudges, one and its opposite, find what permuted rows can't: a unit or a guess so near its jump that
two libraries, which sum in different orders, fall on different sides of it.

Prints the horizon and the largest error of each quantity; exit code 0 if all agree, 1 if not, 2 for
bad input.
"""

import argparse
import functools
import gzip
import hashlib
import json
import math
import os
import sqlite3
import sys

import torch

SCALARS = ("epoch train_loss grad_norm probe_loss probe_cross_entropy accuracy max_guess guess_entropy "
           "prob_entropy mean_weight kept_fraction tied_fraction").split()
VECTORS = "guess_count correct_count mean_prob class_loss drift".split()
TOLERANCE, FLOOR = 1e-4, 1e-2
SELF_DIFFERENCE, NUDGE = 1e-6, 6e-7


# The data and the streams that choose from it.

# CIFAR's binary files: the archive's folder, label bytes before an image's pixels, files of each split.
CIFAR = {
    "cifar-10": ("cifar-10-batches-bin", 1,
                 {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "t10k": ["test_batch.bin"]}),
    "cifar-100": ("cifar-100-binary", 2, {"train": ["train.bin"], "t10k": ["test.bin"]}),
}


def read_bytes(folder, name):
    path = os.path.join(folder, name)
    with gzip.open(path + ".gz", "rb") if os.path.exists(path + ".gz") else open(path, "rb") as f:
        return torch.frombuffer(bytearray(f.read()), dtype=torch.uint8)


@functools.lru_cache(maxsize=None)
def read_images(folder, split):
    """Pixels, of shape (images, channels, pixels of a channel), and labels."""
    if os.path.basename(folder) in CIFAR:
        archive, label_bytes, files = CIFAR[os.path.basename(folder)]
        if not {files[split][0], files[split][0] + ".gz"} & set(os.listdir(folder)):
            folder = os.path.join(folder, archive)
        records = torch.cat([read_bytes(folder, name) for name in files[split]])
        records = records.view(-1, label_bytes + 3 * 1024)
        # Of two labels the second, fine one counts.
        return records[:, label_bytes:].reshape(-1, 3, 1024), records[:, label_bytes - 1].long()
    labels = read_bytes(folder, f"{split}-labels-idx1-ubyte")[8:].long()
    return read_bytes(folder, f"{split}-images-idx3-ubyte")[16:].view(len(labels), 1, -1), labels


@functools.lru_cache(maxsize=None)
def mean_and_std(folder):
    """Of each channel, of shape (channels, 1)."""
    moments = []
    for channel in read_images(folder, "train")[0].unbind(1):
        pixels = channel.double() / 255
        moments.append((pixels.mean(), pixels.std(unbiased=False)))
    return tuple(torch.stack(moment).unsqueeze(1) for moment in zip(*moments))


def stream(name):
    digest = hashlib.sha256(("firstguess/v1/" + name).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") & (2**63 - 1))


def training_labels(config, labels):
    """Rows that class_imbalance keeps, in file order, and the labels to train on."""
    classes = int(labels.max()) + 1
    kept = torch.zeros(len(labels), dtype=torch.bool)
    for c in range(classes):
        rows = (labels == c).nonzero().flatten()
        count = max(1, math.floor(len(rows) * config["class_imbalance"] ** (-c / (classes - 1))))
        kept[rows[:count]] = True
    rows = kept.nonzero().flatten()
    labels = labels[rows].clone()
    if config["label_noise"] > 0:
        generator = stream(f"label_noise/{config['data_seed']}")
        u = torch.rand(len(rows), generator=generator)
        r = torch.randint(1, classes, (len(rows),), generator=generator)
        shift = torch.ones_like(r) if config["noise_kind"] == "pair_flip" else r
        labels = torch.where(u < torch.tensor(config["label_noise"]), (labels + shift) % classes, labels)
    return rows, labels


# The network and its losses.

def orthogonal(draw):
    tall = draw if draw.shape[0] >= draw.shape[1] else draw.T
    q, r = torch.linalg.qr(tall)
    q = q * r.diagonal().sign()
    return q if tall is draw else q.T.contiguous()


def initial_parameters(config, inputs, classes):
    sizes = [inputs] + [config["width"]] * config["depth"] + [classes]
    scale = config["init_scale"]
    parameters = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        std = {"he": math.sqrt(2 / fan_in), "lecun": math.sqrt(1 / fan_in), "torch": 0,
               "orthogonal": 1, "glorot": math.sqrt(2 / (fan_in + fan_out))}[config["init"]] * scale
        readout = config.get("readout_scale", 1) if i == config["depth"] else 1
        for kind, shape, deviation in (("weight", (fan_out, fan_in), std * readout),
                                       ("bias", (fan_out,), config["bias_scale"])):
            generator = stream(f"init/{config['seed']}/layers.{i}.{kind}")
            if config["init"] == "torch":
                value = (2 * torch.rand(shape, generator=generator) - 1) * scale / math.sqrt(fan_in)
                value = value * readout if kind == "weight" else value
            else:
                value = torch.randn(shape, generator=generator)
                if config["init"] == "orthogonal" and kind == "weight":
                    value = (orthogonal(value.double()) * deviation).float()
                else:
                    value = value * deviation
            parameters.append(value.requires_grad_())
    return parameters


def forward(config, parameters, x):
    activation = {"relu": torch.relu, "tanh": torch.tanh, "linear": lambda t: t,
                  "gelu": torch.nn.functional.gelu, "leaky_relu": torch.nn.functional.leaky_relu,
                  "erf": torch.erf}[config["activation"]]
    for i in range(0, len(parameters), 2):
        x = torch.nn.functional.linear(x, parameters[i], parameters[i + 1])
        if i + 2 < len(parameters):
            x = activation(x)
    return x


def modulated(params, factor, l):
    return -(factor if params["gradient"] == "full" else factor.detach()) * l


def focal(params, l):
    return modulated(params, (-torch.expm1(l.clamp(max=-1e-30))) ** params["gamma"], l)


def gce(params, l):
    return -torch.expm1(params["q"] * l) / params["q"]


# Losses that are functions of l = ln p_y.
LABEL_LOSSES = {
    "cross_entropy": lambda c, l: -l,
    "blurry": lambda c, l: modulated(c, torch.exp(c["gamma"] * l), l),
    "piecewise_zero": lambda c, l: -l * (torch.exp(l) >= c["cutoff"]),
    "blurry_piecewise_zero": lambda c, l: (modulated(c, torch.exp(c["gamma"] * l), l)
                                           * (torch.exp(l) >= c["cutoff"])),
    "focal": focal,
    "mae": lambda c, l: -c["scale"] * torch.expm1(l),
    "gce": gce,
    "truncated_gce": lambda c, l: torch.where(torch.exp(l) > c["k"], gce(c, l),
                                              torch.tensor((1 - c["k"] ** c["q"]) / c["q"], dtype=l.dtype)),
    "rce": lambda c, l: c["A"] * torch.expm1(l),
    "sce": lambda c, l: -c["alpha"] * l + c["beta"] * c["A"] * torch.expm1(l),
    "agce": lambda c, l: ((c["a"] + 1) ** c["q"] - (c["a"] + torch.exp(l)) ** c["q"]) / c["q"],
    "aul": lambda c, l: ((c["a"] - torch.exp(l)) ** c["q"] - (c["a"] - 1) ** c["q"]) / c["q"],
    "ael": lambda c, l: torch.exp(-torch.exp(l) / c["a"]),
    "taylor_ce": lambda c, l: sum((1 - torch.exp(l)) ** i / i for i in range(1, int(c["t"]) + 1)),
    "poly1": lambda c, l: -l - c["epsilon"] * torch.expm1(l),
}


def share(of_class, y):
    return of_class.gather(1, y[:, None])[:, 0] / of_class.sum(1)


def anl_ce(c, lp, y):
    a = lp.clamp(min=math.log(c["min_prob"])) - math.log(c["min_prob"])
    return c["alpha"] * share(lp, y) + c["beta"] * (1 - share(a, y))


# The others: functions of all log-probabilities and the label.
OTHER_LOSSES = {
    "label_smoothing": lambda c, lp, y: (-(1 - c["epsilon"]) * lp.gather(1, y[:, None])[:, 0]
                                         - c["epsilon"] * lp.mean(1)),
    "nce": lambda c, lp, y: c["scale"] * share(lp, y),
    "nce_mae": lambda c, lp, y: (c["alpha"] * share(lp, y)
                                 - c["beta"] * torch.expm1(lp.gather(1, y[:, None])[:, 0])),
    "nce_rce": lambda c, lp, y: (c["alpha"] * share(lp, y)
                                 + c["beta"] * c["A"] * torch.expm1(lp.gather(1, y[:, None])[:, 0])),
    "nfl": lambda c, lp, y: share(focal(c, lp), y),
    "ngce": lambda c, lp, y: share(gce(c, lp), y),
    "anl_ce": anl_ce,
    "brier": lambda c, lp, y: (lp.exp() - torch.nn.functional.one_hot(y, lp.shape[1])).square().sum(1),
}


def loss_values(name, params, logits, labels):
    """Of each example: the loss L, its gradient into the logits, and w (None without one)."""
    z = logits.detach().requires_grad_()
    weight = None
    with torch.enable_grad():
        lp = torch.log_softmax(z, 1)
        if name in OTHER_LOSSES:
            value = OTHER_LOSSES[name](params, lp, labels)
            gradient = torch.autograd.grad(value.sum(), z)[0]
        else:
            l = lp.gather(1, labels[:, None])[:, 0].detach().requires_grad_()
            value = LABEL_LOSSES[name](params, l)
            weight = -torch.autograd.grad(value.sum(), l)[0]
            one_hot = torch.nn.functional.one_hot(labels, z.shape[1])
            gradient = weight[:, None] * (lp.exp() - one_hot)
    return value.detach(), gradient.detach(), weight


# Training and measuring.

def snapshot_steps(config):
    steps, points = config["steps"], config["points"]
    if points >= steps:
        return list(range(steps + 1))
    if points == 1:
        return [0, steps]
    result = [0]
    for k in range(points):
        if config["spacing"] == "log":
            result.append(max(result[-1] + 1, math.floor(steps ** (k / (points - 1)) + 0.5)))
        else:
            result.append((2 * steps * (k + 1) + points) // (2 * points))
    return result


def entropy(fractions):
    positive = fractions[fractions > 0]
    return float(-(positive * positive.log()).sum() / math.log(len(fractions)))


def measure(config, logits, labels):
    z = logits.double()
    n, classes = z.shape
    p = torch.softmax(z, 1)
    l = torch.log_softmax(z, 1).gather(1, labels[:, None])[:, 0]
    value, gradient, w = loss_values(config["loss"], config["loss_params"], z, labels)
    is_label = torch.nn.functional.one_hot(labels, classes).double()
    # The first of the largest: torch.argmax does not promise which.
    guess = (z == z.max(1, keepdim=True).values).int().cumsum(1).eq(0).sum(1)
    count = lambda which: torch.bincount(which, minlength=classes).tolist()
    fractions = torch.bincount(guess, minlength=classes).double() / n
    mean_prob = p.mean(0)
    return {
        "probe_loss": float(value.mean()), "probe_cross_entropy": float(-l.mean()),
        "accuracy": float((guess == labels).double().mean()), "max_guess": float(fractions.max()),
        "guess_entropy": entropy(fractions), "prob_entropy": entropy(mean_prob),
        "mean_weight": None if w is None else float(w.mean()),
        "kept_fraction": None if w is None else float((w > 0).double().mean()),
        "tied_fraction": float((z == z[:, :1]).all(1).double().mean()),
        "guess_count": count(guess), "correct_count": count(labels[guess == labels]),
        "mean_prob": mean_prob.tolist(),
        "class_loss": (value @ is_label / is_label.sum(0)).tolist(),
        "drift": gradient.mean(0).tolist(),
    }


def replicate(config, folder, permute_rows=False, nudge=0.0):
    """The trajectory of `config`: (snapshots, step at which it diverged or None)."""
    images, labels = read_images(folder, "train")
    test_images, test_labels = read_images(folder, "t10k")
    mean, std = mean_and_std(folder)
    normalise = lambda bytes_: ((bytes_.double() / 255 - mean) / std).float().flatten(1)
    rows, labels = training_labels(config, labels)
    order = torch.randperm(len(test_labels), generator=stream(f"probe/{config['data_seed']}"))
    order = order[:config["probe_size"]]
    probe, probe_labels = normalise(test_images[order]), test_labels[order]

    parameters = initial_parameters(config, images[0].numel(), int(test_labels.max()) + 1)
    noise = torch.Generator().manual_seed(0)
    for p in parameters:
        sign = torch.randint(0, 2, p.shape, generator=noise) * 2 - 1
        p.data = (p.data.double() * (1 + nudge * sign)).float()
    optimizer = {
        "sgd": lambda **o: torch.optim.SGD(parameters, **o),
        "momentum": lambda **o: torch.optim.SGD(parameters, momentum=config["momentum"], **o),
        "nesterov": lambda **o: torch.optim.SGD(parameters, momentum=config["momentum"], nesterov=True, **o),
        "adam": lambda **o: torch.optim.Adam(parameters, betas=(0.9, 0.999), eps=1e-8, **o),
        "adamw": lambda **o: torch.optim.AdamW(parameters, betas=(0.9, 0.999), eps=1e-8, **o),
    }[config["optimizer"]](lr=config["learning_rate"], weight_decay=config["weight_decay"])

    warmup, schedule = config.get("warmup_steps", 0), config.get("schedule", "constant")
    schedulers = {
        "constant": lambda: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1),
        "step": lambda: torch.optim.lr_scheduler.StepLR(
            optimizer, config.get("schedule_every", 100), config.get("schedule_factor", 0.1)),
        "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config["steps"] - warmup),
    }
    scheduler = schedulers[schedule]()
    if warmup:
        rise = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), total_iters=warmup)
        scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, scheduler], [warmup])
    size = config["batch_size"]
    per_epoch = len(rows) // size
    due = set(snapshot_steps(config))
    snapshots = []
    for t in range(config["steps"] + 1):
        batch = {"train_loss": None, "grad_norm": None}
        if t > 0:
            epoch, position = divmod(t - 1, per_epoch)
            if position == 0:
                permutation = torch.randperm(
                    len(rows), generator=stream(f"batches/{config['data_seed']}/{epoch}"))
            chosen = permutation[position * size:(position + 1) * size]
            if permute_rows:
                chosen = chosen[torch.randperm(size, generator=noise)]
            delayed = t <= config.get("loss_delay_steps", 0)
            logits = forward(config, parameters, normalise(images[rows[chosen]]))
            value, gradient, _ = loss_values("cross_entropy" if delayed else config["loss"],
                                             config["loss_params"], logits, labels[chosen])
            loss = float(value.mean())
            if not math.isfinite(loss):
                return snapshots, t
            optimizer.zero_grad()
            logits.backward(gradient / size)
            norm = math.sqrt(sum(float(p.grad.double().square().sum()) for p in parameters))
            batch = {"train_loss": loss, "grad_norm": norm}
            if config.get("max_grad_norm", 0) > 0:
                torch.nn.utils.clip_grad_norm_(parameters, config["max_grad_norm"])
            penalty = 0 if delayed else config["loss_params"].get("delta", 0)  # of anl_ce
            for p in parameters:
                p.grad += penalty * p.detach().sign()
            optimizer.step()
            scheduler.step()
        if t in due:
            with torch.no_grad():
                logits = forward(config, parameters, probe)
            if not torch.isfinite(logits).all():
                return snapshots, t
            snapshots.append({"step": t, "epoch": t / per_epoch, **batch,
                              **measure(config, logits, probe_labels)})
    return snapshots, None


# Comparing.

def errors(got, expected, floor):
    """Largest error of each quantity of a snapshot, relative to values of at least `floor`."""
    def error(a, b):
        a, b = (math.nan if x is None else x for x in (a, b))
        if math.isnan(a) or math.isnan(b):
            return 0.0 if math.isnan(a) and math.isnan(b) else math.inf
        return abs(a - b) / max(abs(b), floor)

    result = {name: error(got[name], expected[name]) for name in SCALARS}
    for name in VECTORS:
        result[name] = max(error(a, b) for a, b in zip(got[name], expected[name]))
    return result


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def from_database(path, key, trial):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    which, value = ("key", key) if key else ("trial_id", trial)
    row = database.execute(
        f"SELECT trial_id, status, config, diverged_at_step FROM trial WHERE {which} = ?",
        (value,)).fetchone()
    if row is None or row["status"] != "done":
        fail(f"{path}: no finished trial with {which} {value}")
    snapshots = {}
    for snapshot in database.execute("SELECT * FROM snapshot WHERE trial_id = ? ORDER BY step",
                                     (row["trial_id"],)):
        snapshots[snapshot["step"]] = {"step": snapshot["step"], **{n: snapshot[n] for n in SCALARS},
                                       **{n: [] for n in VECTORS}}
    for class_row in database.execute(
            "SELECT * FROM class_snapshot WHERE trial_id = ? ORDER BY step, class", (row["trial_id"],)):
        for name in VECTORS:
            snapshots[class_row["step"]][name].append(class_row[name])
    yield json.loads(row["config"]), list(snapshots.values()), row["diverged_at_step"]


def from_lines(path, pack, trial):
    with open(pack) as configs:
        configs = json.load(configs)
    with open(path) as lines:
        records = [json.loads(line) for line in lines]
    for i, config in enumerate(configs):
        if trial in (None, i):
            own = [record for record in records if record["trial"] == i]
            if not own or "diverged_at_step" not in own[-1]:
                fail(f"{path}: no finished trial {i}")
            yield config, own[:-1], own[-1]["diverged_at_step"]


def reference_of(config, folder):
    """What to compare with: (snapshots, step of divergence or None, how many come before the horizon)."""
    reference, diverged = replicate(config, folder)
    horizon = len(reference)
    for variation, floor, limit in (({"permute_rows": True}, 1, SELF_DIFFERENCE),
                                    ({"nudge": NUDGE}, FLOOR, TOLERANCE),
                                    ({"nudge": -NUDGE}, FLOOR, TOLERANCE)):
        other, _ = replicate(config, folder, **variation)
        for i in range(horizon):
            if i >= len(other) or max(errors(other[i], reference[i], floor).values()) > limit:
                horizon = i
                break
    return reference, diverged, horizon


def compare(recorded, recorded_divergence, reference, diverged, horizon):
    """(whether all agrees up to the horizon, the comparison in words)."""
    whole = horizon == len(reference)
    words = ["no horizon before the last step" if whole else
             f"horizon: step {reference[horizon]['step']} of {reference[-1]['step']}"]
    words[0] += f"; {horizon} of {len(reference)} snapshots compared"

    agree = len(recorded) >= horizon
    largest = {}
    for got, expected in zip(recorded[:horizon], reference):
        agree = agree and got["step"] == expected["step"]
        for name, error in errors(got, expected, FLOOR).items():
            largest[name] = max(largest.get(name, 0), error)
    for name, error in largest.items():
        words.append(f"{name:20} {error:8.1e}{'' if error <= TOLERANCE else '  TOO LARGE'}")
    if whole and (diverged, len(reference)) != (recorded_divergence, len(recorded)):
        words.append(f"diverged at {recorded_divergence} after {len(recorded)} snapshots, "
                     f"here at {diverged} after {len(reference)}")
        agree = False
    agree = agree and all(error <= TOLERANCE for error in largest.values())
    return agree, "\n".join(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--db", help="database of a run")
    source.add_argument("--lines", help="what firstguess-trainer --pack printed")
    parser.add_argument("--pack", help="with --lines: the list of trials that it trained")
    parser.add_argument("--key", help="with --db: the trial's key")
    parser.add_argument("--trial", type=int,
                        help="its trial_id, or with --lines its position in the pack (default: all)")
    parser.add_argument("--data-dir", default="/usr/share/datasets",
                        help="folder with one folder a data set")
    options = parser.parse_args()
    if options.db and (options.key is None) == (options.trial is None):
        parser.error("--db needs one of --key and --trial")
    if bool(options.lines) != bool(options.pack) or options.lines and options.key:
        parser.error("--lines needs --pack, and takes --trial")
    torch.set_num_threads(1)
    trials = (from_database(options.db, options.key, options.trial) if options.db else
              from_lines(options.lines, options.pack, options.trial))
    all_agree = True
    for config, recorded, diverged in trials:
        folder = os.path.join(options.data_dir, config["dataset"])
        agree, words = compare(recorded, diverged, *reference_of(config, folder))
        print(json.dumps(config, sort_keys=True), words, "agrees" if agree else "DIFFERS", sep="\n")
        all_agree = all_agree and agree
    return 0 if all_agree else 1


if __name__ == "__main__":
    sys.exit(main())
