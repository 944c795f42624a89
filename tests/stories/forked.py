"""The daemon in a process of its own whose modules are read already: that is most of its start.

One process a test worker reads them all and is never more than that; each daemon is a copy of it,
with environment, folder, streams and signals of its own, as a program that was started has them.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing import connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

from collector import __main__ as program
from tests.stories.in_process import stream, surround

_CONTEXT: Final[ForkServerContext] = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.stories.daemon_modules"])


class Forked:
    """A process of the program; has of `subprocess.Popen` what stories need."""

    def __init__(
        self, args: Sequence[str], env: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        """Run `copier-fleet args`, its output appended to `log`."""
        self._lock = threading.Lock()
        self._process = _CONTEXT.Process(target=_become, args=(args, dict(env), folder, log))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, or the number of the signal that ended it as a negative one."""
        return self.poll()

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        with self._lock:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended; raises subprocess.TimeoutExpired."""
        connection.wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(["copier-fleet"], timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _become(args: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> None:
    """Be the program from here on."""
    surround(env, folder)
    for number, (path, flags) in enumerate(
        [(os.devnull, os.O_RDONLY), *[(os.fspath(log), os.O_WRONLY | os.O_APPEND)] * 2]
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = sys.__stdin__ = stream(0, "r", "surrogateescape")
    sys.stdout = sys.__stdout__ = stream(1, "w", "surrogateescape")
    sys.stderr = sys.__stderr__ = stream(2, "w", "backslashreplace")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["copier-fleet", *args]
    program.main()
