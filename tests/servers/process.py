"""Start a real server on loopback, wait until it answers, stop it by its own process id."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.surroundings import environment


class MissingServerError(RuntimeError):
    """A server that a test needs is not installed. This is a failure, never a reason to skip."""


class ServerFailedError(RuntimeError):
    """A server did not come up; the text ends with what it logged last."""


def binary(name: str, *folders: Path) -> str:
    """Return the path of server `name`; Debian keeps some of them in sbin, some in `folders`."""
    found = shutil.which(name, path=os.pathsep.join((environment()["PATH"], *map(str, folders))))
    if found is None:
        message = f"{name} is missing: run make servers"
        raise MissingServerError(message)
    return found


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers_tcp(port: int) -> bool:
    """Tell whether something accepts connections on 127.0.0.1:`port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    except OSError:
        return False
    return True


class ServerProcess:
    """One server process. `start` returns when it answers, `stop` when it has gone."""

    def __init__(
        self,
        command: list[str],
        log: Path,
        ready: Callable[[], bool],
        *,
        goodbye: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Remember how to start it; nothing runs yet. `goodbye` asks it politely to end."""
        self._command = command
        self._log = log
        self._ready = ready
        self._goodbye = goodbye
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait, within a bound, until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE_S
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = self._log.read_text(errors="replace")[-2000:]
                message = f"{self._command[0]} did not come up:\n{tail}"
                raise ServerFailedError(message)
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """Its process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """Stop the server politely, then firmly; stopping twice is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._goodbye)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
