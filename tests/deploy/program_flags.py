"""What flags a program has, as its help says."""

import functools
import re
import subprocess

# Of a network that others reach, too. A program has all of them or none.
NETWORK_FLAGS = {"--tls-cert", "--tls-key", "--tls-ca", "--tls-crl", "--token-file", "--insecure-network"}


@functools.cache
def flags_of(*command):
    done = subprocess.run([str(word) for word in [*command, "--help"]], capture_output=True, text=True, check=True)
    return frozenset(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout))


def unknown_flags(program, flags):
    """Those of these flags that the program doesn't have."""
    known = flags_of(program)
    missing = flags - known
    return missing if known & NETWORK_FLAGS else missing - NETWORK_FLAGS
