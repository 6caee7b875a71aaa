"""A sweep's measurements as labelled arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firstguess.errors import Error, MissingLibraryError
from firstguess.frames import import_pandas

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from firstguess.database import Database

# Columns of table trial that say how it went, not what it is.
_NO_FIELDS = frozenset({
    "trial_id", "key", "status", "config", "pack_id", "slot", "attempts", "failure_class",
    "failure_message", "diverged_at_step", "worker", "device", "pack_size", "library", "replanned",
    "started_at", "finished_at", "train_seconds", "init_try", "loss_params"})

# Where a variable is looked for, and what tells its values of one trial apart.
_SOURCES = (("trial", ()), ("snapshot", ("step",)), ("class_snapshot", ("step", "class")),
            ("trial_class", ("class",)), ("trajectory", ("step", "class")))


def sweep_dataset(database: Database, sweep: str, variables: Sequence[str],
                  over_axes: bool) -> xr.Dataset:
    """See Database.to_xarray."""
    xarray = _import_xarray()
    trials = database.trials(sweep, status="done").set_index("trial_id").sort_index()
    trials["loss"] = _loss_labels(trials)
    # A field is NULL where it is without effect, which is no value of its own.
    axes = [name for name in trials.columns
            if name not in _NO_FIELDS and trials[name].nunique() > 1]
    dataset = xarray.Dataset(
        {name: _array(database, sweep, name, trials.index) for name in variables})
    dataset = dataset.assign_coords(
        {name: ("trial_id", _plain(trials[name])) for name in axes})
    return _unstacked(dataset, axes) if over_axes else dataset


def _import_xarray() -> Any:
    try:
        import xarray
    except ImportError as error:
        raise MissingLibraryError("this needs xarray: pip install xarray") from error
    return xarray


def _array(database: Database, sweep: str, variable: str, trial_ids: pd.Index[int]) -> xr.DataArray:
    pandas, xarray = import_pandas(), _import_xarray()
    for table, keys in _SOURCES:
        if variable in database.columns(table) and variable not in ("trial_id", *keys):
            break
    else:
        raise Error(f"nothing that is measured is called '{variable}'; "
                    "'firstguess schema' lists the columns of snapshot and trajectory")
    columns = ", ".join(["trial_id", *keys, variable])
    condition = "sweep = ?" if table == "trajectory" else (
        "trial_id IN (SELECT trial_id FROM cell JOIN sweep USING (sweep_id)"
        " WHERE name = ? AND dropped_in IS NULL)")
    rows = database.sql(f"SELECT {columns} FROM {table} WHERE {condition}", (sweep,))
    rows = rows[rows["trial_id"].isin(trial_ids)]
    values = rows.set_index(["trial_id", *keys])[variable].astype("float64")
    coordinates = [trial_ids, *(pandas.Index(sorted(rows[key].unique()), name=key)
                                for key in keys)]
    if keys:
        everything = pandas.MultiIndex.from_product(coordinates, names=["trial_id", *keys])
        values = values.reindex(everything)
    else:
        values = values.reindex(trial_ids)
    shape = [len(coordinate) for coordinate in coordinates]
    return xarray.DataArray(  # type: ignore[no-any-return]
        values.to_numpy().reshape(shape), dims=["trial_id", *keys],
        coords=dict(zip(["trial_id", *keys], coordinates, strict=True)))


def _loss_labels(trials: pd.DataFrame) -> pd.Series[Any]:
    """The loss's name; with its parameters where the sweep has one loss with several."""
    by_name = trials.groupby("loss")["loss_params"].nunique()

    def label(row: pd.Series[Any]) -> str:
        if by_name[row["loss"]] <= 1:
            return str(row["loss"])
        parameters = json.loads(row["loss_params"])
        return " ".join([str(row["loss"]), *(f"{key}={value}" for key, value in parameters.items())])

    return trials.apply(label, axis=1) if len(trials) else trials["loss"]


def _plain(values: pd.Series[Any]) -> Any:
    """As NumPy has it: numbers with NaN, text as objects."""
    pandas = import_pandas()
    if pandas.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype="float64" if values.hasnans else None, na_value=float("nan")) \
            if values.hasnans else values.to_numpy()
    return values.astype(object).to_numpy()


def _unstacked(dataset: xr.Dataset, axes: Sequence[str]) -> xr.Dataset:
    if not axes:
        return dataset
    points = dataset.set_index(trial_id=list(axes))
    if points.indexes["trial_id"].has_duplicates:
        raise Error(f"several trials are alike in {', '.join(axes)}; use dims=\"trial\"")
    if len(axes) == 1:
        return points.rename(trial_id=axes[0])
    return points.unstack("trial_id")
