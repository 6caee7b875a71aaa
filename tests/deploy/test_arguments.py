"""The paths that a test is started with; what is left of the command line is unittest's."""

import argparse
import sys
from pathlib import Path


def take(*names, required=True):
    """Of each --NAME its path, in this order; None for those that aren't there."""
    parser = argparse.ArgumentParser()
    for name in names:
        parser.add_argument(f"--{name}", type=Path, required=required)
    arguments, sys.argv[1:] = parser.parse_known_args()
    return [getattr(arguments, name) for name in names]
