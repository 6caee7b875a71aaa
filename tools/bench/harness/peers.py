"""The peers' packages, where only the benchmarks look: in the cache of tools/setup, linked from .deps/."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "peers"
ROOT = FOLDER.parents[2]


@dataclass(frozen=True)
class Packages:
    """What pip makes of one file of requirements, in a folder of its own."""
    name: str  # of the link in .deps/
    requirements: str
    what: str

    def folder(self):
        text = (FOLDER / self.requirements).read_bytes()
        return cache() / f"{self.name}-{hashlib.sha256(text).hexdigest()[:16]}"

    def is_there(self):
        return (self.folder() / ".complete").exists()

    def install(self):
        """Downloads it the first time."""
        folder = self.folder()
        if not self.is_there():
            print(f"bench: installing {self.what} to {folder}", file=sys.stderr)
            partial = folder.with_name(f"{folder.name}.partial.{os.getpid()}")
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                   "--root-user-action", "ignore", "--only-binary=:all:", "--require-hashes",
                   "--no-deps", "--target", str(partial), "-r", str(FOLDER / self.requirements)]
            if subprocess.run(pip, check=False).returncode != 0:
                shutil.rmtree(partial, ignore_errors=True)
                sys.exit(f"bench: pip could not install {self.what}; it needs CPython 3.11 and the "
                         "network. Name the other parts to do without (tools/bench/run --list)")
            (partial / ".complete").touch()
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        link = ROOT / ".deps" / self.name
        if not link.is_symlink() or link.readlink() != folder:
            link.parent.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(folder)


OPTUNA = Packages("optuna", "requirements.txt", "Optuna (30 MB)")
PYTORCH = Packages("pytorch-peer", "requirements-pytorch.txt",
                   "what PyTorch's Python module loads, and Ray (2.4 GB)")

# Each needs those before it.
ENVIRONMENTS = {"optuna": (OPTUNA,), "pytorch": (OPTUNA, PYTORCH)}


def cache():
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "firstguess")
    return Path(os.environ.get("FIRSTGUESS_CACHE", default))


def installed(name):
    return all(packages.is_there() for packages in ENVIRONMENTS[name])


def install(name):
    for packages in ENVIRONMENTS[name]:
        packages.install()


def variables(name):
    """What a peer's process has in its environment. PyTorch is the LibTorch that we are linked with; the
    libraries that its Python module wants lie elsewhere, so that they are never ours."""
    folders = [packages.folder() for packages in ENVIRONMENTS[name]]
    found = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    if PYTORCH in ENVIRONMENTS[name]:
        folders.append(ROOT / ".deps" / "libtorch")
        found["LD_LIBRARY_PATH"] = ":".join(
            str(library) for library in sorted(PYTORCH.folder().glob("nvidia/*/lib")))
    return found | {"PYTHONPATH": ":".join(str(folder) for folder in folders)}
