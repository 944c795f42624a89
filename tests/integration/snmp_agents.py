"""Machines on loopback that answer as a test wants, and sessions that ask them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from collector.adapters.demo_agents import Counter32, MibTable, ber
from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.credentials import CommunityCredential
from collector.adapters.snmp.session import Oid

ROOT: Final[Oid] = (1, 3, 6, 1, 2, 1, 43, 10)
METERS: Final = tuple((*ROOT, n) for n in range(1, 41))
VALUES: Final = {name: 1000 * name[-1] for name in METERS}
UNKNOWN: Final[Oid] = (1, 3, 6, 1, 4, 1, 99999, 1)
V1 = CommunityCredential("1", "public")
V2C = CommunityCredential("2c", "public")
TIMEOUT: Final = 0.3


def table() -> MibTable:
    return MibTable({name: Counter32(count) for name, count in VALUES.items()})


@asynccontextmanager
async def asked(
    port: int,
    credential: CommunityCredential = V2C,
    *,
    address: str = "127.0.0.1",
    timeout_s: float = TIMEOUT,
    retries: int = 1,
) -> AsyncIterator[PysnmpSession]:
    session = PysnmpSession(
        address, port, credential, timeout_s=timeout_s, retries=retries, place="2f"
    )
    try:
        yield session
    finally:
        await session.close()


class Scripted(asyncio.DatagramProtocol):
    """Answers a request with whatever `answers` makes of it."""

    transport: asyncio.DatagramTransport

    def __init__(self, answers: Callable[[ber.Request], list[bytes]]) -> None:
        """Nothing is open yet."""
        self.answers = answers
        self.askers: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self.gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # closed by us
        self.gone.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.askers.put_nowait((data, addr))
        for answer in self.answers(ber.parse(data)):
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def scripted(
    answers: Callable[[ber.Request], list[bytes]], host: str = "127.0.0.1"
) -> AsyncIterator[tuple[Scripted, int]]:
    protocol = Scripted(answers)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, local_addr=(host, 0))
    protocol.transport = transport
    try:
        yield protocol, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await protocol.gone.wait()


def good_rows(request: ber.Request) -> list[bytes]:
    return [ber.row(name, ber.integer(VALUES[name], Counter32.tag)) for name in request.names]


def good_answer(request: ber.Request) -> bytes:
    return ber.response(request, 0, 0, good_rows(request))
