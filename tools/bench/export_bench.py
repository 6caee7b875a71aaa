#!/usr/bin/env python3
"""Times 'firstguess export' in each format beside DuckDB, which reads the same tables of the same file
and writes the same format (NumPy: Python's sqlite3 and numpy.savez).

  .deps/python/bin/python tools/bench/export_bench.py [--trials N] [--rounds N] [--bin FOLDER]

10,000 trials of 30 snapshots of 10 classes: 3 million class rows. The rounds are interleaved; medians of
seconds, processor seconds, peak of resident memory and size are printed. Needs tools/setup --test and a release build.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("trial", "trial_class", "snapshot", "class_snapshot")
FORMATS = ("csv", "jsonl", "parquet", "npz")
SNAPSHOTS, CLASSES = 30, 10

FILL = f"""
CREATE TEMP TABLE number AS
  WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {{trials}}) SELECT i FROM n;
CREATE TEMP TABLE real AS SELECT i, (random() / 9223372036854775808.0 + 1) / 2 AS x FROM number;
INSERT INTO sweep (sweep_id, name, revision, state, priority, cells, done, created_at)
  VALUES (1, 'bench', 1, 'done', 0, {{trials}}, {{trials}}, 1.0);
INSERT INTO sweep_revision (sweep_id, revision, spec, canonical, submitted_at)
 VALUES (1, 1, 'name: bench', '{{{{}}}}', 1.0);
INSERT INTO pack (pack_id, sweep_id, revision, plan_index) VALUES (1, 1, 1, 0);
INSERT INTO trial (trial_id, key, status, dataset, model, width, depth, activation, init, init_scale, bias_scale,
    loss, loss_params, optimizer, learning_rate, batch_size, steps, seed, data_seed, probe_size, points, spacing,
    config, pack_id, slot, attempts, worker, device, pack_size, library, started_at, finished_at, train_seconds)
  SELECT i, lower(hex(randomblob(32))), 'done', 'fashion-mnist', 'mlp', 64, 3, 'relu', 'he', 1.0, 0.0,
    'cross_entropy', '{{{{}}}}', 'sgd', 0.05, 128, 200, i, 0, 2000, 29, 'log', hex(zeroblob(350)), 1, i, 1, 'node',
    'cpu', 64, 'libtorch', 1.0, 2.0, x FROM real;
INSERT INTO cell SELECT 1, 1, i, i, NULL FROM number;
INSERT INTO trial_class SELECT number.i, c.i - 1, 200, c.i - 1 FROM number JOIN number AS c ON c.i <= {CLASSES};
INSERT INTO snapshot SELECT real.i, s.i - 1, s.i / 468.0, x, x * 2, x / 3, x / 7, x / 11, x / 13, x / 17, x / 19,
    x / 23, NULL, 0.0 FROM real JOIN number AS s ON s.i <= {SNAPSHOTS};
INSERT INTO class_snapshot SELECT real.i, s.i - 1, c.i - 1, 200 + c.i, 100 + s.i, random() / 1e19 + 1, random() / 1e19,
    random() / 1e20
  FROM real JOIN number AS s ON s.i <= {SNAPSHOTS} JOIN number AS c ON c.i <= {CLASSES};
"""

PEER = """
import sys, duckdb, duckdb_extension_sqlite_scanner
from pathlib import Path
database, folder, form, tables = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
(extension,) = Path(duckdb_extension_sqlite_scanner.__file__).parent.rglob("sqlite_scanner.duckdb_extension")
connection = duckdb.connect()
connection.execute(f"LOAD '{extension}'")
connection.execute(f"ATTACH '{database}' AS s (TYPE sqlite, READ_ONLY)")
options = {"csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json", "parquet": "FORMAT parquet, COMPRESSION zstd"}
for table in tables:
    connection.execute(f"COPY (SELECT * FROM s.{table}) TO '{folder}/{table}.{form}' ({options[form]})")
"""

NUMPY_PEER = """
import sys, sqlite3, numpy
database, folder, form, tables = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
for table in tables:
    cursor = sqlite3.connect(database).execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    columns = zip(*cursor.fetchall())
    numpy.savez(f"{folder}/{table}.npz", **{name: numpy.array(
        [float('nan') if value is None else value for value in values]) for name, values in zip(names, columns)})
"""


def make_database(bin_folder, path, trials):
    """A coordinator makes the file; the rows come by SQL."""
    server = subprocess.Popen([bin_folder / "firstguess-coordinator", "--db", path, "--listen",
                               f"unix:{path}.socket"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in server.stdout:
        if "serves" in line:
            break
    server.terminate()
    server.wait()
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA synchronous = OFF; BEGIN;" + FILL.format(trials=trials) + "COMMIT;")
    connection.close()


def timed(command):
    """Seconds, those of processors, and the peak of resident memory in MB."""
    begun = time.monotonic()
    pid = os.posix_spawn(str(command[0]), [str(word) for word in command], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch, "bench.db")
        make_database(arguments.bin, database, arguments.trials)
        print(f"{arguments.trials} trials, {arguments.trials * SNAPSHOTS * CLASSES} class rows, "
              f"{database.stat().st_size / 1e6:.0f} MB", flush=True)
        samples = {}
        for _ in range(arguments.rounds):
            for form in FORMATS:
                for who in ("ours", "peer"):
                    with tempfile.TemporaryDirectory(dir=scratch) as folder:
                        if who == "ours":
                            command = [arguments.bin / "firstguess", "export", "--db", database, "--to", folder,
                                       "--format", form]
                        else:
                            command = [sys.executable, "-c", NUMPY_PEER if form == "npz" else PEER, database, folder,
                                       form, *TABLES]
                        seconds, processor, memory = timed(command)
                        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
                        samples.setdefault((form, who), []).append((seconds, processor, memory, size))
        head = f"{'s':>7} {'cpu s':>7} {'memory':>7} {'files':>7}"
        print(f"{'format':8} {head}   peer: {head}   ratio")
        for form in FORMATS:
            ours, peer = (tuple(statistics.median(column) for column in zip(*samples[form, who]))
                          for who in ("ours", "peer"))
            shown = ["{:7.2f} {:7.2f} {:5.0f}MB {:5.0f}MB".format(*figures) for figures in (ours, peer)]
            print(f"{form:8} {shown[0]}         {shown[1]}   {peer[0] / ours[0]:.2f}")


if __name__ == "__main__":
    main()
