"""Optuna, where only the benchmarks look: in the cache of tools/setup, linked from .deps/."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "peers" / "requirements.txt"


def cache():
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "firstguess")
    return Path(os.environ.get("FIRSTGUESS_CACHE", default))


def target():
    fingerprint = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    return cache() / f"optuna-{fingerprint}"


def installed():
    """The folder for PYTHONPATH, or None."""
    folder = target()
    return folder if (folder / ".complete").exists() else None


def install(root):
    """Downloads it the first time (30 MB)."""
    folder = target()
    if installed() is None:
        print(f"bench: installing Optuna to {folder}", file=sys.stderr)
        partial = folder.with_name(f"{folder.name}.partial.{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--root-user-action", "ignore", "--only-binary=:all:", "--require-hashes",
               "--target", str(partial), "-r", str(REQUIREMENTS)]
        if subprocess.run(pip, check=False).returncode != 0:
            sys.exit("bench: pip could not install Optuna; it needs CPython 3.11 and the network. "
                     "Name the other parts to do without (tools/bench/run --list)")
        (partial / ".complete").touch()
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    link = root / ".deps" / "optuna"
    if not link.is_symlink() or link.readlink() != folder:
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    return folder
