"""The program at a terminal of a given width, as a person sees it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.cells import cell_len

from tests.patience import PATIENCE_S
from tests.stories.program import PROGRAM, ROOT
from tests.surroundings import environment

_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_AGAIN_S = 1.0
_WITH_TERMINAL = ("setsid", "--ctty", "--wait")
"""Makes the terminal the program's own, so that Ctrl-C reaches it (util-linux)."""


def at_terminal(*args: str | Path, columns: int = 80) -> tuple[int, list[str]]:
    """Run the program with a terminal as stdout and stderr; return exit code and lines shown."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        with subprocess.Popen(
            [*PROGRAM, *map(str, args)],
            cwd=ROOT,
            env=environment(_terminal(columns)),
            stdout=theirs,
            stderr=theirs,
        ) as process:
            shown = _drained(ours, process)
            code = process.wait(PATIENCE_S)
    finally:
        os.close(ours)
        os.close(theirs)
    return code, [_STYLES.sub("", line).rstrip() for line in shown.split("\r\n")]


def _terminal(columns: int) -> dict[str, str]:
    return {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm"}


def _drained(terminal: int, process: subprocess.Popen[bytes]) -> str:
    octets = b""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            octets += os.read(terminal, 65536)
        elif process.poll() is not None:
            break
    return octets.decode("utf-8", "replace")


def widest(lines: list[str]) -> int:
    """Return how many columns the widest table line takes; Japanese takes two a character."""
    return max((cell_len(line) for line in lines if line[:1] in "┏┃┡│└┌"), default=0)


class Conversation:
    """The program with a person at its terminal: what it shows is read, what is typed is echoed."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        """Speak to `process` through `terminal`."""
        self._process = process
        self._terminal = terminal
        self._octets = b""
        self._seen = 0

    @property
    def text(self) -> str:
        """Everything shown so far, without colours."""
        return _STYLES.sub("", self._octets.decode("utf-8", "replace")).replace("\r", "")

    def sees(self, words: str) -> str:
        """Wait until `words` are shown after what was waited for before; return all of it."""
        deadline = time.monotonic() + PATIENCE_S
        while (at := self.text.find(words, self._seen)) < 0:
            more = self._read(max(0.0, deadline - time.monotonic()))
            assert more, f"{words!r} is not shown: {self.text}"
        begin, self._seen = self._seen, at + len(words)
        return self.text[begin : self._seen]

    def types(self, line: str) -> None:
        """Type `line` and press Enter."""
        os.write(self._terminal, f"{line}\n".encode())

    def interrupts(self, words: str) -> None:
        """Press Ctrl-C until `words` are shown.

        A person presses it again, too, where the first came just before the program listened.
        """
        deadline = time.monotonic() + PATIENCE_S
        while words not in self.text[self._seen :]:
            assert time.monotonic() < deadline, f"{words!r} is not shown: {self.text}"
            os.write(self._terminal, b"\x03")
            while self._read(_AGAIN_S) and words not in self.text[self._seen :]:
                pass

    def ends(self) -> int:
        """Wait until the program has ended; return its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(max(0.0, deadline - time.monotonic())):
            pass
        return self._process.wait(PATIENCE_S)

    def _read(self, within_s: float) -> bool:
        """Read a little; return False where nothing comes any more."""
        if not select.select([self._terminal], [], [], within_s)[0]:
            return False
        try:
            octets = os.read(self._terminal, 65536)
        except OSError:  # Linux says EIO when the last of the program has gone
            return False
        self._octets += octets
        return bool(octets)


@contextmanager
def conversation(*args: str | Path, columns: int = 120) -> Iterator[Conversation]:
    """Run the program with a person at its terminal; it is gone afterwards."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*_WITH_TERMINAL, *PROGRAM, *map(str, args)],
        cwd=ROOT,
        env=environment(_terminal(columns)),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield Conversation(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)
