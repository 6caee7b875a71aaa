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
    print("// First elements of u = rand(1000), then r = randint(1, 10, (1000,)), from one stream.")
    generator = stream("label_noise/5")
    array("float", "kNoiseUniform", torch.rand(1000, generator=generator)[:12])
    array("int64_t", "kNoiseShift", torch.randint(1, 10, (1000,), generator=generator)[:12])
    print()
    print("// Learning rate 0.05, momentum 0.8, weight decay 0 or 0.1, in float64.")
    print_optimizers()
    print()
    print("}  // namespace firstguess::trainer::pytorch")


if __name__ == "__main__":
    main()
