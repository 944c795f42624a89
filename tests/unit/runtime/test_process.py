"""The whole shell in real time: a process, a notify socket, signals, an exit code."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.surroundings import environment

ROOT = Path(__file__).resolve().parents[3]


class Manager:
    """Listens as systemd does."""

    def __init__(self, path: Path) -> None:
        """Listen at `path`."""
        self.told: list[str] = []
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.channel.bind(str(path))
        self.channel.settimeout(PATIENCE_S)

    def hears(self, wanted: str) -> None:
        """Return once `wanted` was told."""
        while True:
            lines = self.channel.recv(4096).decode().split("\n")
            self.told += lines
            if wanted in lines:
                return


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    listening = Manager(tmp_path / "notify")
    yield listening
    listening.channel.close()


@pytest.fixture
def office(manager: Manager, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"}
    command = [sys.executable, "-W", "error", "-m", "tests.unit.runtime.office_process"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(told), stderr=subprocess.PIPE, text=True
    ) as one:
        manager.hears("READY=1")
        yield one
        one.kill()


def test_term_ends_it_in_good_order(office: subprocess.Popen[str], manager: Manager) -> None:
    manager.hears("WATCHDOG=1")
    office.send_signal(signal.SIGHUP)
    manager.hears("RELOADING=1")
    manager.hears("READY=1")
    manager.hears("WATCHDOG=1")
    office.send_signal(signal.SIGTERM)
    manager.hears("STOPPING=1")

    _, errors = office.communicate(timeout=PATIENCE_S)

    assert (office.returncode, errors) == (0, "")
