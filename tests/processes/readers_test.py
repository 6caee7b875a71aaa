#!/usr/bin/env python3
"""Other people's tools read the database while a sweep is running, and it loses nothing by it.

  readers_test.py --bin FOLDER --trainer PROGRAM

The sqlite3 shell, Python's sqlite3, pandas, DuckDB and Datasette ask the documented views. What they
are told must lie between what the coordinator had stored before and after; when the sweep is over,
all must say the same. One trial waits at a gate until all were answered, so that the sweep is running
as long as anybody reads, and the worker goes on with the others meanwhile. Run by the tests' own
Python (tools/setup --test).
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import duckdb_extension_sqlite_scanner
import pandas

from compare_databases import connect, impossible
from process_group import Failed, ProcessGroup, await_condition

WAITS_AT_GATE = 1000008
OTHERS = 800
CLASSES = 10
SPEC = f"""
name: read
dataset: fashion-mnist
train: {{steps: 6}}
measure: {{points: 2, probe_size: 100}}
grid:
  - {{seed: [{WAITS_AT_GATE}]}}
  - {{seed: {{range: [1, {OTHERS}]}}}}
pack: {{max_trials: 4}}
"""

# Each is one number that grows with the trials that are done.
QUERIES = {
    "progress": "SELECT done AS n FROM progress",
    "initial_bias": "SELECT count(max_guess) AS n FROM initial_bias",
    "trial_summary": "SELECT count(*) AS n FROM trial_summary WHERE seed > 0",
    "trajectory": f"SELECT count(mean_prob) / {CLASSES} AS n FROM trajectory WHERE step = 0",
}


def sqlite3_shell(path):
    script = ";".join(QUERIES.values())
    done = subprocess.run(["sqlite3", path, script], capture_output=True, text=True, check=True)
    return [int(line) for line in done.stdout.split()]


def python_sqlite3(path):
    connection = sqlite3.connect(path)
    numbers = [connection.execute(query).fetchone()[0] for query in QUERIES.values()]
    connection.close()
    return numbers


def pandas_read_sql(path):
    connection = sqlite3.connect(path)
    numbers = [int(pandas.read_sql_query(query, connection)["n"][0]) for query in QUERIES.values()]
    connection.close()
    return numbers


def duckdb_scanner(path):
    folder = Path(duckdb_extension_sqlite_scanner.__file__).parent
    (extension,) = folder.rglob("sqlite_scanner.duckdb_extension")
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"LOAD '{extension}'")
        connection.execute(f"ATTACH '{path}' AS sweeps (TYPE sqlite, READ_ONLY)")
        connection.execute("USE sweeps")
        # It parses and binds views itself, in its own dialect.
        for view in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall():
            connection.execute(f"SELECT count(*) FROM {view[0]}")
        return [int(connection.execute(query).fetchone()[0]) for query in QUERIES.values()]


def datasette(path):
    # One request: its start takes longest.
    query = f"SELECT {', '.join(f'({query}) AS {view}' for view, query in QUERIES.items())}"
    address = f"/{Path(path).stem}.json?{urlencode({'sql': query, '_shape': 'array'})}"
    done = subprocess.run([sys.executable, "-m", "datasette", path, "--get", address],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"datasette ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return list(json.loads(done.stdout)[0].values())


READERS = (sqlite3_shell, python_sqlite3, pandas_read_sql, duckdb_scanner, datasette)


def done_trials(path):
    with connect(path) as database:
        return database.execute("SELECT done FROM sweep").fetchone()[0]


def read_meanwhile(group):
    for reader in READERS:
        before = done_trials(group.database)
        numbers = reader(group.database)
        after = done_trials(group.database)
        if not all(before <= number <= after for number in numbers):
            raise Failed(f"{reader.__name__} found {dict(zip(QUERIES, numbers))} trials, while the "
                         f"coordinator had stored {before} before and {after} after")
        print(f"{reader.__name__}: ok, amid {before} to {after} of {OTHERS + 1} trials", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    with (tempfile.TemporaryDirectory() as folder,
          ProcessGroup(arguments.bin, folder, trainer=arguments.trainer) as group):
        gate = Path(folder, "gate")
        os.environ["FIRSTGUESS_FAKE_TRAINER_GATE"] = str(gate)
        group.start_coordinator()
        # One is held up at the gate; the other goes on.
        for worker in ("north", "south"):
            group.start_worker(worker)
        group.await_workers("north", "south")
        spec = Path(folder, "read.yaml")
        spec.write_text(SPEC, encoding="utf-8")
        group.ask("submit", str(spec))
        await_condition(lambda: done_trials(group.database) > 0, "no trial is done", group.tails)
        try:
            read_meanwhile(group)
        except Failed as failure:
            sys.exit(str(failure))
        gate.touch()
        group.ask("watch", "read")
        found = {reader.__name__: reader(group.database) for reader in READERS}
        if any(numbers != [OTHERS + 1] * len(QUERIES) for numbers in found.values()):
            sys.exit(f"of {OTHERS + 1} trials they found {found}")
        for worker in group.workers.values():
            worker.terminate()
        group.coordinator.terminate()
        if wrong := impossible(group.database):
            sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
