"""The data of a trial and the random streams that make it and choose from it."""

import functools
import gzip
import hashlib
import math
import os

import torch

# CIFAR's binary files: the archive's folder, label bytes before an image's pixels, files of each split.
CIFAR = {
    "cifar-10": ("cifar-10-batches-bin", 1,
                 {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "t10k": ["test_batch.bin"]}),
    "cifar-100": ("cifar-100-binary", 2, {"train": ["train.bin"], "t10k": ["test.bin"]}),
}


def stream(name):
    digest = hashlib.sha256(("firstguess/v1/" + name).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") & (2**63 - 1))


# Examples of a split: uint8 pixels of shape (examples, channels, pixels of a channel), or float32 inputs
# of shape (examples, inputs), and their labels.

def read_bytes(folder, name):
    path = os.path.join(folder, name)
    with gzip.open(path + ".gz", "rb") if os.path.exists(path + ".gz") else open(path, "rb") as f:
        return torch.frombuffer(bytearray(f.read()), dtype=torch.uint8)


def read_images(folder, split):
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


def read_arrays(folder, split):
    import numpy

    x = numpy.load(os.path.join(folder, split, "x.npy"))
    y = torch.from_numpy(numpy.load(os.path.join(folder, split, "y.npy")).astype("int64"))
    if x.dtype == numpy.uint8:
        return torch.from_numpy(x).reshape(len(y), x.shape[1] if x.ndim == 4 else 1, -1), y
    return torch.from_numpy(x.astype("float32")).reshape(len(y), -1), y


def generate(name, seed, split, classes, dimension, per_class, separation):
    labels = torch.arange(classes * per_class) % classes
    x = torch.randn((len(labels), dimension), generator=stream(f"{name}/{seed}/{split}"))
    if name == "blobs":
        centres = torch.randn((classes, dimension), generator=stream(f"blobs/{seed}/centres")).double()
        centres = (centres * (separation / centres.norm(dim=1, keepdim=True))).float()
        x = x + centres[labels]
    return x, labels


@functools.lru_cache(maxsize=4)
def whole(name, data_dir, seed, classes, dimension, separation, train_per_class, test_per_class):
    """Both splits before anything is taken from them, the classes, and mean and std of each channel."""
    if name in ("blobs", "gaussian"):
        train, test = (generate(name, seed, split, classes, dimension, per_class, separation)
                       for split, per_class in (("train", train_per_class), ("test", test_per_class)))
    elif name.startswith("npy/"):
        train, test = (read_arrays(os.path.join(data_dir, name[4:]), split) for split in ("train", "test"))
    else:
        train, test = (read_images(os.path.join(data_dir, name), split) for split in ("train", "t10k"))
        classes = int(train[1].max()) + 1
    moments = None
    if train[0].dtype == torch.uint8:
        pixels = [channel.double() / 255 for channel in train[0].unbind(1)]
        moments = (torch.stack([p.mean() for p in pixels]).unsqueeze(1),
                   torch.stack([p.std(unbiased=False) for p in pixels]).unsqueeze(1))
    return train, test, classes, moments


class Data:
    """What a trial trains on and is measured on."""

    def __init__(self, config, data_dir):
        self.config = config
        is_generated = config["dataset"] in ("blobs", "gaussian")
        (self.train, self.labels), (self.test, self.test_labels), self.classes, self.moments = whole(
            config["dataset"], data_dir, config["data_seed"] if is_generated else 0,
            config.get("data_classes", 10),
            config.get("data_dimension", 100), config.get("data_separation", 4),
            config.get("data_train_per_class", 1000), config.get("data_test_per_class", 1000))
        if config.get("class_subset"):
            subset = torch.tensor([int(c) for c in config["class_subset"].split(",")])
            self.train, self.labels = self.of_classes(subset, self.train, self.labels)
            self.test, self.test_labels = self.of_classes(subset, self.test, self.test_labels)
            self.classes = len(subset)

    @staticmethod
    def of_classes(subset, examples, labels):
        kept = torch.isin(labels, subset)
        return examples[kept], torch.searchsorted(subset, labels[kept])

    def inputs(self, examples):
        """What the network sees of them: normalised, if they are pixels, and shifted."""
        if self.moments:
            mean, std = self.moments
            examples = ((examples.double() / 255 - mean) / std).float().flatten(1)
        return examples + torch.tensor(self.config.get("input_shift", 0), dtype=torch.float32)

    def training_examples(self):
        """Rows that class_imbalance keeps, in file order, and the labels to train on."""
        kept = torch.zeros(len(self.labels), dtype=torch.bool)
        for c in range(self.classes):
            rows = (self.labels == c).nonzero().flatten()
            share = self.config["class_imbalance"] ** (-c / (self.classes - 1))
            kept[rows[:max(1, math.floor(len(rows) * share))]] = True
        rows = kept.nonzero().flatten()
        return rows, noisy_labels(self.config, self.labels[rows], self.classes)

    def probe_set(self):
        """Inputs and labels."""
        generator = stream(f"probe/{self.config['data_seed']}")
        order = torch.randperm(len(self.test_labels), generator=generator)[:self.config["probe_size"]]
        return self.inputs(self.test[order]), self.test_labels[order]


def noisy_labels(config, labels, classes):
    if config["label_noise"] == 0:
        return labels
    generator = stream(f"label_noise/{config['data_seed']}")
    u = torch.rand(len(labels), generator=generator)
    r = torch.randint(1, classes, (len(labels),), generator=generator)
    if config["noise_kind"] == "matrix":
        changed = by_matrix(config["noise_matrix"], labels, torch.rand(len(labels), generator=generator))
    else:
        shift = torch.ones_like(r) if config["noise_kind"] == "pair_flip" else r
        changed = (labels + shift) % classes
    return torch.where(u < torch.tensor(config["label_noise"]), changed, labels)


def by_matrix(matrix, labels, v):
    changed, reached = labels.clone(), {}
    undecided = torch.ones_like(labels, dtype=torch.bool)
    for entry in matrix.split(","):
        pair, _, share = entry.partition(":")
        source, target = (int(c) for c in pair.split(">"))
        reached[source] = reached.get(source, 0.0) + float(share or 1)
        here = undecided & (labels == source) & (v.double() < reached[source])
        changed[here] = target
        undecided &= ~here
    return changed
