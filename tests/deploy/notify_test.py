#!/usr/bin/env python3
"""What the programs tell systemd: notify_test.py --bin FOLDER --trainer PROGRAM

Plays systemd's part: a datagram socket whose path is in NOTIFY_SOCKET, and a watchdog's time in WATCHDOG_USEC.
"""

import os
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import test_arguments

# Only a test that fails waits for so long.
PATIENCE_SECONDS = 60
WATCHDOG_MICROSECONDS = 600_000

BIN, TRAINER = test_arguments.take("bin", "trainer")


class Service:
    """A program that is started as a unit with Type=notify is."""

    def __init__(self, folder, name, command):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = str(folder / f"{name}.notify")
        self.socket.bind(path)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.log = open(folder / f"{name}.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log,
            env=dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC=str(WATCHDOG_MICROSECONDS)))

    def next(self):
        """The assignments of the next message, as a dictionary."""
        try:
            text = self.socket.recv(65536).decode()
        except TimeoutError:
            self.log.seek(0)
            raise AssertionError(f"nothing was said; its log:\n{self.log.read()}") from None
        return dict(line.split("=", 1) for line in text.splitlines())

    def until(self, name):
        """The next message that assigns this, and those before it."""
        before = []
        while name not in (message := self.next()):
            before.append(message)
        return message, before

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.socket.close()
        self.log.close()


class NotifyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="notify")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.address = f"unix:{self.folder}/coordinator"

    def start(self, name, *command):
        service = Service(self.folder, name, [str(word) for word in command])
        self.addCleanup(service.close)
        return service

    def start_coordinator(self):
        return self.start("coordinator", BIN / "firstguess-coordinator", "--db", self.folder / "a.db",
                          "--listen", self.address)

    def start_worker(self):
        return self.start("worker", BIN / "firstguess-worker", "--trainer", TRAINER, "--coordinator", self.address)

    def test_a_coordinator_is_ready_once_it_serves(self):
        coordinator = self.start_coordinator()
        ready, before = coordinator.until("READY")
        self.assertEqual(before, [])
        self.assertEqual(ready["READY"], "1")
        self.assertEqual(ready["STATUS"], f"serves {self.folder}/a.db at {self.address}")
        health = subprocess.run([BIN / "firstguess", "health", "--coordinator", self.address],
                                capture_output=True, text=True, check=False)
        self.assertEqual(health.returncode, 0, health.stderr)

    def test_a_coordinator_says_again_and_again_that_it_is_alive_and_at_last_that_it_stops(self):
        coordinator = self.start_coordinator()
        coordinator.until("READY")
        for _ in range(3):
            self.assertEqual(coordinator.next(), {"WATCHDOG": "1"})
        self.assertEqual(coordinator.stop(), 0)
        stopping, before = coordinator.until("STOPPING")
        self.assertTrue(all(message == {"WATCHDOG": "1"} for message in before), before)
        self.assertEqual(stopping["STOPPING"], "1")

    def test_a_worker_is_ready_once_its_coordinator_has_welcomed_it(self):
        worker = self.start_worker()
        waiting, _ = worker.until("STATUS")
        self.assertNotIn("READY", waiting)
        self.assertIn(f"no connection to {self.address}", waiting["STATUS"])
        self.start_coordinator().until("READY")
        ready, before = worker.until("READY")
        self.assertIn({"WATCHDOG": "1"}, before + [worker.until("WATCHDOG")[0]])
        self.assertEqual(ready["STATUS"], f"works for {self.address}")
        self.assertEqual(worker.stop(), 0)
        worker.until("STOPPING")

    def test_a_worker_that_cannot_work_says_so(self):
        self.start_coordinator().until("READY")
        worker = self.start("worker", BIN / "firstguess-worker", "--trainer", "/bin/false",
                            "--coordinator", self.address)
        ready, _ = worker.until("READY")
        self.assertIn("can't work", ready["STATUS"])
        self.assertNotIn("\n", ready["STATUS"])


if __name__ == "__main__":
    unittest.main()
