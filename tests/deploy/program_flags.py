"""What flags a program has, as its help says."""

import functools
import re
import subprocess


@functools.cache
def flags_of(*command):
    done = subprocess.run([str(word) for word in [*command, "--help"]], capture_output=True, text=True, check=True)
    return frozenset(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout))


def unknown_flags(program, flags):
    """Those of these flags that the program doesn't have."""
    return flags - flags_of(program)
