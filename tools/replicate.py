#!/usr/bin/env python3
"""Recomputes one trial's trajectory in plain PyTorch and compares it with the one on record.

    tools/replicate.py --db first_guess.db --trial 17
    tools/replicate.py --db first_guess.db --key 3f1c...
    firstguess-trainer --pack pack.json > trials.jsonl
    tools/replicate.py --lines trials.jsonl --pack pack.json

Nothing here is shared with the trainer: replicate/data.py and replicate/training.py follow the
definitions in worker/README.md and use PyTorch's own optimizers and autograd. Works with PyTorch 1.13
and later.

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

import sys

from replicate.comparison import main

if __name__ == "__main__":
    sys.exit(main(__doc__))
