"""One machine as it is asked: where it is, how often it is tried, how long it is listened to.

All machines share the sockets (`sockets`). Who answers in a machine's place is told after the last
of several tries.

A machine that was not heard for a while may sleep and need seconds to wake. It is not asked more
often, it is listened to for longer, once: what it says late still answers the question.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Callable
from typing import Final, TypeVar, cast

from collector.adapters.snmp.client.codec import Garbled
from collector.adapters.snmp.client.peer import (
    Effort,
    Elsewhere,
    Peer,
    failure,
    is_our_own,
    not_asked,
)
from collector.adapters.snmp.client.sockets import Address, SharedSocket, Sockets, Waiting, plain
from collector.domain.sentence import Sentence
from collector.errors import DeviceUnreachable
from collector.texts import ENGLISH

T = TypeVar("T")

QUIET_S: Final = 120.0
"""A machine not heard for so long may have gone to sleep since."""

WAKING: Final = 2.0
"""How many times its timeout a machine that may be waking is listened to beyond the last try."""


class Wire:
    """Asks one machine.

    The name is resolved on the first request and again after every failure: a machine that got
    another address is found without a restart.
    """

    def __init__(self, peer: Peer, sockets: Sockets) -> None:
        """Remember the peer; nothing is opened yet."""
        self._peer = peer
        self.sockets = sockets
        self._shared: SharedSocket | None = None
        self._address: Address = ("", 0)
        self._heard_at: float | None = None
        self._was_patient = False

    def close(self) -> None:
        """Leave the socket; it is gone when nobody else uses it. Safe to call twice."""
        shared, self._shared = self._shared, None
        if shared is not None:
            self.sockets.leave(shared)

    async def exchange(
        self,
        make: Callable[[], tuple[int, bytes]],
        accept: Callable[[bytes], T | None],
        tries: int,
        hint: Sentence,
    ) -> T:
        """Send until something acceptable comes back, at most `tries` times.

        `make` builds each try and says by which number its answer is known. `accept` returns the
        answer, or None for what answers something else, or raises Garbled. Raises NoAnswer (with
        `hint`), DeviceUnreachable, DeviceNonsense, DeviceNotAsked.
        """
        shared = self._shared or await self._reach()
        waiting = Waiting(self._address, accept)
        shared.wait_for(waiting)
        trouble: OSError | Garbled | None = None
        patience = 0.0
        try:
            for left in range(tries, 0, -1):
                if left == 1 and trouble is None:
                    patience = self._patience(tries)
                number, message = make()
                try:
                    answer = await shared.ask(
                        waiting, number, message, self._peer.timeout_s + patience
                    )
                except (OSError, Garbled) as exc:
                    trouble = exc
                else:
                    if answer is not None:
                        self._heard_at = asyncio.get_running_loop().time()
                        self._was_patient = False
                        return answer
                    if left == 1 < tries and trouble is None and waiting.stranger is not None:
                        trouble = Elsewhere(self._address[0], *waiting.stranger[:2])
        finally:
            shared.forget(waiting)
        self.close()
        raise failure(self._peer, trouble, Effort(tries, patience), hint)

    def _patience(self, tries: int) -> float:
        """Return how many seconds longer to listen after the last of `tries`.

        Only once in a silence, so that a machine that is switched off costs no more than its
        timeout from the next poll on; and not where fewer tries are made than usual.
        """
        peer = self._peer
        if self._was_patient or not peer.wakes or tries <= peer.retries:
            return 0.0
        now = asyncio.get_running_loop().time()
        if self._heard_at is not None and now - self._heard_at < QUIET_S:
            return 0.0
        self._was_patient = True
        return WAKING * peer.timeout_s

    async def _reach(self) -> SharedSocket:
        """Find the machine's address and a socket to it; raises what `exchange` does."""
        peer = self._peer
        try:
            families = await _addresses(peer.address, peer.port)
            self._shared, self._address = self._first_way(families)
        except (OSError, UnicodeError) as exc:
            if is_our_own(exc):
                raise not_asked(peer, exc) from exc
            why = {"peer": str(peer), "why": str(exc)}
            raise DeviceUnreachable(peer.place, ENGLISH("device.unreachable", **why)) from exc
        return self._shared

    def _first_way(
        self, found: list[tuple[socket.AddressFamily, Address]]
    ) -> tuple[SharedSocket, Address]:
        """Return the first of several addresses that a way leads to."""
        for at, (family, address) in enumerate(found, start=1):
            try:
                if len(found) > 1:
                    with socket.socket(family, socket.SOCK_DGRAM) as probe:
                        probe.connect(address)
                return self.sockets.take(family), address
            except OSError:
                if at == len(found):
                    raise
        raise OSError(errno.ENOENT, "no address")


async def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, Address]]:
    """Return where `host` is, without the name server where it is an address; raises OSError."""
    kind = socket.SOCK_DGRAM
    try:
        ipaddress.ip_address(host)
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
    else:
        found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
    return [(one[0], plain(cast("Address", one[4]))) for one in found]  # no octets of Bluetooth
