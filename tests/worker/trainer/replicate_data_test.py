#!/usr/bin/env python3
"""Trials on each kind of data set: replicate_data_test.py TRAINER TOOLS

Files in CIFAR's formats and in NumPy's, written here, generated data, and what is made of them. The
trainer and tools/replicate.py make or read each in its own way, and must train alike.
"""

import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PACK = pathlib.Path(__file__).parent / "replicate_pack.json"


def write_cifar_file(path, records, label_bytes, classes, seed):
    """`records` random images, labelled in turn; the channels differ in mean and deviation."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    data = torch.randint(0, 256, (records, label_bytes + 3 * 1024), generator=generator, dtype=torch.uint8)
    for channel in range(3):
        start = label_bytes + channel * 1024
        data[:, start:start + 1024] //= channel + 1
    data[:, 0] = 0
    data[:, label_bytes - 1] = torch.arange(records) % classes
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ctypes.string_at(data.data_ptr(), data.numel()))


def write_cifar(data_dir, dataset):
    from replicate import data

    archive, label_bytes, files = data.CIFAR[dataset]
    for split, total in (("train", 50000), ("t10k", 10000)):
        for i, name in enumerate(files[split]):
            path = pathlib.Path(data_dir, dataset, archive, name)
            write_cifar_file(path, total // len(files[split]), label_bytes, 10 if label_bytes == 1 else 100,
                             len(name) + 10 * i)


def write_arrays(data_dir, name, train_shape, kind, label_kind):
    """Random inputs of 4 classes, of which the third has no examples; half as many to test on."""
    import numpy

    generator = numpy.random.default_rng(len(name))
    for split, shape in (("train", train_shape), ("test", (train_shape[0] // 2,) + train_shape[1:])):
        folder = pathlib.Path(data_dir, name, split)
        folder.mkdir(parents=True)
        y = numpy.array([0, 1, 3])[numpy.arange(shape[0]) % 3]
        x = generator.normal(size=shape) + y.reshape((-1,) + (1,) * (len(shape) - 1))
        numpy.save(folder / "x.npy", (x * 25 + 90).clip(0, 255).astype(kind) if kind == "uint8"
                   else x.astype(kind))
        numpy.save(folder / "y.npy", y.astype(label_kind))


def base():
    return {**json.loads(PACK.read_text())[0], "steps": 20, "points": 5, "probe_size": 500,
            "learning_rate": 0.005}


def generated(dataset, **fields):
    return {**base(), "dataset": dataset, "data_classes": 4, "data_dimension": 40,
            "data_train_per_class": 100, "data_test_per_class": 125, **fields}


# Each with the number of classes that it is measured on.
TRIALS = [
    (lambda: generated("blobs", data_separation=2.5, data_seed=3), 4),
    (lambda: generated("blobs", class_subset="1,2,3", class_imbalance=3, input_shift=0.25,
                       probe_size=300, batch_size=32), 3),
    (lambda: generated("gaussian", data_seed=2**40, input_shift=1.5, label_noise=0.3,
                       noise_kind="pair_flip"), 4),
    (lambda: {**base(), "dataset": "npy/pixels", "data_classes": 4, "probe_size": 120}, 4),
    (lambda: {**base(), "dataset": "npy/pixels", "data_classes": 4, "probe_size": 40,
              "class_subset": "1,2", "input_shift": -0.5, "batch_size": 50}, 2),
    (lambda: {**base(), "dataset": "npy/reals", "data_classes": 5, "probe_size": 150}, 5),
    (lambda: {**base(), "dataset": "fashion-mnist", "class_subset": "0,2,5,9", "input_shift": 0.1,
              "class_imbalance": 20, "label_noise": 0.6, "noise_kind": "matrix",
              "noise_matrix": "0>1:0.3,0>3:0.3,1>0,3>2:0.5"}, 4),
]


def check(trainer, data_dir, configs_and_classes):
    """Failures of the trials on the data sets in `data_dir`."""
    from replicate import comparison

    pack, lines = os.path.join(data_dir, "pack.json"), os.path.join(data_dir, "lines")
    with open(pack, "w") as f:
        json.dump([config for config, _ in configs_and_classes], f)
    with open(lines, "w") as f:
        subprocess.run([trainer, "--pack", pack, "--data-dir", data_dir], stdout=f, check=True)
    failed = 0
    for (config, recorded, diverged), (_, classes) in zip(comparison.from_lines(lines, pack, None),
                                                          configs_and_classes):
        reference = comparison.reference_of(config, data_dir)
        agree, words = comparison.compare(recorded, diverged, *reference)
        print(config["dataset"], words, sep="\n")
        if not (agree and reference[2] == len(recorded) == 6 and len(recorded[0]["mean_prob"]) == classes):
            failed += 1
            print(f"FAILED: {config}")
    return failed


def main():
    trainer, tools = sys.argv[1:]
    sys.path.insert(0, tools)
    try:
        import numpy  # noqa: F401
        import torch
    except ImportError:
        sys.exit("this Python lacks PyTorch or NumPy: run tools/setup")

    torch.set_num_threads(1)
    failed = 0
    for dataset, classes in (("cifar-10", 10), ("cifar-100", 100)):
        with tempfile.TemporaryDirectory() as data_dir:
            write_cifar(data_dir, dataset)
            failed += check(trainer, data_dir, [({**base(), "dataset": dataset}, classes)])
    with tempfile.TemporaryDirectory() as data_dir:
        # The trainer looks there anyway, replicate.py in one folder alone.
        os.symlink("/usr/share/datasets/fashion-mnist", os.path.join(data_dir, "fashion-mnist"))
        write_arrays(data_dir, "pixels", (240, 3, 4, 5), "uint8", "int32")
        write_arrays(data_dir, "reals", (300, 24), "float64", "uint8")
        failed += check(trainer, data_dir, [(make(), classes) for make, classes in TRIALS])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
