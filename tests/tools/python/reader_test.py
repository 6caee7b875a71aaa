#!/usr/bin/env python3
"""The Python reader, tools/python, on the database of write_sample_report: 12 done trials, of depth
[3, 6] x three losses x two seeds in sweep "sample", one of which failed, and one in sweep "older"."""

import functools
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

import numpy
import pandas

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "tools" / "python"
sys.path.insert(0, str(PACKAGE / "src"))

import firstguess  # noqa: E402
from firstguess.connection import SCHEMA_VERSION  # noqa: E402


@functools.cache
def sample_database():
    """The bytes of the file."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.environ["FIRSTGUESS_SAMPLE"], folder], check=True)
        return Path(folder, "sample.db").read_bytes()


class ReaderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "sample.db"
        self.path.write_bytes(sample_database())

    def open(self):
        database = firstguess.open(self.path)
        self.addCleanup(database.close)
        return database

    def write(self, sql):
        connection = sqlite3.connect(self.path)
        connection.executescript(sql)
        connection.close()


class OpeningTest(ReaderTest):
    def test_a_missing_file_is_named(self):
        with self.assertRaisesRegex(FileNotFoundError, "missing.db"):
            firstguess.open(self.folder / "missing.db")
        self.assertFalse((self.folder / "missing.db").exists())

    def test_what_is_no_database_is_refused(self):
        (self.folder / "text.db").write_text("text " * 1000, encoding="utf-8")
        with self.assertRaisesRegex(firstguess.NotADatabaseError, "text.db is not an SQLite"):
            firstguess.open(self.folder / "text.db")

    def test_another_programs_database_is_refused(self):
        other = sqlite3.connect(self.folder / "other.db")
        other.execute("CREATE TABLE t (x)")
        other.close()
        with self.assertRaisesRegex(firstguess.NotADatabaseError, "not one of firstguess"):
            firstguess.open(self.folder / "other.db")

    def test_a_newer_file_says_what_to_do(self):
        self.write(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        with self.assertRaisesRegex(firstguess.NewerFileError, "install the one that came with"):
            firstguess.open(self.path)

    def test_an_older_file_is_read(self):
        self.write("DROP VIEW trial_sharpness; PRAGMA user_version = 4")
        self.assertEqual(len(self.open().sweeps()), 2)

    def test_nothing_can_be_written(self):
        with self.assertRaisesRegex(sqlite3.OperationalError, "readonly"):
            self.open().connection.execute("DELETE FROM trial")

    def test_a_folder_that_can_not_be_written_is_no_obstacle(self):
        # Root may write everywhere, and tests run as root.
        with mock.patch("os.access", return_value=False):
            self.assertEqual(len(self.open().sweeps()), 2)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["sample.db"])

    def test_a_path_with_odd_characters_is_one(self):
        odd = self.folder / "50% of #1?.db"
        self.path.rename(odd)
        self.path = odd
        self.assertEqual(len(self.open().sweeps()), 2)


class FramesTest(ReaderTest):
    def test_a_table_is_what_sql_says(self):
        database = self.open()
        for frame, table in ((database.trials(), "trial"), (database.snapshots(), "snapshot"),
                             (database.trajectory(), "trajectory"),
                             (database.initial_bias(), "initial_bias"),
                             (database.summary(), "trial_summary")):
            rows = database.connection.execute(f"SELECT * FROM {table}").fetchall()
            found = frame.astype(object).where(frame.notna(), None)
            self.assertEqual(list(found.itertuples(index=False, name=None)), rows, table)

    def test_types_are_those_of_the_columns(self):
        frame = self.open().trials()
        self.assertEqual(str(frame["seed"].dtype), "int64")
        self.assertEqual(str(frame["diverged_at_step"].dtype), "Int64")
        self.assertEqual(str(frame["learning_rate"].dtype), "float64")
        self.assertEqual(frame["loss"][0], "cross_entropy")

    def test_large_integers_are_exact(self):
        self.write("UPDATE trial SET seed = 9007199254740993 WHERE trial_id = 2;"
                   "UPDATE trial SET seed = NULL WHERE trial_id = 3")
        frame = self.open().trials().set_index("trial_id")
        self.assertEqual(frame["seed"][2], 9007199254740993)
        self.assertIs(frame["seed"][3], pandas.NA)

    def test_a_sweep_has_its_own_trials(self):
        database = self.open()
        self.assertEqual(len(database.trials("older")), 1)
        self.assertEqual(len(database.trials("sample", status="done")), 11)
        self.assertEqual(set(database.trajectory("sample")["sweep"]), {"sample"})

    def test_fields_choose_rows(self):
        frame = self.open().trajectory("sample", loss="blurry", depth=[3, 6], step=0, seed=1,
                                       columns=["depth", "class", "mean_prob"])
        self.assertEqual(list(frame.columns), ["depth", "class", "mean_prob"])
        self.assertEqual(len(frame), 2 * 10)

    def test_unknown_names_are_answered_with_known_ones(self):
        database = self.open()
        with self.assertRaisesRegex(firstguess.Error, "no column colour; it has .*mean_prob"):
            database.trajectory(colour="red")
        with self.assertRaisesRegex(firstguess.Error, "no sweep named 'x'; it has older, sample"):
            database.trials("x")

    def test_sql_takes_parameters(self):
        frame = self.open().sql("SELECT count(*) AS trials FROM trial WHERE depth = :depth", {"depth": 6})
        self.assertEqual(frame["trials"][0], 6)

    def test_an_empty_answer_has_its_columns(self):
        frame = self.open().sql("SELECT trial_id, loss FROM trial WHERE depth = 99")
        self.assertEqual((list(frame.columns), len(frame)), (["trial_id", "loss"], 0))

    def test_the_spec_is_the_submitted_file(self):
        self.assertIn("# <b>not bold</b>", self.open().spec("sample"))
        with self.assertRaisesRegex(firstguess.Error, "no such revision"):
            self.open().spec("sample", revision=9)

    def test_without_pandas_it_says_how_to_get_it(self):
        with mock.patch.dict(sys.modules, {"pandas": None}):
            database = self.open()
            with self.assertRaisesRegex(firstguess.MissingLibraryError, "pip install pandas"):
                database.sweeps()

    def test_without_xarray_it_says_how_to_get_it(self):
        with mock.patch.dict(sys.modules, {"xarray": None}):
            with self.assertRaisesRegex(firstguess.MissingLibraryError, "pip install xarray"):
                self.open().to_xarray("sample", ["accuracy"])


class WritingMeanwhileTest(ReaderTest):
    def test_what_is_committed_between_two_questions_is_seen(self):
        database = self.open()
        self.assertEqual(len(database.trials(status="failed")), 1)
        self.write("UPDATE trial SET status = 'done' WHERE status = 'failed'")
        self.assertEqual(len(database.trials(status="failed")), 0)

    def test_an_answered_reader_holds_nothing(self):
        database = self.open()
        database.trajectory()
        writer = sqlite3.connect(self.path)
        writer.execute("UPDATE trial SET attempts = attempts + 1")
        writer.commit()
        busy, _, _ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        writer.close()
        self.assertEqual(busy, 0)


class ArraysTest(ReaderTest):
    def test_arrays_over_trials_hold_what_the_rows_say(self):
        database = self.open()
        arrays = database.to_xarray("sample", ["mean_prob", "accuracy", "support", "train_seconds"])
        self.assertEqual(arrays["mean_prob"].dims, ("trial_id", "step", "class"))
        self.assertEqual(arrays["accuracy"].dims, ("trial_id", "step"))
        self.assertEqual(arrays["support"].dims, ("trial_id", "class"))
        self.assertEqual(arrays["train_seconds"].dims, ("trial_id",))
        self.assertEqual(arrays.sizes["trial_id"], 11)
        self.assertEqual(set(arrays.coords), {"trial_id", "step", "class", "depth", "loss", "seed"})
        rows = database.trajectory("sample")
        for row in rows.sample(50, random_state=1).itertuples():
            found = arrays["mean_prob"].sel({"trial_id": row.trial_id, "step": row.step,
                                             "class": row[rows.columns.get_loc("class") + 1]})
            self.assertEqual(float(found), row.mean_prob)

    def test_what_was_not_measured_is_nan(self):
        arrays = self.open().to_xarray("sample", ["accuracy"])
        diverged = self.open().trials("sample", status="done").dropna(subset="diverged_at_step")
        accuracy = arrays["accuracy"].sel(trial_id=int(diverged["trial_id"].iloc[0]))
        self.assertEqual(accuracy.sel(step=slice(20, None)).notnull().sum(), 0)
        self.assertEqual(accuracy.sel(step=slice(0, 19)).isnull().sum(), 0)

    def test_arrays_over_axes_have_the_grids_shape(self):
        arrays = self.open().to_xarray("sample", ["max_guess", "guess_fraction"], dims="axes")
        self.assertEqual(dict(arrays.sizes),
                         {"depth": 2, "loss": 3, "seed": 2, "step": 8, "class": 10})
        failed = arrays["max_guess"].sel(depth=6, loss="piecewise_zero", seed=1)
        self.assertTrue(numpy.isnan(failed).all())
        paired = arrays["max_guess"].sel(depth=3, step=0)
        self.assertTrue((paired.sel(loss="blurry") == paired.sel(loss="cross_entropy")).all())

    def test_a_sweep_of_one_trial_has_no_axes(self):
        arrays = self.open().to_xarray("older", ["accuracy"], dims="axes")
        self.assertEqual(arrays["accuracy"].sizes["trial_id"], 1)

    def test_losses_that_differ_in_parameters_are_told_apart(self):
        self.write("UPDATE trial SET loss = 'blurry', loss_params = '{\"gamma\":0.5}'"
                   " WHERE loss = 'piecewise_zero'")
        arrays = self.open().to_xarray("sample", ["accuracy"], dims="axes")
        self.assertIn("blurry gamma=0.5", list(arrays["loss"].values))

    def test_an_unknown_variable_is_named(self):
        with self.assertRaisesRegex(firstguess.Error, "'acuracy'"):
            self.open().to_xarray("sample", ["acuracy"])


class PackageTest(ReaderTest):
    def test_versions_agree(self):
        project = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
        built = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
        schema = (ROOT / "coordinator/store/migrations.h").read_text(encoding="utf-8")
        self.assertIn(f'version = "{firstguess.__version__}"', project)
        self.assertIn(f"project(firstguess VERSION {firstguess.__version__} ", built)
        self.assertEqual(re.search(r"kSchemaVersion = (\d+)", schema)[1], str(SCHEMA_VERSION))

    def test_the_wheel_has_the_package_and_its_types(self):
        source = self.folder / "source"
        shutil.copytree(PACKAGE, source)
        subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
                        "--no-build-isolation", "--disable-pip-version-check", "-w", self.folder, source], check=True)
        (wheel,) = self.folder.glob(f"firstguess-{firstguess.__version__}-py3-none-any.whl")
        names = zipfile.ZipFile(wheel).namelist()
        self.assertIn("firstguess/py.typed", names)
        self.assertIn("firstguess/arrays.py", names)

    def test_it_is_typed(self):
        # What it knows of pandas takes it 12 s to find out, once.
        cache = Path(sys.prefix, "mypy_cache")
        done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", cache], cwd=PACKAGE,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_example_notebook_runs(self):
        import nbclient
        import nbformat
        self.path.rename(self.folder / "first_guess.db")
        notebook = nbformat.read(PACKAGE / "examples/first_guess.ipynb", as_version=4)
        nbformat.validate(notebook)
        self.assertFalse([cell for cell in notebook.cells if cell.get("outputs")],
                         "outputs are not kept in the repository")
        with mock.patch.dict(os.environ, {"PYTHONPATH": str(PACKAGE / "src"),
                                          "IPYTHONDIR": str(self.folder),
                                          "MPLCONFIGDIR": str(self.folder)}):
            nbclient.NotebookClient(notebook, timeout=60,
                                    resources={"metadata": {"path": str(self.folder)}}).execute()
        shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        self.assertTrue(any("image/png" in output.get("data", {}) for output in shown))


if __name__ == "__main__":
    unittest.main()
