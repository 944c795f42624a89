"""A service manager that listens as systemd does."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.waiting import until


class ServiceManager:
    """Listens as systemd does, all the time: a queue of ten messages is soon full."""

    def __init__(self, path: Path) -> None:
        """Listen at `path`."""
        self.path = path
        self.told: list[str] = []
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.bind(str(path))
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        while message := self._channel.recv(4096):
            self.told += message.decode().split("\n")

    def hears(self, assignment: str, times: int = 1) -> None:
        """Wait until `assignment` was told that often."""
        until(lambda: self.told.count(assignment) >= times, f"{assignment} x{times}")

    def close(self) -> None:
        """Stop listening: an empty message says so."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as self_call:
            self_call.sendto(b"", str(self.path))
        self._listener.join()
        self._channel.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[ServiceManager]:
    listening = ServiceManager(tmp_path / "notify")
    yield listening
    listening.close()
