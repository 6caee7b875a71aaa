"""What can go wrong, each with what to do about it."""


class Error(Exception):
    """Every error of this package that is not Python's or SQLite's own."""


class NotADatabaseError(Error):
    """The file is not a database of firstguess."""


class NewerFileError(Error):
    """The file was written by a later version than this package knows."""


class MissingLibraryError(Error, ImportError):
    """A library that is imported only when it is needed is not installed."""
