#!/usr/bin/env python3
"""Holds the trainer against tools/replicate.py, which knows only the definitions.

    replicate_test.py TRAINER TOOLS_FOLDER

Trains replicate_pack.json (every optimizer, loss, init and activation, both kinds of label noise,
class imbalance, several epochs, loss delay, divergence) and compares each trajectory up to its
horizon.
"""

import copy
import pathlib
import subprocess
import sys
import tempfile

PACK = pathlib.Path(__file__).parent / "replicate_pack.json"
DATA = "/usr/share/datasets/fashion-mnist"
# Trials that have no horizon on any machine: the comparison is never empty.
WHOLE = (0,)


def main():
    trainer, tools = sys.argv[1:]
    sys.path.insert(0, tools)
    try:
        import torch
    except ImportError:
        sys.exit("this Python has no PyTorch: run tools/setup")
    import replicate

    torch.set_num_threads(1)
    with tempfile.NamedTemporaryFile("w+") as lines:
        subprocess.run([trainer, "--pack", str(PACK)], stdout=lines, check=True)
        trials = list(replicate.from_lines(lines.name, PACK, None))

    failed = 0
    for trial, (config, recorded, diverged) in enumerate(trials):
        reference = replicate.reference_of(config, DATA)
        snapshots, _, horizon = reference
        agree, words = replicate.compare(recorded, diverged, *reference)
        if not agree or (trial in WHOLE and horizon < len(snapshots)):
            failed += 1
            print(f"trial {trial}: {config}", words, sep="\n")
        else:
            print(f"trial {trial}: {words.splitlines()[0]}")

        # The comparison itself must see a probability moved by 0.1 %, a count by 1, a lost snapshot.
        if trial in WHOLE:
            for name, factor, shift in (("mean_prob", 1.001, 0), ("guess_count", 1, 1)):
                wrong = copy.deepcopy(recorded)
                wrong[3][name][0] = wrong[3][name][0] * factor + shift
                if replicate.compare(wrong, diverged, *reference)[0]:
                    failed += 1
                    print(f"trial {trial}: a changed {name} was not noticed")
            if replicate.compare(recorded[:-1], diverged, *reference)[0]:
                failed += 1
                print(f"trial {trial}: a lost snapshot was not noticed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
