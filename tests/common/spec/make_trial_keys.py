#!/usr/bin/env python3
"""Writes trial_keys.json: trial configurations with their canonical JSON and their keys.

Written against the text of the format alone, apart from the C++, so that the two check each other.
The file is stable: keys of stored trials depend on it. A new field may add configurations at the
end; a changed line means that stored trials lose their identity.

    python3 make_trial_keys.py > trial_keys.json
"""

import decimal
import hashlib
import json
import math

DEFAULTS = {
    "model": "mlp",
    "width": 64,
    "depth": 3,
    "activation": "relu",
    "init": "he",
    "init_scale": 1.0,
    "bias_scale": 0.0,
    "loss": "cross_entropy",
    "loss_params": {},
    "loss_delay_steps": 0,
    "optimizer": "sgd",
    "learning_rate": 0.05,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "batch_size": 128,
    "label_noise": 0.0,
    "noise_kind": "symmetric",
    "class_imbalance": 1.0,
    "seed": 0,
    "data_seed": 0,
    "probe_size": 2000,
    "points": 24,
    "spacing": "log",
}


def number(value):
    """A number as ECMAScript writes it (RFC 8785, section 3.2.2.3)."""
    if isinstance(value, int):
        return str(value)
    assert math.isfinite(value)
    if value == 0:
        return "0"
    # repr has the shortest digits that read back as the same double, in another layout.
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, digits))
    k = len(digits)
    n = exponent + k
    if k <= n <= 21:
        text = digits + "0" * (n - k)
    elif 0 < n <= 21:
        text = digits[:n] + "." + digits[n:]
    elif -6 < n <= 0:
        text = "0." + "0" * -n + digits
    else:
        text = digits[0] + ("." + digits[1:] if k > 1 else "") + "e%+d" % (n - 1)
    return ("-" if sign else "") + text


def canonical(value):
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(json.dumps(k) + ":" + canonical(v) for k, v in members) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return number(value)


# Fields that are newer than the format: left out while they have their defaults.
NEWER = {
    "readout_scale": 1.0,
    "schedule": "constant",
    "warmup_steps": 0,
    "schedule_every": 100,
    "schedule_factor": 0.1,
    "max_grad_norm": 0.0,
    "norm": "none",
    "norm_position": "before",
    "norm_statistics": "batch",
    "pool": "max",
    "stem": "cifar",
    "init_max_guess_min": 0.0,
    "init_max_guess_max": 1.0,
    "init_tries": 100,
    "logit_bias": 0.0,
    "noise_matrix": "",
    "class_subset": "",
    "input_shift": 0.0,
    "data_classes": 10,
    "data_dimension": 100,
    "data_separation": 4.0,
    "data_train_per_class": 1000,
    "data_test_per_class": 1000,
    "groups": "",
    "confusion_steps": "",
    "sharpness_iterations": 20,
}


def drop_without_effect(config):
    """Takes out the newer fields that say nothing of this configuration."""
    resnet = config["model"].startswith("resnet")
    generated = config["dataset"] in ("blobs", "gaussian")
    own = config["dataset"].startswith("npy/")
    norm = config.get("norm", "none")
    condition = config.get("init_max_guess_min", 0) > 0 or config.get("init_max_guess_max", 1) < 1
    groups = config.get("groups", "").split(",")
    matrix = config["label_noise"] > 0 and config.get("noise_kind") == "matrix"
    has_effect = {
        "depth": not resnet,
        "norm": not resnet,
        "norm_position": not resnet and norm != "none",
        "norm_statistics": resnet or norm == "batch_norm",
        "pool": config["model"] == "cnn",
        "stem": resnet,
        "init_tries": condition,
        "noise_matrix": matrix,
        "data_classes": generated or own,
        "data_dimension": generated,
        "data_separation": config["dataset"] == "blobs",
        "data_train_per_class": generated,
        "data_test_per_class": generated,
        "confusion_steps": "confusion" in groups,
        "sharpness_iterations": "sharpness" in groups,
    }
    for name, effect in has_effect.items():
        if not effect:
            config.pop(name, None)


def config_text(fields):
    config = {**DEFAULTS, **fields, "format_version": 1}
    if config.get("schedule") != "step":
        config.pop("schedule_every", None)
        config.pop("schedule_factor", None)
    drop_without_effect(config)
    for name, default in NEWER.items():
        if config.get(name) == default:
            del config[name]
    if config["optimizer"] not in ("momentum", "nesterov"):
        del config["momentum"]
    if config["label_noise"] == 0:
        del config["noise_kind"]
    if config["loss"] == "cross_entropy":
        del config["loss_delay_steps"]
    return canonical(config)


def blurry(gamma=0.5, gradient="detached"):
    return {"loss": "blurry", "loss_params": {"gamma": gamma, "gradient": gradient}}


def piecewise_zero(cutoff=0.05):
    return {"loss": "piecewise_zero", "loss_params": {"cutoff": cutoff}}


VARIATIONS = [
    {},
    {"dataset": "mnist"},
    {"model": "mlp", "width": 64, "depth": 3, "loss": "cross_entropy", "loss_params": {}},
    {"width": 1, "depth": 1},
    {"width": 65536, "depth": 1024},
    {"activation": "tanh"},
    {"activation": "linear"},
    {"init": "lecun"},
    {"init": "glorot", "init_scale": 1.2},
    {"init": "torch", "bias_scale": 0.5},
    {"init_scale": 2.0},
    {"init_scale": 0.1 + 0.2},
    {"init_scale": 1e-7},
    {"init_scale": 1.5e-6},
    {"init_scale": 0.000001},
    {"init_scale": 1e21},
    {"init_scale": 1e22},
    {"init_scale": 123456789012345680000.0},
    {"init_scale": 5e-324},
    {"init_scale": 1.7976931348623157e308},
    {"init_scale": 0.0},
    {"bias_scale": -0.0},
    {"weight_decay": -0.0, "label_noise": -0.0},
    blurry(),
    blurry(gamma=0.3),
    blurry(gamma=0.0),
    blurry(gamma=-0.0),
    blurry(gamma=2.0, gradient="full"),
    piecewise_zero(),
    piecewise_zero(cutoff=0.0),
    piecewise_zero(cutoff=1.0),
    {**blurry(), "loss_delay_steps": 100},
    {**piecewise_zero(cutoff=0.2), "loss_delay_steps": 1000000000},
    {"loss_delay_steps": 100},
    {"optimizer": "momentum"},
    {"optimizer": "momentum", "momentum": 0.0},
    {"optimizer": "momentum", "momentum": 0.99, "weight_decay": 0.0005},
    {"optimizer": "sgd", "momentum": 0.99},
    {"optimizer": "adam", "learning_rate": 0.0005},
    {"optimizer": "adam", "learning_rate": 1e-4, "weight_decay": 1e-5},
    {"batch_size": 1, "steps": 1},
    {"batch_size": 60000, "steps": 1000000000},
    {"steps": 0, "points": 1},
    {"label_noise": 0.2},
    {"label_noise": 1.0, "noise_kind": "pair_flip"},
    {"noise_kind": "pair_flip"},
    {"class_imbalance": 100.0},
    {"seed": 9007199254740991, "data_seed": 9007199254740990},
    {"seed": 4, "data_seed": 4, "probe_size": 10000, "points": 100000, "spacing": "linear"},
    {
        "dataset": "fashion-mnist",
        "width": 64,
        "depth": 10,
        "init_scale": 1.2,
        **piecewise_zero(),
        "optimizer": "adam",
        "learning_rate": 0.0005,
        "batch_size": 128,
        "steps": 200,
        "seed": 3,
    },
    {"optimizer": "nesterov", "momentum": 0.8, "activation": "gelu", "init": "orthogonal"},
    {"optimizer": "adamw", "weight_decay": 0.01, "activation": "leaky_relu"},
    {
        "loss": "sce",
        "loss_params": {"alpha": 0.1, "beta": 1.0, "A": math.log(1e-4)},
        "activation": "erf",
    },
    {"loss": "taylor_ce", "loss_params": {"t": 2.0}},
    {"schedule": "cosine", "warmup_steps": 10, "max_grad_norm": 5.0, "readout_scale": 0.1},
    {"schedule": "step", "schedule_every": 50, "schedule_factor": 0.5},
    {"schedule": "step", "schedule_every": 100, "schedule_factor": 0.1},
    {"schedule_every": 50, "readout_scale": 1.0, "schedule": "constant"},
    {"norm": "batch_norm", "norm_position": "after", "norm_statistics": "running"},
    {"model": "cnn", "pool": "average", "norm": "layer_norm", "stem": "imagenet"},
    {"model": "resnet50", "dataset": "cifar-10", "stem": "imagenet", "depth": 7, "width": 16},
    {"init_max_guess_min": 0.9, "init_tries": 50, "logit_bias": 2.5},
    {"init_tries": 50, "data_classes": 3, "confusion_steps": "0,10"},
    {"label_noise": 0.2, "noise_kind": "matrix", "noise_matrix": "3>5,5>3:0.5"},
    {"class_subset": "0,3,7", "input_shift": -0.5},
    {
        "dataset": "blobs",
        "data_classes": 3,
        "data_dimension": 20,
        "data_separation": 2.5,
        "data_train_per_class": 500,
        "data_test_per_class": 700,
    },
    {"dataset": "gaussian", "data_separation": 2.5, "data_dimension": 1000},
    {"dataset": "npy/birds", "data_classes": 200, "data_dimension": 20},
    {"groups": "confusion,layers,sharpness", "confusion_steps": "0,200", "sharpness_iterations": 5},
]


def main():
    entries = []
    for variation in VARIATIONS:
        fields = {"dataset": "fashion-mnist", "steps": 200, **variation}
        text = config_text(fields)
        key = hashlib.sha256(text.encode("utf-8")).hexdigest()
        entries.append({"fields": fields, "config": text, "key": key})
    assert len(entries) == 69
    print("[\n" + ",\n".join("  " + json.dumps(entry) for entry in entries) + "\n]")


if __name__ == "__main__":
    main()
