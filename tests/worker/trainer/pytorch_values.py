#!/usr/bin/env python3
"""Prints pytorch_values.h: what PyTorch draws from the named streams, and where its optimizers go.

    python3 pytorch_values.py > pytorch_values.h
"""

import hashlib

import torch


def stream(name):
    digest = hashlib.sha256(("firstguess/v1/" + name).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") & (2**63 - 1))


def array(kind, name, values):
    if torch.is_tensor(values):
        values = values.tolist()
    text = ", ".join(f"{v:.17g}" if isinstance(v, float) else str(v) for v in values)
    print(f"inline constexpr {kind} {name}[] = {{{text}}};")


def print_optimizers():
    start = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
    updates = 4
    gradients = torch.sin(torch.arange(updates * 4, dtype=torch.float64).view(updates, 4) + 0.5)
    print(f"inline constexpr int kUpdates = {updates};")
    array("double", "kStart", start)
    print("// Row-major, one row an update.")
    array("double", "kGradients", gradients.flatten())
    print("// The parameters after each update, row-major.")
    for decay in (0.0, 0.1):
        for name, make in (
                ("Sgd", lambda p, d: torch.optim.SGD([p], lr=0.05, weight_decay=d)),
                ("Momentum", lambda p, d: torch.optim.SGD([p], lr=0.05, momentum=0.8, weight_decay=d)),
                ("Nesterov", lambda p, d: torch.optim.SGD([p], lr=0.05, momentum=0.8, nesterov=True,
                                                          weight_decay=d)),
                ("Adam", lambda p, d: torch.optim.Adam([p], lr=0.05, weight_decay=d)),
                ("AdamW", lambda p, d: torch.optim.AdamW([p], lr=0.05, weight_decay=d))):
            p = start.clone().requires_grad_()
            optimizer = make(p, decay)
            path = []
            for g in gradients:
                p.grad = g.clone()
                optimizer.step()
                path += p.tolist()
            array("double", f"k{name}{'Decay' if decay else ''}", path)


def print_schedules():
    """Learning rates of 12 updates from 0.05."""
    lr_scheduler = torch.optim.lr_scheduler
    for name, warmup, make in (
            ("Step", 0, lambda o: lr_scheduler.StepLR(o, 3, 0.5)),
            ("Cosine", 0, lambda o: lr_scheduler.CosineAnnealingLR(o, 12)),
            ("WarmupConstant", 4, lambda o: lr_scheduler.ConstantLR(o, 1)),
            ("WarmupStep", 4, lambda o: lr_scheduler.StepLR(o, 3, 0.5)),
            ("WarmupCosine", 4, lambda o: lr_scheduler.CosineAnnealingLR(o, 8))):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.05)
        scheduler = make(optimizer)
        if warmup:
            rise = lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), total_iters=warmup)
            scheduler = lr_scheduler.SequentialLR(optimizer, [rise, scheduler], [warmup])
        rates = []
        for _ in range(12):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        array("double", f"k{name}Rates", rates)


def print_clipping():
    """What clip_grad_norm_ makes of the gradient (3, 4) in float64."""
    for name, limit in (("Below", 2.5), ("At", 5.0), ("Above", 10.0)):
        p = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        p.grad = torch.tensor([3.0, 4.0], dtype=torch.float64)
        torch.nn.utils.clip_grad_norm_([p], limit)
        array("double", f"kClipped{name}", p.grad)


def print_generated_data():
    """Of 3 classes in 7 dimensions, 4 training and 2 test examples of each, data_seed 5."""
    print("// Row-major: randn((12, 7)) and randn((6, 7)), labelled 0, 1, 2, 0, …")
    array("float", "kGaussianTrain", torch.randn((12, 7), generator=stream("gaussian/5/train")).flatten())
    array("float", "kGaussianTest", torch.randn((6, 7), generator=stream("gaussian/5/test")).flatten())
    print("// Centres of length 2.5, and the same with other draws around them.")
    centres = torch.randn((3, 7), generator=stream("blobs/5/centres")).double()
    centres = (centres * (2.5 / centres.norm(dim=1, keepdim=True))).float()
    array("float", "kBlobCentres", centres.flatten())
    for name, count in (("Train", 12), ("Test", 6)):
        draw = torch.randn((count, 7), generator=stream(f"blobs/5/{name.lower()}"))
        array("float", f"kBlobs{name}", (draw + centres[torch.arange(count) % 3]).flatten())


def main():
    print("#pragma once")
    print()
    print(f"// Printed by pytorch_values.py with PyTorch {torch.__version__.split('+')[0]}; do not edit.")
    print()
    print("#include <cstdint>")
    print()
    print("namespace firstguess::trainer::pytorch {")
    print()
    print("// First elements of randn((64, 784)), randn((64)) and rand((10, 64)) from their streams.")
    array("float", "kInitWeight", torch.randn((64, 784), generator=stream("init/3/layers.0.weight")).flatten()[:6])
    array("float", "kInitBias", torch.randn((64,), generator=stream("init/3/layers.0.bias"))[:6])
    array("float", "kInitUniform", torch.rand((10, 64), generator=stream("init/3/layers.3.weight")).flatten()[:6])
    print("// orthogonal_ with gain 1.5 of randn((3, 5)) and randn((5, 3)), in float64, row-major.")
    for name, shape in (("Wide", (3, 5)), ("Tall", (5, 3))):
        draw = torch.randn(shape, generator=stream("init/3/layers.1.weight")).double()
        q, r = torch.linalg.qr(draw.T if name == "Wide" else draw)
        q = 1.5 * q * r.diagonal().sign()
        array("double", f"kOrthogonal{name}", (q.T if name == "Wide" else q).flatten())
    print("// First elements of randperm(60000), epochs 0 and 1, and of randperm(10000).")
    array("int64_t", "kBatches0", torch.randperm(60000, generator=stream("batches/5/0"))[:6])
    array("int64_t", "kBatches1", torch.randperm(60000, generator=stream("batches/5/1"))[:6])
    array("int64_t", "kProbe", torch.randperm(10000, generator=stream("probe/5"))[:6])
    print("// First elements of u = rand(1000), r = randint(1, 10, (1000,)), v = rand(1000), from one stream.")
    generator = stream("label_noise/5")
    array("float", "kNoiseUniform", torch.rand(1000, generator=generator)[:12])
    array("int64_t", "kNoiseShift", torch.randint(1, 10, (1000,), generator=generator)[:12])
    array("float", "kNoiseRow", torch.rand(1000, generator=generator)[:12])
    print_generated_data()
    print()
    print("// Learning rate 0.05, momentum 0.8, weight decay 0 or 0.1, in float64.")
    print_optimizers()
    print("// Learning rates of updates 1 to 12; step: every 3, factor 0.5; warm-up: 4.")
    print_schedules()
    print("// The gradient (3, 4) clipped to norms of 2.5, 5 and 10.")
    print_clipping()
    print()
    print("}  // namespace firstguess::trainer::pytorch")


if __name__ == "__main__":
    main()
