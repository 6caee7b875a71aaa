"""What one step of one MLP costs in PyTorch, network by network and many at once.

  training_peer.py --widths W [W ...] --depths D [D ...] [--seconds S]

Prints one JSON object a line: microseconds of processor time per network and step, one thread, of
  eager   a module, autograd and torch.optim.SGD, one network
  vmap    torch.func: many networks of stacked parameters, updated in place
and the speed of a plain product of two matrices of 1024 x 1024. Batches of 128 examples of 784 inputs
lie ready, cross-entropy of 10 classes: as firstguess_trainer_bench has it.
"""

import argparse
import json
import time

import torch
from torch import nn

BATCH, INPUTS, CLASSES = 128, 784, 10
BATCHES = 32
RATE = 0.0005

# Networks at once where vmap was fastest of 4, 16, 64 and 128 (processor of tools/bench/README.md).
AT_ONCE = {32: 64, 64: 64, 128: 64, 256: 64, 512: 16}


def network(width, depth):
    layers = []
    for layer in range(depth):
        layers += [nn.Linear(INPUTS if layer == 0 else width, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))


def eager(width, depth):
    """A step of one network, which takes a batch."""
    model = network(width, depth)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step(inputs, labels):
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()

    return step


def vmapped(width, depth, networks):
    """A step of `networks` networks, which takes a batch."""
    model = network(width, depth)
    parameters, buffers = torch.func.stack_module_state(
        [network(width, depth) for _ in range(networks)])
    parameters = {name: value.detach() for name, value in parameters.items()}

    def loss(one, inputs, labels):
        logits = torch.func.functional_call(model, (one, buffers), (inputs,))
        return nn.functional.cross_entropy(logits, labels)

    gradients = torch.func.vmap(torch.func.grad(loss), in_dims=(0, None, None))

    def step(inputs, labels):
        found = gradients(parameters, inputs, labels)
        torch._foreach_add_(list(parameters.values()), list(found.values()), alpha=-RATE)

    return step


def seconds_per_step(step, batches, seconds):
    """Processor time, after a few steps that only the first ones cost."""
    for batch in batches[:3]:
        step(*batch)
    steps = 0
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        for batch in batches[:8]:
            step(*batch)
        steps += 8
        batches = batches[8:] + batches[:8]
    return (time.process_time() - begun) / steps


def product_gflops(seconds):
    left, right = torch.ones(1024, 1024), torch.ones(1024, 1024)
    product = torch.empty(1024, 1024)
    per_step = seconds_per_step(lambda *_: torch.mm(left, right, out=product), [()] * 8, seconds)
    return 2 * 1024**3 / per_step / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", type=int, nargs="+", required=True)
    parser.add_argument("--depths", type=int, nargs="+", required=True)
    parser.add_argument("--seconds", type=float, default=0.3, help="of each measurement")
    parser.add_argument("--networks", type=int, help="of vmap; default: the fastest, by width")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    batches = [(torch.randn(BATCH, INPUTS), torch.randint(CLASSES, (BATCH,)))
               for _ in range(BATCHES)]
    for width in arguments.widths:
        for depth in arguments.depths:
            networks = arguments.networks or AT_ONCE[width]
            print(json.dumps({
                "name": f"pytorch/{width}/{depth}",
                "eager_us": 1e6 * seconds_per_step(eager(width, depth), batches,
                                                   arguments.seconds),
                "vmap_us": 1e6 / networks * seconds_per_step(vmapped(width, depth, networks),
                                                             batches, arguments.seconds),
                "vmap_networks": networks,
                "cube_GFLOPs": product_gflops(arguments.seconds / 3)}), flush=True)


if __name__ == "__main__":
    main()
