"""Reads databases of firstguess sweeps, also while a sweep is running.

    import firstguess

    with firstguess.open("first_guess.db") as database:
        trajectory = database.trajectory()                       # a pandas DataFrame
        grid = database.to_xarray("first_guess", ["mean_prob"])  # an xarray Dataset
"""

from firstguess.database import Database, open
from firstguess.errors import Error, MissingLibraryError, NewerFileError, NotADatabaseError

__all__ = ["Database", "Error", "MissingLibraryError", "NewerFileError", "NotADatabaseError", "open"]
__version__ = "0.1.0"
