"""The workshop on a terminal, with somebody who reads and types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from scratch import Scratch


class NothingSeen(Exception):
    """What was waited for did not come."""


class Terminal:
    def __init__(self, scratch: Scratch, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 100, 0, 0))

        def take_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._words = words
        self._process = subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn
            scratch.command(words), cwd=scratch.root, stdin=theirs, stdout=theirs, stderr=theirs,
            env=scratch.environment(TERM="xterm"), preexec_fn=take_terminal)
        os.close(theirs)
        self._unread = ""
        self.seen = ""  # what wait_for() has passed over; whoever asks may empty it

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def send(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(end - time.monotonic())

    def wait_for(self, text: str, limit: float, what: str = "") -> float:
        """Reads on until this was shown. Returns after how many seconds that was."""
        start = time.monotonic()
        while text not in self._unread:
            left = start + limit - time.monotonic()
            if left <= 0 or not self._read(left):
                raise NothingSeen(f"`./workshop {' '.join(self._words)}` did not show "
                                  f"'{text}'{', ' if what else ''}{what}; it showed:\n{self._unread}")
        passed, _, self._unread = self._unread.partition(text)
        self.seen += passed + text
        return time.monotonic() - start

    def wait_for_end(self, limit: float) -> None:
        end = time.monotonic() + limit
        while self._process.poll() is None:
            if time.monotonic() > end:
                raise NothingSeen(f"`./workshop {' '.join(self._words)}` did not end")
            self._read(0.05)

    def _read(self, limit: float) -> bool:
        """False at the end."""
        ready, _, _ = select.select([self._ours], [], [], max(0.0, limit))
        if not ready:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux says so at the end
            data = b""
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        self._unread += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        return bool(data)
