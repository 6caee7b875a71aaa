#!/usr/bin/env python3
"""Holds the trainer against tools/replicate.py, which knows only the definitions.

    replicate_test.py TRAINER TOOLS_FOLDER

Trains replicate_pack.json (every optimizer, loss, init and activation, both kinds of label noise,
class imbalance, several epochs, loss delay, divergence) and compares each trajectory up to its
horizon; then once more from a database's tables.
"""

import copy
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

PACK = pathlib.Path(__file__).parent / "replicate_pack.json"
DATA = "/usr/share/datasets"
# Trials that have no horizon on any machine: the comparison is never empty.
WHOLE = (0,)
INITIAL_ONLY = 18  # a trial without updates


def write_database(path, key, config, snapshots, vectors):
    """The columns of a run's database that replicate.py reads, for one trial."""
    database = sqlite3.connect(path)
    scalars = [name for name in snapshots[0] if name not in vectors and name != "trial"]
    database.execute("CREATE TABLE trial (trial_id, key, status, config, diverged_at_step)")
    database.execute(f"CREATE TABLE snapshot (trial_id, {', '.join(scalars)})")
    database.execute(f"CREATE TABLE class_snapshot (trial_id, step, class, {', '.join(vectors)})")
    database.execute("INSERT INTO trial VALUES (7, ?, 'done', ?, NULL)", (key, json.dumps(config)))
    for snapshot in snapshots:
        values = [7] + [snapshot[name] for name in scalars]
        database.execute(f"INSERT INTO snapshot VALUES ({', '.join('?' * len(values))})", values)
        for c in range(len(snapshot["mean_prob"])):
            values = [7, snapshot["step"], c] + [snapshot[name][c] for name in vectors]
            database.execute(f"INSERT INTO class_snapshot VALUES ({', '.join('?' * len(values))})", values)
    database.commit()
    return database


def check_database(tools, config, snapshots, vectors):
    """Failures of the command line on a database."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.db")
        database = write_database(path, "k1", config, snapshots, vectors)

        def expect(code, *arguments):
            command = [sys.executable, os.path.join(tools, "replicate.py"), "--db", path, *arguments]
            got = subprocess.run(command, capture_output=True, text=True)
            if got.returncode == code:
                return 0
            print(f"{arguments} gave {got.returncode}, not {code}", got.stdout, got.stderr, sep="\n")
            return 1

        failed += expect(0, "--key", "k1")
        failed += expect(0, "--trial", "7")
        failed += expect(2, "--key", "k2")
        database.execute("UPDATE class_snapshot SET drift = drift + 0.001 WHERE class = 3")
        database.commit()
        failed += expect(1, "--key", "k1")
    return failed


def main():
    trainer, tools = sys.argv[1:]
    sys.path.insert(0, tools)
    try:
        import torch
    except ImportError:
        sys.exit("this Python has no PyTorch: run tools/setup")
    from replicate import comparison, training

    torch.set_num_threads(1)
    with tempfile.NamedTemporaryFile("w+") as lines:
        subprocess.run([trainer, "--pack", str(PACK)], stdout=lines, check=True)
        trials = list(comparison.from_lines(lines.name, PACK, None))

    failed = 0
    for trial, (config, recorded, diverged) in enumerate(trials):
        reference = comparison.reference_of(config, DATA)
        snapshots, _, horizon = reference
        agree, words = comparison.compare(recorded, diverged, *reference)
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
                if comparison.compare(wrong, diverged, *reference)[0]:
                    failed += 1
                    print(f"trial {trial}: a changed {name} was not noticed")
            if comparison.compare(recorded[:-1], diverged, *reference)[0]:
                failed += 1
                print(f"trial {trial}: a lost snapshot was not noticed")
    config, recorded, _ = trials[INITIAL_ONLY]
    failed += check_database(tools, config, recorded, training.VECTORS)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
