"""Talks to systemd as sd_notify(3) does: one datagram to the socket it named, or nothing at all."""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Final

_LOG = logging.getLogger(__name__)
_SEND_LIMIT_S: Final = 1.0


class SystemdNotifier:
    """Sends `READY=1` and the like. Without a service manager it says nothing, to nobody."""

    def __init__(self, address: str | None) -> None:
        """Talk to the unix datagram socket at `address`; `@name` is an abstract one."""
        self._address = address
        self._failed = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "SystemdNotifier":
        """Return a notifier for the socket in $NOTIFY_SOCKET, silent where it is not set."""
        return cls(environ.get("NOTIFY_SOCKET") or None)

    def __call__(self, *assignments: str) -> None:
        """Send `assignments` as one message. A socket that fails is logged once, never raised."""
        if self._address is None:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(_SEND_LIMIT_S)
                channel.sendto("\n".join(assignments).encode(), address)
        except OSError as exc:
            if not self._failed:
                fields = {"socket": self._address, "reason": str(exc)}
                _LOG.warning("systemd does not listen on its notify socket", extra=fields)
            self._failed = True
            return
        self._failed = False


def watchdog_s(environ: Mapping[str, str], pid: int | None = None) -> float | None:
    """Return how often systemd wants WATCHDOG=1 (WatchdogSec=), in seconds, or None.

    None as well where $WATCHDOG_PID names another process than `pid` (this one by default).
    """
    wanted_pid = environ.get("WATCHDOG_PID")
    if wanted_pid is not None and wanted_pid != str(os.getpid() if pid is None else pid):
        return None
    text = environ.get("WATCHDOG_USEC", "")
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        return None
    return int(text) / 1_000_000
