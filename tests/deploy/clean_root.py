#!/usr/bin/env python3
"""The packages in a Debian that has nothing else: clean_root.py --packages FOLDER [--keep FOLDER]

Makes a bare Debian 12 with mmdebstrap, installs `firstguess` and then `firstguess-worker` there with apt, as their
dependencies say, and runs a sweep as the users that they make. Needs root, mmdebstrap and Debian's archive, and
takes minutes: it is no test of ctest's.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE_SECONDS = 120
SPEC = """name: clean
dataset: blobs
train: {steps: 20}
grid: {width: [8, 16], seed: {range: [0, 3]}}
"""


class Root:
    """A Debian in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, words, user=None):
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs"] if user else []
        return ["chroot", str(self.folder), *as_user, *words]

    def run(self, *words, user=None, codes=(0,), text=None):
        done = subprocess.run(self.command(words, user), input=text, capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                                   "HOME": "/"})
        if done.returncode not in codes:
            raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def started(self, *words, user):
        log = open(self.folder / f"tmp/{Path(words[0]).name}.log", "w+", encoding="utf-8")
        process = subprocess.Popen(self.command(words, user), stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE_SECONDS)
            log.seek(0)
            expect(code == 0, f"{words[0]} ended with {code}:\n{log.read()}")
        finally:
            process.kill()
            process.wait()

    def install(self, *packages):
        for package in packages:
            shutil.copy(package, self.folder / "tmp")
        self.run("apt-get", "install", "-y", "-q", "--no-install-recommends",
                 *(f"/tmp/{package.name}" for package in packages))


def expect(condition, otherwise):
    if not condition:
        raise SystemExit(otherwise)


def step(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def bootstrap(folder):
    sources = "".join(f"deb http://deb.debian.org/{archive} {suite} main\n" for archive, suite in
                      (("debian", "bookworm"), ("debian", "bookworm-updates"),
                       ("debian-security", "bookworm-security")))
    done = subprocess.run(["mmdebstrap", "--variant=minbase", "--quiet", "bookworm", str(folder), "-"], input=sources,
                          text=True, check=False)
    expect(done.returncode == 0, "mmdebstrap could not make a Debian; see above")


def check_coordinator_alone(root):
    for program in ("firstguess", "firstguess-coordinator"):
        root.run(program, "--version")
        expect("torch" not in root.run("ldd", f"/usr/bin/{program}"), f"{program} is linked with LibTorch")
    expect(not list(root.folder.glob("usr/lib/**/libtorch*")), "there is a LibTorch where none is needed")
    user = root.run("getent", "passwd", "firstguess")
    expect(":/var/lib/firstguess:" in user and "nologin" in user, user)
    # As StateDirectory= and RuntimeDirectory= do.
    for place in ("/var/lib/firstguess", "/run/firstguess"):
        root.run("install", "-d", "-o", "firstguess", "-g", "firstguess", "-m", "0755", place)


def check_sweep(root):
    socket = "unix:/run/firstguess/coordinator.sock"
    at = ("--coordinator", socket)
    with root.started("firstguess-coordinator", "--db", "/var/lib/firstguess/sweeps.db", "--listen", socket,
                      user="firstguess"):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "is serving" not in root.run("firstguess", "health", *at, codes=(0, 3)):
            expect(time.monotonic() < deadline, "the coordinator does not serve")
            time.sleep(0.1)
        # Sockets are for their owner's group; what a site lets in is its own affair.
        (root.folder / "run/firstguess/coordinator.sock").chmod(0o777)
        root.run("firstguess", "submit", "-", *at, text=SPEC)
        with root.started("firstguess-worker", "--device", "cpu", *at, user="firstguess-worker"):
            root.run("firstguess", "watch", "clean", *at, user="firstguess-worker")
        answer = root.run("firstguess", "query", "select status, count(*) as trials from trial group by status",
                          "--json", *at)
        expect('"done"' in answer and "8" in answer, answer)
    root.run("firstguess", "doctor", "--db", "/var/lib/firstguess/sweeps.db", "--check", user="firstguess")


def check_removal(root):
    root.run("apt-get", "remove", "-y", "-q", "firstguess", "firstguess-worker")
    expect(not (root.folder / "usr/bin/firstguess").exists(), "a program is left behind")
    expect((root.folder / "var/lib/firstguess/sweeps.db").exists(), "the results went with the package")
    expect((root.folder / "etc/default/firstguess-coordinator").exists(), "settings are gone before a purge")
    root.run("apt-get", "purge", "-y", "-q", "firstguess", "firstguess-worker")
    expect(not (root.folder / "etc/default/firstguess-coordinator").exists(), "settings survive a purge")
    expect((root.folder / "var/lib/firstguess/sweeps.db").exists(), "a purge deletes results")


def one(packages, pattern):
    found = sorted(packages.glob(pattern))
    expect(found, f"no {pattern} in {packages}: cpack --config build/release/CPackConfig.cmake -B {packages}")
    return found[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="leave the Debian here; taken as it is if it is there")
    arguments = parser.parse_args()
    expect(os.geteuid() == 0, "chroot and apt need root")
    coordinator = one(arguments.packages, "firstguess_*.deb")
    worker = one(arguments.packages, "firstguess-worker_*.deb")
    with tempfile.TemporaryDirectory(prefix="clean-root") as temporary:
        root = Root(arguments.keep or Path(temporary) / "root")
        if not root.folder.exists():
            step("a bare Debian 12")
            bootstrap(root.folder)
        step(f"apt install {coordinator.name}")
        root.install(coordinator)
        check_coordinator_alone(root)
        step(f"apt install {worker.name}")
        root.install(worker)
        step("a sweep")
        check_sweep(root)
        step("apt remove, apt purge")
        check_removal(root)
        step("all is as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
