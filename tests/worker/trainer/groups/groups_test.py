#!/usr/bin/env python3
"""Holds the trainer's measured groups against PyTorch, from their definitions alone.

    groups_test.py TRAINER

Trains two small trials with all groups for a few steps, here and there, and compares every number.
"""

import gzip
import hashlib
import json
import math
import subprocess
import sys
import tempfile

import torch

DATA = "/usr/share/datasets/fashion-mnist"
TOLERANCE = 1e-3  # relative; below 0.5 half of it, absolute: float32 both ways

BASE = {
    "activation": "relu", "batch_size": 64, "bias_scale": 0.1, "class_imbalance": 1, "data_seed": 3,
    "dataset": "fashion-mnist", "depth": 2, "format_version": 1, "init": "he", "init_scale": 1,
    "label_noise": 0.3, "noise_kind": "symmetric", "learning_rate": 0.01, "loss": "cross_entropy",
    "loss_params": {}, "model": "mlp", "optimizer": "sgd", "points": 3, "probe_size": 300, "seed": 2,
    "spacing": "log", "steps": 3, "weight_decay": 0, "width": 16,
    "groups": "confusion,layers,logits,noise,sharpness", "confusion_steps": "1,3",
    "sharpness_iterations": 5}
TRIALS = [BASE, {**BASE, "activation": "tanh", "seed": 5, "loss": "blurry", "loss_delay_steps": 0,
                 "loss_params": {"gamma": 0.4, "gradient": "full"}}]


def stream(name):
    digest = hashlib.sha256(("firstguess/v1/" + name).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") & (2**63 - 1))


def read(split):
    with gzip.open(f"{DATA}/{split}-images-idx3-ubyte.gz") as file:
        pixels = torch.frombuffer(bytearray(file.read()[16:]), dtype=torch.uint8)
    with gzip.open(f"{DATA}/{split}-labels-idx1-ubyte.gz") as file:
        labels = torch.frombuffer(bytearray(file.read()[8:]), dtype=torch.uint8)
    return pixels.view(-1, 784), labels.long()


def initial(config):
    sizes = [784] + [config["width"]] * config["depth"] + [10]
    parameters = []
    for i, (fan_in, out) in enumerate(zip(sizes, sizes[1:])):
        for name, shape, std in (("weight", (out, fan_in), math.sqrt(2 / fan_in)),
                                 ("bias", (out,), config["bias_scale"])):
            draw = torch.randn(shape, generator=stream(f"init/{config['seed']}/layers.{i}.{name}"))
            parameters.append((draw * torch.tensor(std)).requires_grad_(True))
    return parameters


def forward(config, parameters, x, layers=None):
    for i in range(0, len(parameters), 2):
        before = x @ parameters[i].t() + parameters[i + 1]
        last = i + 2 == len(parameters)
        x = before if last else torch.relu(before) if config["activation"] == "relu" else torch.tanh(before)
        if layers is not None:
            layers.append((before.detach().double(), x.detach().double()))
    return x


def label_probability(logits, labels):
    return torch.softmax(logits, 1).gather(1, labels[:, None])[:, 0]


def mean_loss(config, logits, labels):
    cross_entropy = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    if config["loss"] == "blurry":
        return (label_probability(logits, labels) ** config["loss_params"]["gamma"] * cross_entropy).mean()
    return cross_entropy.mean()


def weight(config, p):
    if config["loss"] == "cross_entropy":
        return torch.ones_like(p)
    gamma = config["loss_params"]["gamma"]
    return p**gamma * (1 + gamma * torch.log(p))


def layer_numbers(config, parameters, start, gradients, inputs):
    seen = []
    forward(config, parameters, inputs, seen)
    result = []
    for i, (before, after) in enumerate(seen):
        w, w0 = (p[2 * i].detach().double().flatten() for p in (parameters, start))
        lengths = after.norm(dim=1)
        unit = after[lengths > 0] / lengths[lengths > 0][:, None]
        cosines = unit @ unit.t()
        n = len(unit)
        has_zeros = config["activation"] == "relu" and i + 1 < len(seen)
        result.append({
            "name": f"layers.{i}", "pre_mean": before.mean().item(),
            "pre_variance": before.var(unbiased=False).item(),
            "correlation": ((cosines.sum() - n) / (n * (n - 1))).item(),
            "drift_ratio": (before.mean(0).var(unbiased=False) / before.var(0, unbiased=False).mean()).item(),
            "dead_fraction": (after == 0).all(0).double().mean().item() if has_zeros else None,
            "grad_norm": None if gradients is None else math.hypot(*(g.norm().item() for g in
                                                                     gradients[2 * i:2 * i + 2])),
            "weight_norm": w.norm().item(), "distance_to_init": (w - w0).norm().item(),
            "cosine_to_init": (w @ w0 / w.norm() / w0.norm()).item()})
    return result


def sharpness(config, parameters, inputs, labels):
    exact = [p.detach().double().requires_grad_(True) for p in parameters]
    gradient = torch.autograd.grad(mean_loss(config, forward(config, exact, inputs.double()), labels),
                                   exact, create_graph=True)
    flat = torch.cat([g.flatten() for g in gradient])
    v = torch.randn(len(flat), generator=stream(f"sharpness/{config['seed']}"), dtype=torch.float64)
    v /= v.norm()
    for _ in range(config["sharpness_iterations"]):
        product = torch.cat([p.flatten() for p in torch.autograd.grad(flat @ v, exact, retain_graph=True)])
        value = (v @ product).item()
        residual = ((product - value * v).norm() / abs(value)).item()
        v = product / product.norm()
    return {"sharpness": value, "residual": residual, "iterations": config["sharpness_iterations"]}


def mean_or_none(values):
    return values.double().mean().item() if len(values) else None


def measure(config, parameters, start, gradients, probe, noise):
    inputs, labels = probe
    with torch.no_grad():
        logits = forward(config, parameters, inputs).double()
        noise_inputs, given, true = noise
        noise_logits = forward(config, parameters, noise_inputs).double()
        w = weight(config, label_probability(noise_logits, given))
        clean, guess = given == true, noise_logits.argmax(1)
        counts = torch.zeros(10, 10, dtype=torch.long).index_put_(
            (labels, logits.argmax(1)), torch.ones(len(labels), dtype=torch.long), accumulate=True)
        result = {
            "logit_mean": logits.mean(0).tolist(), "logit_variance": logits.var(0, unbiased=False).tolist(),
            "confusion": [{"label": y, "guess": g, "count": counts[y, g].item()}
                          for y in range(10) for g in range(10) if counts[y, g] > 0],
            "noise": {"clean_examples": clean.sum().item(), "corrupted_examples": (~clean).sum().item(),
                      "kept_clean": mean_or_none(w[clean] > 0), "kept_corrupted": mean_or_none(w[~clean] > 0),
                      "weight_clean": mean_or_none(w[clean]), "weight_corrupted": mean_or_none(w[~clean]),
                      "accuracy_given": mean_or_none((guess == given)[~clean]),
                      "accuracy_true": mean_or_none((guess == true)[~clean])},
            "layers": layer_numbers(config, parameters, start, gradients, inputs)}
    result["sharpness"] = sharpness(config, parameters, inputs, labels)
    return result


def train(config):
    """{step: groups}."""
    pixels, labels = read("train")
    scaled = pixels.double() / 255
    mean, std = scaled.mean(), scaled.std(unbiased=False)
    inputs = ((scaled - mean) / std).float()
    test_pixels, test_labels = read("t10k")
    noise_draw = stream(f"label_noise/{config['data_seed']}")
    u = torch.rand(len(labels), generator=noise_draw)
    r = torch.randint(1, 10, (len(labels),), generator=noise_draw)
    given = torch.where(u < config["label_noise"], (labels + r) % 10, labels)
    rows = torch.randperm(len(test_labels), generator=stream(f"probe/{config['data_seed']}"))[:config["probe_size"]]
    probe = ((test_pixels[rows].double() / 255 - mean) / std).float(), test_labels[rows]
    rows = torch.randperm(len(labels), generator=stream(f"noise_probe/{config['data_seed']}"))[:config["probe_size"]]
    noise = inputs[rows], given[rows], labels[rows]
    order = torch.randperm(len(labels), generator=stream(f"batches/{config['data_seed']}/0"))

    parameters = initial(config)
    start = [p.detach().clone() for p in parameters]
    measured = {0: measure(config, parameters, start, None, probe, noise)}
    size = config["batch_size"]
    for step in range(1, config["steps"] + 1):
        batch = order[(step - 1) * size:step * size]
        loss = mean_loss(config, forward(config, parameters, inputs[batch]), given[batch])
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, g in zip(parameters, gradients):
                p -= config["learning_rate"] * g
        measured[step] = measure(config, parameters, start, gradients, probe, noise)
    return measured


def differences(got, expected, place):
    """Places where two JSON values differ."""
    if isinstance(expected, dict):
        if got is None or set(got) != set(expected):
            return [f"{place}: {got}, not {expected}"]
        return [d for name in expected for d in differences(got[name], expected[name], f"{place}.{name}")]
    if isinstance(expected, list):
        if got is None or len(got) != len(expected):
            return [f"{place}: {got}, not {expected}"]
        return [d for i, pair in enumerate(zip(got, expected)) for d in differences(*pair, f"{place}[{i}]")]
    if isinstance(expected, float) and isinstance(got, (int, float)):
        same = abs(got - expected) <= TOLERANCE * max(abs(expected), 0.5)
    else:
        same = got == expected
    return [] if same else [f"{place}: {got}, not {expected}"]


def main():
    torch.set_num_threads(1)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as pack:
        json.dump(TRIALS, pack)
        pack.flush()
        lines = subprocess.run([sys.argv[1], "--pack", pack.name], check=True, capture_output=True,
                               text=True).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    wrong = []
    for trial, config in enumerate(TRIALS):
        snapshots = {r["step"]: r for r in records if r["trial"] == trial and "step" in r}
        expected = train(config)
        if set(snapshots) != set(expected):
            wrong.append(f"trial {trial}: steps {sorted(snapshots)}")
            continue
        for step, groups in expected.items():
            if str(step) not in config["confusion_steps"].split(","):
                del groups["confusion"]
            got = {name: snapshots[step].get(name) for name in groups}
            wrong += differences(got, groups, f"trial {trial}, step {step}")
    print("\n".join(wrong) or "every number agrees")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
