#!/usr/bin/env python3
"""Trials on generated files in CIFAR's formats: replicate_cifar_test.py TRAINER TOOLS

The trainer and tools/replicate.py read them each in its own way, and must train alike.
"""

import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PACK = pathlib.Path(__file__).parent / "replicate_pack.json"


def write_file(path, records, label_bytes, classes, seed):
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


def check(trainer, replicate, data_dir, dataset):
    """Failures of one small trial on a data set, written into `data_dir`."""
    archive, label_bytes, files = replicate.CIFAR[dataset]
    classes = 10 if label_bytes == 1 else 100
    for split, total in (("train", 50000), ("t10k", 10000)):
        for i, name in enumerate(files[split]):
            path = pathlib.Path(data_dir, dataset, archive, name)
            write_file(path, total // len(files[split]), label_bytes, classes, len(name) + 10 * i)

    config = {**json.loads(PACK.read_text())[0], "dataset": dataset, "steps": 20, "points": 5,
              "probe_size": 500, "learning_rate": 0.005}
    pack, lines = os.path.join(data_dir, "pack.json"), os.path.join(data_dir, "lines")
    with open(pack, "w") as f:
        json.dump([config], f)
    with open(lines, "w") as f:
        subprocess.run([trainer, "--pack", pack, "--data-dir", data_dir], stdout=f, check=True)
    (_, recorded, diverged), = replicate.from_lines(lines, pack, None)
    reference = replicate.reference_of(config, os.path.join(data_dir, dataset))
    agree, words = replicate.compare(recorded, diverged, *reference)
    print(dataset, words, sep="\n")
    compared = reference[2]
    return 0 if agree and compared == len(recorded) == 6 and len(recorded[0]["mean_prob"]) == classes else 1


def main():
    trainer, tools = sys.argv[1:]
    sys.path.insert(0, tools)
    try:
        import torch
    except ImportError:
        sys.exit("this Python has no PyTorch: run tools/setup")
    import replicate

    torch.set_num_threads(1)
    failed = 0
    for dataset in replicate.CIFAR:
        with tempfile.TemporaryDirectory() as data_dir:
            failed += check(trainer, replicate, data_dir, dataset)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
