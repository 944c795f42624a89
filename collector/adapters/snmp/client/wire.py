"""One UDP socket per machine, connected: the kernel drops what any other address sends.

The last of several tries is sent from an open socket besides: it hears nothing more of the
machine, but it can say that somebody else answers in its place.

A machine that was not heard for a while may sleep and need seconds to wake. It is not asked more
often, it is listened to for longer, once: what it says late still answers the question.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from collector.adapters.snmp.client.codec import Garbled
from collector.adapters.snmp.client.peer import Effort, Elsewhere, Peer, failure
from collector.domain.sentence import Sentence
from collector.errors import DeviceUnreachable
from collector.texts import ENGLISH

T = TypeVar("T")

QUIET_S: Final = 120.0
"""A machine not heard for so long may have gone to sleep since."""

WAKING: Final = 2.0
"""How many times its timeout a machine that may be waking is listened to beyond the last try."""

_PASSED_OVER: Final = 32
"""Datagrams of one try that were no answer to it, after which the try is over: decoding a flood
of them must not stop the service."""


@dataclass(slots=True)
class _Listening(Generic[T]):
    """What one try waits for, how long, and what came instead of it."""

    accept: Callable[[bytes], T | None]
    wait_s: float
    passed_over: int = 0
    garbled: list[Garbled] = field(default_factory=list)

    def judge(self, data: bytes) -> T | None:
        """Return the answer in `data`, or None where it is none."""
        try:
            answer = self.accept(data)
        except Garbled as exc:
            self.garbled.append(exc)
            answer = None
        self.passed_over += answer is None
        return answer

    @property
    def is_flooded(self) -> bool:
        """Say whether so much else came that waiting is of no use."""
        return self.passed_over >= _PASSED_OVER


class _OpenEar(asyncio.DatagramProtocol):
    """Hears everybody; passes on what `peer` says and remembers who else spoke."""

    def __init__(self, peer: tuple[str, int], keep: Callable[[bytes], None]) -> None:
        self._peer = peer
        self._keep = keep
        self.stranger: tuple[str, int] | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr[:2] == self._peer:
            self._keep(data)
        else:
            self.stranger = addr[:2]


class Wire(asyncio.DatagramProtocol):
    """Sends to one peer and keeps what it sends back, in order.

    The name is resolved when the socket is opened, which is on the first request and again after
    every failure: a machine that got another address is found without a restart.
    """

    def __init__(self, peer: Peer) -> None:
        """Remember the peer; nothing is opened yet."""
        self._peer = peer
        self._transport: asyncio.DatagramTransport | None = None
        self._inbox: deque[bytes | OSError] = deque(maxlen=2 * _PASSED_OVER)
        self._arrived = asyncio.Event()
        self._lost = asyncio.Event()
        self._heard_at: float | None = None
        self._was_patient = False

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 # connected
        """Keep what came from the peer; the kernel has checked address and port."""
        self._keep(data)

    def error_received(self, exc: Exception) -> None:
        """Keep what ICMP said: nobody listens there, or no way leads there."""
        if isinstance(exc, OSError):
            self._keep(exc)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # closed by us
        """Let `close` return."""
        self._lost.set()

    def _keep(self, item: bytes | OSError) -> None:
        self._inbox.append(item)
        self._arrived.set()

    async def _open(self) -> asyncio.DatagramTransport:
        if self._transport is None or self._transport.is_closing():
            loop = asyncio.get_running_loop()
            self._lost.clear()
            try:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, remote_addr=(self._peer.address, self._peer.port)
                )
            except (OSError, UnicodeError) as exc:
                raise DeviceUnreachable(
                    self._peer.place,
                    ENGLISH("device.unreachable", peer=str(self._peer), why=str(exc)),
                ) from exc
        return self._transport

    async def close(self) -> None:
        """Release the socket; it is gone when this returns. Safe to call twice."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            await self._lost.wait()

    async def exchange(
        self,
        make: Callable[[], bytes],
        accept: Callable[[bytes], T | None],
        tries: int,
        hint: Sentence,
    ) -> T:
        """Send until something acceptable comes back, at most `tries` times.

        `make` builds each try. `accept` returns the answer, or None for what answers something
        else, or raises Garbled. Raises Silence (with `hint`), DeviceUnreachable, DeviceNonsense.
        """
        trouble: OSError | Garbled | None = None
        patience = 0.0
        for left in range(tries, 0, -1):
            transport = await self._open()
            self._inbox.clear()
            if left == 1 and trouble is None:
                patience = self._patience(tries)
            listening = _Listening(accept, self._peer.timeout_s + patience)
            try:
                if left == 1 < tries and trouble is None:
                    answer = await self._answer_to_all(transport, make(), listening)
                else:
                    transport.sendto(make())
                    answer = await self._answer(listening)
            except (OSError, Garbled) as exc:
                trouble = exc
            else:
                if answer is not None:
                    self._heard_at = asyncio.get_running_loop().time()
                    self._was_patient = False
                    return answer
        await self.close()
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

    async def _answer_to_all(
        self, transport: asyncio.DatagramTransport, message: bytes, listening: _Listening[T]
    ) -> T | None:
        """Send from an open socket; raise Elsewhere where only another address or port answers."""
        loop = asyncio.get_running_loop()
        peer = transport.get_extra_info("peername")
        family = transport.get_extra_info("socket").family
        ear, protocol = await loop.create_datagram_endpoint(
            lambda: _OpenEar(peer[:2], self._keep), family=family
        )
        try:
            ear.sendto(message, peer)
            answer = await self._answer(listening)
        finally:
            ear.close()
        if answer is None and protocol.stranger is not None:
            raise Elsewhere(peer[0], *protocol.stranger)
        return answer

    async def _answer(self, listening: _Listening[T]) -> T | None:
        """Return the answer, or None when the time is over; raises OSError, Garbled.

        Behind what is garbled the right answer may still come.
        """
        try:
            async with asyncio.timeout(listening.wait_s):
                while not listening.is_flooded:
                    self._arrived.clear()
                    answer = self._look(listening)
                    if answer is not None:
                        return answer
                    await self._arrived.wait()
        except TimeoutError:
            answer = self._look(listening)  # on a busy machine it may lie there unread
            if answer is not None:
                return answer
        if listening.garbled:
            raise listening.garbled[0]
        return None

    def _look(self, listening: _Listening[T]) -> T | None:
        while self._inbox and not listening.is_flooded:
            item = self._inbox.popleft()
            if isinstance(item, TimeoutError):  # the network's own ETIMEDOUT: a silent peer
                continue
            if isinstance(item, OSError):
                raise item
            answer = listening.judge(item)
            if answer is not None:
                return answer
        return None
