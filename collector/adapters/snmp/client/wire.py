"""One UDP socket per machine, connected: the kernel drops what any other address sends.

The last of several tries is sent from an open socket besides: it hears nothing more of the
machine, but it can say that somebody else answers in its place.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from collector.adapters.snmp.client.codec import Garbled
from collector.errors import DeviceNonsense, DeviceUnreachable

T = TypeVar("T")


class Silence(DeviceUnreachable):
    """Nothing came back in time, as opposed to a host that said there is nobody."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is asked, and how patiently: `retries` more tries of `timeout_s` seconds each."""

    place: str
    address: str
    port: int
    timeout_s: float
    retries: int

    def __str__(self) -> str:
        """Return address and port as people write them."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


class _Elsewhere(OSError):
    """Another address answered. Its text is that address."""


class _OpenEar(asyncio.DatagramProtocol):
    """Hears everybody; passes on what `peer` says and remembers who else spoke."""

    def __init__(self, peer: tuple[str, int], keep: Callable[[bytes], None]) -> None:
        self._peer = peer
        self._keep = keep
        self.stranger: str | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr[:2] == self._peer:
            self._keep(data)
        else:
            self.stranger = addr[0]


class Wire(asyncio.DatagramProtocol):
    """Sends to one peer and keeps what it sends back, in order.

    The name is resolved when the socket is opened, which is on the first request and again after
    every failure: a machine that got another address is found without a restart.
    """

    def __init__(self, peer: Peer) -> None:
        """Remember the peer; nothing is opened yet."""
        self._peer = peer
        self._transport: asyncio.DatagramTransport | None = None
        self._inbox: deque[bytes | OSError] = deque()
        self._arrived = asyncio.Event()
        self._lost = asyncio.Event()

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
                    f"{self._peer} cannot be reached from here ({exc}); check the address",
                ) from exc
        return self._transport

    async def close(self) -> None:
        """Release the socket; it is gone when this returns. Safe to call twice."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            await self._lost.wait()

    async def exchange(
        self, make: Callable[[], bytes], accept: Callable[[bytes], T | None], tries: int, hint: str
    ) -> T:
        """Send until something acceptable comes back, at most `tries` times.

        `make` builds each try. `accept` returns the answer, or None for what answers something
        else, or raises Garbled. Raises Silence (with `hint`), DeviceUnreachable, DeviceNonsense.
        """
        trouble: OSError | Garbled | None = None
        for left in range(tries, 0, -1):
            transport = await self._open()
            self._inbox.clear()
            try:
                if left == 1 < tries and trouble is None:
                    answer = await self._answer_to_all(transport, make(), accept)
                else:
                    transport.sendto(make())
                    answer = await self._answer(accept)
            except (OSError, Garbled) as exc:
                trouble = exc
            else:
                if answer is not None:
                    return answer
        await self.close()
        raise self._failure(trouble, tries, hint)

    async def _answer_to_all(
        self,
        transport: asyncio.DatagramTransport,
        message: bytes,
        accept: Callable[[bytes], T | None],
    ) -> T | None:
        """Send from an open socket; raise _Elsewhere where only another address answers."""
        loop = asyncio.get_running_loop()
        peer = transport.get_extra_info("peername")
        family = transport.get_extra_info("socket").family
        ear, protocol = await loop.create_datagram_endpoint(
            lambda: _OpenEar(peer[:2], self._keep), family=family
        )
        try:
            ear.sendto(message, peer)
            answer = await self._answer(accept)
        finally:
            ear.close()
        if answer is None and protocol.stranger is not None:
            raise _Elsewhere(protocol.stranger)
        return answer

    async def _answer(self, accept: Callable[[bytes], T | None]) -> T | None:
        """Return what `accept` takes, or None when the time is over; raises OSError, Garbled."""
        try:
            async with asyncio.timeout(self._peer.timeout_s):
                while True:
                    self._arrived.clear()
                    answer = self._look(accept)
                    if answer is not None:
                        return answer
                    await self._arrived.wait()
        except TimeoutError:
            return self._look(accept)  # on a busy machine it may lie there unread

    def _look(self, accept: Callable[[bytes], T | None]) -> T | None:
        while self._inbox:
            item = self._inbox.popleft()
            if isinstance(item, TimeoutError):  # the network's own ETIMEDOUT: a silent peer
                continue
            if isinstance(item, OSError):
                raise item
            answer = accept(item)
            if answer is not None:
                return answer
        return None

    def _failure(
        self, trouble: OSError | Garbled | None, tries: int, hint: str
    ) -> DeviceUnreachable | DeviceNonsense:
        peer = self._peer
        if isinstance(trouble, Garbled):
            return DeviceNonsense(
                peer.place,
                f"{peer} sent {trouble}; is this address really a copier speaking SNMP?",
            )
        if isinstance(trouble, _Elsewhere):
            return DeviceUnreachable(
                peer.place,
                f"{peer} was asked but {trouble} answered, which does not count; give the place "
                "that address, or correct the route between",
            )
        if isinstance(trouble, ConnectionRefusedError):
            return DeviceUnreachable(
                peer.place,
                f"{peer} says that nothing listens on this port; switch SNMP on at the machine "
                "or correct the port",
            )
        if trouble is not None:
            return DeviceUnreachable(peer.place, f"no way leads to {peer} ({trouble.strerror})")
        times = "1 try" if tries == 1 else f"{tries} tries"
        return Silence(
            peer.place, f"no answer from {peer} in {times} of {peer.timeout_s:g} s; {hint}"
        )
