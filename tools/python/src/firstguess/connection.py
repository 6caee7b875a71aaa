"""A read-only connection to a database file that a coordinator may be writing."""

import os
import sqlite3
from pathlib import Path

from firstguess.errors import NewerFileError, NotADatabaseError

APPLICATION_ID = 0x46474442  # "FGDB" in the file's header
SCHEMA_VERSION = 7  # the latest that this package was written for

# Seconds of patience with the writer's locks; it holds them for milliseconds.
BUSY_SECONDS = 5.0


def connect(path: str | os.PathLike[str]) -> sqlite3.Connection:
    """Opens and checks the file. FileNotFoundError, NotADatabaseError, NewerFileError."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    mode = "immutable=1" if _must_be_read_as_it_is(file) else "mode=ro"
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True,
                                 timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _check(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _must_be_read_as_it_is(file: Path) -> bool:
    """A reader makes the index of the write-ahead log in the file's folder. Where it may not, and
    the log holds nothing, nobody is writing: the file alone is everything."""
    log = file.with_name(file.name + "-wal")
    is_logged = log.exists() and log.stat().st_size > 0
    return not os.access(file.absolute().parent, os.W_OK) and not is_logged


def _check(connection: sqlite3.Connection, file: Path) -> None:
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise NotADatabaseError(f"{file} is not an SQLite database") from error
    if application_id != APPLICATION_ID:
        raise NotADatabaseError(f"{file} is a database, but not one of firstguess")
    if version > SCHEMA_VERSION:
        raise NewerFileError(
            f"{file} has schema version {version}, and this package knows {SCHEMA_VERSION}: "
            "install the one that came with the firstguess that wrote it")
