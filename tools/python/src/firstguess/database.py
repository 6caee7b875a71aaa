"""A database of sweeps, as pandas and xarray see it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from firstguess.connection import connect
from firstguess.errors import Error
from firstguess.frames import Parameters, read_frame

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

# The live trials of the sweep named by the parameter.
_TRIALS_OF_SWEEP = ("trial_id IN (SELECT cell.trial_id FROM cell JOIN sweep USING (sweep_id)"
                    " WHERE sweep.name = ? AND cell.dropped_in IS NULL)")


def open(path: str | os.PathLike[str]) -> Database:
    """Opens a database file, read-only, also while a coordinator writes it.

    FileNotFoundError; NotADatabaseError; NewerFileError: a later version wrote it.
    """
    return Database(path)


class Database:
    """Every question sees what is committed when it is asked, and no later one. Use it from the
    thread that opened it.

    Where a method takes fields, each is a column and the value that it must have, or a list of
    such values: trajectory("first_guess", loss="blurry", depth=[3, 6]).
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._connection = connect(path)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """For whatever else reads SQLite; it can't write."""
        return self._connection

    def sql(self, query: str, parameters: Parameters = ()) -> pd.DataFrame:
        """The answer to one SELECT; ? and :name in it stand for parameters."""
        return read_frame(self._connection, query, parameters)

    def sweeps(self) -> pd.DataFrame:
        """A row a sweep: how far it is (view progress)."""
        return self._view("progress", None, {})

    def spec(self, sweep: str, revision: int | None = None) -> str:
        """The sweep file as it was submitted; the latest unless a revision is named."""
        row = self._connection.execute(
            "SELECT spec FROM sweep_revision JOIN sweep USING (sweep_id) WHERE sweep.name = ?1"
            " AND sweep_revision.revision = coalesce(?2, sweep.revision)",
            (sweep, revision)).fetchone()
        if row is None:
            raise Error(f"{self.path} has no such revision of a sweep named '{sweep}'")
        return str(row[0])

    def trials(self, sweep: str | None = None, **fields: object) -> pd.DataFrame:
        """A row a trial: its configuration, state and where it ran."""
        return self._view("trial", sweep, fields)

    def snapshots(self, sweep: str | None = None, **fields: object) -> pd.DataFrame:
        """A row a trial and step: loss, accuracy, largest guess and the like."""
        return self._view("snapshot", sweep, fields)

    def trajectory(self, sweep: str | None = None, *, columns: Sequence[str] | None = None,
                   **fields: object) -> pd.DataFrame:
        """A row a trial, step and class, with the trial's fields. Average by initial_rank, not by
        class: the favoured class differs by seed."""
        return self._view("trajectory", sweep, fields, columns)

    def initial_bias(self, sweep: str | None = None, **fields: object) -> pd.DataFrame:
        """A row a trial, before its first update."""
        return self._view("initial_bias", sweep, fields)

    def summary(self, sweep: str | None = None, **fields: object) -> pd.DataFrame:
        """A row a done trial: its trajectory in a few numbers (view trial_summary)."""
        return self._view("trial_summary", sweep, fields)

    def to_xarray(self, sweep: str, variables: Sequence[str],
                  dims: Literal["trial", "axes"] = "trial") -> xr.Dataset:
        """Measurements of a sweep's done trials as arrays over trial, step and class, as far as
        each variable depends on them. dims="axes": over the fields that differ between the trials
        instead of over trials. What was not measured is NaN."""
        # xarray is for those who ask for it.
        from firstguess.arrays import sweep_dataset
        return sweep_dataset(self, sweep, variables, over_axes=dims == "axes")

    def columns(self, table: str) -> list[str]:
        """Of a table or view; none if there is no such."""
        rows = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return [str(name) for (name,) in rows.fetchall()]

    def _view(self, table: str, sweep: str | None, fields: Mapping[str, object],
              columns: Sequence[str] | None = None) -> pd.DataFrame:
        known = self.columns(table)
        wanted = list(columns) if columns is not None else known
        if unknown := sorted({*wanted, *fields} - set(known)):
            raise Error(f"{table} has no column {', '.join(unknown)}; it has {', '.join(known)}")
        conditions: list[str] = []
        parameters: list[Any] = []
        if sweep is not None:
            self._require_sweep(sweep)
            conditions.append("sweep = ?" if "sweep" in known else _TRIALS_OF_SWEEP)
            parameters.append(sweep)
        for name, value in fields.items():
            values = list(value) if isinstance(value, (list, tuple, set, range)) else [value]
            conditions.append(f"{name} IN ({', '.join('?' * len(values))})")
            parameters.extend(values)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return self.sql(f"SELECT {', '.join(wanted)} FROM {table}{where}", parameters)

    def _require_sweep(self, sweep: str) -> None:
        names = [name for (name,) in self._connection.execute("SELECT name FROM sweep").fetchall()]
        if sweep not in names:
            raise Error(f"{self.path} has no sweep named '{sweep}'; it has {', '.join(names)}")
