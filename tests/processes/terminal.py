"""A program at a pseudo-terminal, and the screen that a person would see.

pyte interprets what is written as a terminal would: where the cursor goes, what is erased, where
lines break. Waiting is for what is on the screen, never for a while.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte

from process_group import PATIENCE, Failed


class Terminal:
    """`command` runs in `folder` at a terminal of so many columns. Killed at the end."""

    def __init__(self, command, folder, columns, rows=50, environment=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.code = None
        words = [str(word) for word in command]
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            set_size(0, columns, rows)
            os.execve(words[0], words, {**os.environ, "TERM": "xterm-256color",
                                        **(environment or {})})
        self.rows = rows

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)

    def lines(self):
        """The screen without the blanks to the right and below."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    def text(self):
        return "\n".join(self.lines())

    def resize(self, columns):
        self.screen.resize(self.rows, columns)
        set_size(self.descriptor, columns, self.rows)

    def type(self, keys):
        os.write(self.descriptor, keys)

    def read(self, timeout):
        """False once the program has closed the terminal."""
        if not select.select([self.descriptor], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # EIO: nobody has it open any more
            data = b""
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def await_text(self, *words):
        """Until all of these are on the screen at once."""
        end = time.monotonic() + PATIENCE
        while not all(word in self.text() for word in words):
            if not self.read(0.1) or time.monotonic() > end:
                raise Failed(f"{words} did not appear:\n{self.text()}")

    def await_end(self, code):
        """Reads all that is left; the program must end with `code`."""
        end = time.monotonic() + PATIENCE
        while self.read(0.1):
            if time.monotonic() > end:
                raise Failed(f"it does not end:\n{self.text()}")
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        if self.code != code:
            raise Failed(f"it ended with {self.code}, not with {code}:\n{self.text()}")


def set_size(descriptor, columns, rows):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
