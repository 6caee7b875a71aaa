#!/usr/bin/env python3
"""The packages in a Debian that has nothing else: clean_root.py --packages FOLDER [--keep FOLDER] [--boot]

Makes a bare Debian 12 with mmdebstrap, installs `firstguess` and then `firstguess-worker` there with apt, as their
dependencies say, and runs a sweep as the users that they make. With --boot, systemd is added and booted in
systemd-nspawn, and the units run another sweep, through a hang that the watchdog ends. Needs root and Debian's
archive, and takes minutes: it is no test of ctest's.
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

    @contextlib.contextmanager
    def with_proc(self):
        """Programs find what lies beside them through /proc."""
        subprocess.run(["mount", "-t", "proc", "proc", self.folder / "proc"], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", self.folder / "proc"], check=True)

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
                      "--unix-user", "firstguess-worker=worker", user="firstguess"):
        await_that(lambda: "is serving" in root.run("firstguess", "health", *at, codes=(0, 3)),
                   "the coordinator does not serve")
        root.run("firstguess", "submit", "-", *at, text=SPEC)
        with root.started("firstguess-worker", "--device", "cpu", *at, user="firstguess-worker"):
            root.run("firstguess", "watch", "clean", *at)
        answer = root.run("firstguess", "query", "select status, count(*) as trials from trial group by status",
                          "--json", *at)
        expect('"done"' in answer and "8" in answer, answer)
    root.run("firstguess", "doctor", "--db", "/var/lib/firstguess/sweeps.db", "--check", user="firstguess")


class Booted:
    """A root whose systemd runs."""

    def __init__(self, nspawn):
        def running():
            children = subprocess.run(["pgrep", "-P", str(nspawn.pid)], capture_output=True, text=True, check=False)
            self.enter = ["nsenter", "-t", children.stdout.strip() or "1", "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w"]
            return children.stdout.strip() and self.run("systemctl", "is-system-running", check=False).strip() in (
                "running", "degraded")
        await_that(running, "systemd does not come up")

    def run(self, *words, text=None, check=True):
        done = subprocess.run([*self.enter, *words], input=text, capture_output=True, text=True, check=False)
        expect(not check or done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def property(self, unit, name):
        return self.run("systemctl", "show", unit, "--property", name, "--value").strip()


def await_that(condition, otherwise):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        expect(time.monotonic() < deadline, otherwise)
        time.sleep(0.1)


def check_units(root):
    """Both units under a systemd of their own."""
    coordinator, worker = "firstguess-coordinator.service", "firstguess-worker@cpu.service"
    nspawn = subprocess.Popen(["systemd-nspawn", "--register=no", "--keep-unit", "--quiet", "--private-network", "--boot",
                               "-D", root.folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        booted = Booted(nspawn)
        # Done when both have said that they are ready.
        booted.run("systemctl", "enable", "--now", coordinator, worker)
        for unit in (coordinator, worker):
            expect(booted.property(unit, "ActiveState") == "active", f"{unit} is not active")
        expect(booted.property(worker, "StatusText") == "works for 127.0.0.1:7171", "the worker has no coordinator")
        booted.run("firstguess", "submit", "-", text=SPEC)
        booted.run("firstguess", "watch", "clean")
        step("a coordinator that hangs")
        booted.run("systemctl", "kill", "--signal=STOP", "--kill-whom=main", coordinator)
        await_that(lambda: booted.property(coordinator, "NRestarts") == "1", "the watchdog does not end what hangs")
        await_that(lambda: "connected" in booted.run("firstguess", "workers", check=False),
                   "the worker does not come back")
        booted.run("systemctl", "stop", worker, coordinator)
        for unit in (coordinator, worker):
            expect(booted.property(unit, "Result") == "success", f"{unit} did not stop in good order")
    finally:
        nspawn.terminate()
        nspawn.wait()


def check_removal(root):
    root.run("apt-get", "remove", "-y", "-q", "firstguess", "firstguess-worker")
    expect(not (root.folder / "usr/bin/firstguess").exists(), "a program is left behind")
    expect((root.folder / "var/lib/firstguess/sweeps.db").exists(), "the results went with the package")
    expect((root.folder / "etc/default/firstguess-coordinator").exists(), "settings are gone before a purge")
    root.run("apt-get", "purge", "-y", "-q", "firstguess", "firstguess-worker")
    expect(not (root.folder / "etc/default/firstguess-coordinator").exists(), "settings survive a purge")
    expect((root.folder / "var/lib/firstguess/sweeps.db").exists(), "a purge deletes results")


def check_installation(root, coordinator, worker):
    root.run("apt-get", "update", "-q")
    step(f"apt install {coordinator.name}")
    root.install(coordinator)
    check_coordinator_alone(root)
    step(f"apt install {worker.name}")
    root.install(worker)
    step("a sweep")
    check_sweep(root)


def one(packages, pattern):
    found = sorted(packages.glob(pattern))
    expect(found, f"no {pattern} in {packages}: cpack --config build/release/CPackConfig.cmake -B {packages}")
    return found[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--boot", action="store_true", help="run the units, too")
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
        with root.with_proc():
            check_installation(root, coordinator, worker)
        if arguments.boot:
            with root.with_proc():
                step("apt install systemd")
                root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "systemd-sysv")
                (root.folder / "var/lib/firstguess/sweeps.db").unlink()
            step("the units")
            check_units(root)
        with root.with_proc():
            step("apt remove, apt purge")
            check_removal(root)
        step("all is as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
