"""What systemd hears, over a real unix datagram socket, named or abstract; nothing elsewhere."""

import logging
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.adapters.systemd import SystemdNotifier, watchdog_s
from tests.patience import PATIENCE_S


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.settimeout(PATIENCE_S)
        yield channel


def test_assignments_arrive_as_one_message(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as channel:
        SystemdNotifier.from_environment({"NOTIFY_SOCKET": path})("READY=1", "STATUS=12 places")

        assert channel.recv(4096) == b"READY=1\nSTATUS=12 places"


def test_abstract_socket_is_reached() -> None:
    name = f"copier-fleet-test-{uuid.uuid4()}"
    with listening(f"\0{name}") as channel:
        SystemdNotifier(f"@{name}")("WATCHDOG=1")

        assert channel.recv(4096) == b"WATCHDOG=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}])
def test_without_a_service_manager_it_is_silent(
    environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    SystemdNotifier.from_environment(environ)("READY=1")

    assert caplog.records == []


def test_socket_that_fails_is_one_line_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = str(tmp_path / "gone")
    notify = SystemdNotifier(path)
    notify("READY=1")
    notify("WATCHDOG=1")
    with listening(path) as channel:
        notify("WATCHDOG=1")
        assert channel.recv(4096) == b"WATCHDOG=1"
    notify("STOPPING=1")

    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert vars(caplog.records[0])["socket"] == path


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "180000000"}, 180.0),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "42"}, 180.0),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "43"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_watchdog_is_wanted_as_often_as_systemd_says(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_s(environ, pid=42) == seconds
