#!/usr/bin/env python3
"""Reads what programs are linked with: check_links.py PROGRAM [--never LIBRARY ...]

Fails if the dynamic loader would bring in a library whose name begins with one of those named.
"""

import argparse
import subprocess
import sys


def loaded_libraries(program):
    lines = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in lines.splitlines() if line.strip()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--never", nargs="+", required=True)
    parser.add_argument("--always", nargs="*", default=[])
    arguments = parser.parse_args()
    libraries = [library.rsplit("/", 1)[-1] for library in loaded_libraries(arguments.program)]
    wrong = [lib for lib in libraries if lib.startswith(tuple(arguments.never))]
    missing = [want for want in arguments.always if not any(l.startswith(want) for l in libraries)]
    for library in wrong:
        print(f"{arguments.program} is linked with {library}")
    for library in missing:
        print(f"{arguments.program} is not linked with {library}, so this test proves nothing")
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
