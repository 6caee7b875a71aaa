"""Rows of SQLite as pandas DataFrames."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from firstguess.errors import MissingLibraryError

if TYPE_CHECKING:
    import pandas as pd

Parameters = Sequence[Any] | Mapping[str, Any]


def import_pandas() -> Any:
    """pandas, or an error that says how to get it."""
    try:
        import pandas
    except ImportError as error:
        raise MissingLibraryError("this needs pandas: pip install pandas") from error
    return pandas


def read_frame(connection: sqlite3.Connection, query: str,
               parameters: Parameters = ()) -> pd.DataFrame:
    """The answer to one query. Integers are int64, or Int64 where some are NULL; reals float64
    with NaN for NULL; text is pandas' string type."""
    pandas = import_pandas()
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    # Read to its end at once: an open reader keeps the writer's log growing.
    rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    series = [_series(pandas, values) for values in columns]
    frame = pandas.concat(series, axis=1) if series else pandas.DataFrame()
    frame.columns = names
    return frame  # type: ignore[no-any-return]


def _series(pandas: Any, values: Sequence[Any]) -> Any:
    kinds = {type(value) for value in values}
    has_null = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {int}:
        return pandas.Series(values, dtype="Int64" if has_null else "int64")
    if kinds <= {int, float}:
        return pandas.Series(values, dtype="float64")
    if kinds == {str}:
        return pandas.Series(values, dtype="string")
    return pandas.Series(values, dtype="object")
