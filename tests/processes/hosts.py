"""Hosts of a network of their own: Linux network namespaces at one switch, whose links can be cut."""

import os
import subprocess


class Hosts:
    """`names`: of hosts, the first of which is called "hub" and has the switch. Needs root. All of it is
    gone with the end of a `with`."""

    HUB = "10.77.0.1"

    def __init__(self, names):
        self._prefix = f"firstguess-{os.getpid()}-"
        self.names = ["hub", *names]

    def __enter__(self):
        try:
            for name in self.names:
                ip("netns", "add", self._prefix + name)
                self._in(name, "link", "set", "lo", "up")
            self._in("hub", "link", "add", "switch", "type", "bridge")
            self._in("hub", "address", "add", f"{self.HUB}/24", "dev", "switch")
            self._in("hub", "link", "set", "switch", "up")
            for number, name in enumerate(self.names[1:], start=2):
                self._in("hub", "link", "add", name, "type", "veth", "peer", "name", "eth0",
                         "netns", self._prefix + name)
                self._in("hub", "link", "set", name, "master", "switch", "up")
                self._in(name, "address", "add", f"10.77.0.{number}/24", "dev", "eth0")
                self._in(name, "link", "set", "eth0", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", self._prefix + name], check=False,
                           stderr=subprocess.DEVNULL)

    def enter(self, name):
        """The words before a command that is to run there."""
        return ["ip", "netns", "exec", self._prefix + name]

    def cut(self, name):
        self._in("hub", "link", "set", name, "down")

    def deafen(self, name):
        """Nothing that is sent to it arrives; the sender is not told."""
        self._queue("hub", name, "pfifo", "limit", "0")

    def mute(self, name):
        """Nothing that it sends arrives; it is not told."""
        self._queue(name, "eth0", "pfifo", "limit", "0")

    def slow_down(self, name):
        """What it sends takes its time."""
        self._queue(name, "eth0", "tbf", "rate", "128kbit", "burst", "1600", "latency", "500ms")

    def heal(self, name):
        self._in("hub", "link", "set", name, "up")
        for host, link in (("hub", name), (name, "eth0")):
            subprocess.run([*self.enter(host), "tc", "qdisc", "delete", "dev", link, "root"], check=False,
                           stderr=subprocess.DEVNULL)

    def move(self, name, address):
        """It has another address from now on."""
        self._in(name, "address", "flush", "dev", "eth0")
        self._in(name, "address", "add", f"{address}/24", "dev", "eth0")

    def _in(self, name, *arguments):
        ip("-netns", self._prefix + name, *arguments)

    def _queue(self, host, link, *queue):
        run(*self.enter(host), "tc", "qdisc", "replace", "dev", link, "root", *queue)


def ip(*arguments):
    run("ip", *arguments)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
