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
from pathlib import Path

from rich.cells import cell_len

from tests.stories.program import PROGRAM, ROOT, environment

_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_WITHIN_S = 60.0


def at_terminal(*args: str | Path, columns: int = 80) -> tuple[int, list[str]]:
    """Run the program with a terminal as stdout and stderr; return exit code and lines shown."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        env = environment({"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm"})
        with subprocess.Popen(
            [*PROGRAM, *map(str, args)], cwd=ROOT, env=env, stdout=theirs, stderr=theirs
        ) as process:
            shown = _drained(ours, process)
            code = process.wait(_WITHIN_S)
    finally:
        os.close(ours)
        os.close(theirs)
    return code, [_STYLES.sub("", line).rstrip() for line in shown.split("\r\n")]


def _drained(terminal: int, process: subprocess.Popen[bytes]) -> str:
    octets = b""
    deadline = time.monotonic() + _WITHIN_S
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            octets += os.read(terminal, 65536)
        elif process.poll() is not None:
            break
    return octets.decode("utf-8", "replace")


def widest(lines: list[str]) -> int:
    """Return how many columns the widest table line takes; Japanese takes two a character."""
    return max((cell_len(line) for line in lines if line[:1] in "┏┃┡│└┌"), default=0)
