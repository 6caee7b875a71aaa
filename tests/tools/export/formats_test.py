#!/usr/bin/env python3
"""Each format of 'firstguess export' is read back by its own library and compared with SQL, to the bit.

  formats_test.py --firstguess PROGRAM --sample PROGRAM [--without-parquet]

The database is that of write_sample_report, with values in it that are easy to get wrong.
"""

import argparse
import csv
import hashlib
import json
import math
import sqlite3
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import pyarrow.parquet

TABLES = ("trial", "trial_class", "snapshot", "class_snapshot", "trajectory")
# Of 12 done trials: several files, and a last one that is not full.
TRIALS_PER_FILE = 5

ODD_VALUES = """
UPDATE trial SET seed = 9007199254740993, data_seed = -9223372036854775808,
  worker = 'a "quoted", name' || char(13, 10) || 'of two lines 🙂' WHERE trial_id = 2;
UPDATE trial SET seed = 9223372036854775807, worker = '', failure_message = 'é, ''日本''' WHERE trial_id = 3;
UPDATE snapshot SET grad_norm = 1e300 * 1e300, train_loss = -0.0, epoch = 5e-324 WHERE trial_id = 2;
UPDATE snapshot SET train_loss = 0.1 + 0.2, probe_loss = NULL, accuracy = 1.0 WHERE trial_id = 3;
UPDATE class_snapshot SET guess_count = NULL, drift = -1.7976931348623157e308 WHERE class = 3;
"""


def make_database(sample, folder):
    subprocess.run([sample, folder], check=True)
    database = Path(folder, "sample.db")
    with sqlite3.connect(database) as connection:
        connection.executescript(ODD_VALUES)
    connection.close()
    return database


def expected(database, table):
    """The column names, and the rows of done trials as SQLite has them."""
    with sqlite3.connect(database) as connection:
        cursor = connection.execute(
            f"SELECT * FROM {table} WHERE trial_id IN (SELECT trial_id FROM trial WHERE status = 'done')")
        rows = cursor.fetchall()
    connection.close()
    return [column[0] for column in cursor.description], rows


def read_csv(paths, _):
    names, rows = None, []
    for path in paths:
        with open(path, newline="", encoding="utf-8") as file:
            head, *found = csv.reader(file)
        names = names or head
        rows += found
    return names, rows


def read_jsonl(paths, _):
    objects = [json.loads(line) for path in paths
               for line in path.read_text(encoding="utf-8").split("\n") if line]
    return list(objects[0]), [tuple(row.values()) for row in objects]


def read_parquet(paths, _):
    tables = [pyarrow.parquet.read_table(path) for path in paths]
    names = tables[0].column_names
    return names, [tuple(row[name] for name in names)
                   for table in tables for row in table.to_pylist()]


def read_npz(paths, names):
    rows = []
    for path in paths:
        with numpy.load(path, allow_pickle=False) as arrays:
            known = [name for name in arrays.files if not name.endswith(".isnull")]
            if known != names:
                raise ValueError(f"{path} has {known}")
            columns = []
            for name in names:
                values = arrays[name].tolist()
                if arrays[name].dtype == numpy.float64:
                    values = [None if math.isnan(value) else value for value in values]
                if f"{name}.isnull" in arrays.files:
                    values = [None if is_null else value for is_null, value
                              in zip(arrays[f"{name}.isnull"], values, strict=True)]
                columns.append(values)
            rows += list(zip(*columns, strict=True))
    return names, rows


READERS = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet, "npz": read_npz}


def bits(value):
    """So that 1 is not 1.0, nor 0.0 -0.0."""
    return struct.pack("<d", value) if isinstance(value, float) else value


def as_format_shows(value, name):
    """A value of SQLite as a reader of this format sees it; the header of the writer says so."""
    if name == "csv":
        return "" if value is None else value
    if name == "jsonl" and isinstance(value, float) and math.isinf(value):
        return None
    return value


def same_type(text, value):
    """A field of CSV as what SQLite has in its place."""
    return type(value)(text) if isinstance(value, (int, float)) else text


def compare(name, table, wanted, found):
    """The first difference, in words, or None."""
    (names, rows), (found_names, found_rows) = wanted, found
    if names != found_names:
        return f"{name} {table}: columns {found_names}, not {names}"
    if len(rows) != len(found_rows):
        return f"{name} {table}: {len(found_rows)} rows, not {len(rows)}"

    def key(row):
        return tuple(str(row[names.index(k)]) for k in ("sweep", "trial_id", "step", "class") if k in names)
    for row, found_row in zip(sorted(rows, key=key), sorted(found_rows, key=key), strict=True):
        for column, value, other in zip(names, row, found_row, strict=True):
            shown = as_format_shows(value, name)
            if name == "csv":
                other = same_type(other, shown)
            if type(other) is not type(shown) or bits(other) != bits(shown):
                return f"{name} {table}.{column}: {other!r}, not {shown!r}, in {key(row)}"
    return None


def check_manifest(folder, name):
    manifest = json.loads(Path(folder, "manifest.json").read_text(encoding="utf-8"))
    listed = {file["name"] for file in manifest["files"]}
    there = {path.name for path in folder.iterdir()} - {"manifest.json"}
    if listed != there:
        return f"{name}: the manifest lists {sorted(listed)}, there are {sorted(there)}"
    for file in manifest["files"]:
        content = Path(folder, file["name"]).read_bytes()
        if (len(content), hashlib.sha256(content).hexdigest()) != (file["bytes"], file["sha256"]):
            return f"{name}: {file['name']} is not what the manifest says"
    if "grid:" not in manifest["sweeps"][1]["revisions"][0]["spec"]:
        return f"{name}: the manifest lacks the sweep's spec"
    return None


def csv_tells_null_from_empty(folder):
    lines = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("trial-*.csv")))
    # worker of trial 3 is '', its device, 'cpu', stands behind it; pack_size is NULL everywhere.
    return None if '"",cpu,' in lines else "csv: an empty text is not written as \"\""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firstguess", required=True)
    parser.add_argument("--sample", required=True)
    parser.add_argument("--without-parquet", action="store_true")
    arguments = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        database = make_database(arguments.sample, scratch)
        for name, read in READERS.items():
            if name == "parquet" and arguments.without_parquet:
                continue
            folder = Path(scratch, name)
            chosen = [word for table in TABLES for word in ("--table", table)]
            subprocess.run([arguments.firstguess, "export", "--db", database, "--to", folder, "--format", name,
                            "--trials-per-file", str(TRIALS_PER_FILE), *chosen], check=True,
                           stdout=subprocess.DEVNULL)
            for table in TABLES:
                wanted = expected(database, table)
                paths = sorted(folder.glob(f"{table}-0*.{name}"))
                if len(paths) != 3:
                    problems.append(f"{name} {table}: {len(paths)} files, not 3")
                    continue
                problems.append(compare(name, table, wanted, read(paths, wanted[0])))
            problems.append(check_manifest(folder, name))
            if name == "csv":
                problems.append(csv_tells_null_from_empty(folder))
            print(f"{name}: read back", flush=True)
    found = [problem for problem in problems if problem]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
