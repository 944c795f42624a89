"""Machines on loopback that answer as a test wants, and sessions that ask them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.adapters.snmp.client.session import Oid
from collector.demo import agent as ber
from collector.demo.table import Counter32, MibTable

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

    def __init__(self, answers: Callable[[ber.DecodedRequest], list[bytes]]) -> None:
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
    answers: Callable[[ber.DecodedRequest], list[bytes]], host: str = "127.0.0.1"
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


GEN_ERR, NO_ACCESS, NO_AUTHORIZATION = 5, 6, 16


@dataclass(slots=True)
class Quirks:
    """An agent that holds `VALUES` and is odd in one way or another; by default in none.

    A GET that holds one of `spoilers` fails with the error it stands for, pointing at it unless
    `points` is False; one with one of `silent_on`, or more than `silent_above` names, is not
    answered. `next_only` are given by GETNEXT alone. Above `errs_above` names a GET is genErr.
    `rearranged` answers from the last name to the first. `questions` are all that was asked.
    """

    spoilers: dict[Oid, int] = field(default_factory=dict)
    points: bool = True
    silent_on: frozenset[Oid] = frozenset()
    silent_above: int | None = None
    silent_bulk: bool = False
    errs_above: int | None = None
    next_only: frozenset[Oid] = frozenset()
    rearranged: bool = False
    questions: list[ber.DecodedRequest] = field(default_factory=list)

    def __call__(self, request: ber.DecodedRequest) -> list[bytes]:
        """Return the answer to `request`, or none."""
        self.questions.append(request)
        if request.kind == ber.BULK:
            return [] if self.silent_bulk else [self._rows(request, request.second)]
        if request.kind == ber.NEXT:
            return [self._rows(request, 1)]
        return self._get(request)

    def asked(self) -> list[int]:
        """Return how many names each question since the last call held."""
        sizes = [len(one.names) for one in self.questions]
        self.questions.clear()
        return sizes

    def _get(self, request: ber.DecodedRequest) -> list[bytes]:
        names = request.names
        above = self.silent_above
        if self.silent_on.intersection(names) or (above is not None and len(names) > above):
            return []
        spoiler = next((name for name in names if name in self.spoilers), None)
        if spoiler is not None:
            index = names.index(spoiler) + 1 if self.points else 0
            return [ber.response(request, self.spoilers[spoiler], index, _blank(names))]
        if self.errs_above is not None and len(names) > self.errs_above:
            return [ber.response(request, GEN_ERR, 0, _blank(names))]
        rows = [self._row(name) for name in names]
        return [ber.response(request, 0, 0, reversed(rows) if self.rearranged else rows)]

    def _row(self, name: Oid) -> bytes:
        if name not in VALUES or name in self.next_only:
            return ber.row(name, ber.NO_SUCH_OBJECT)
        return ber.row(name, ber.integer(VALUES[name], Counter32.tag))

    def _rows(self, request: ber.DecodedRequest, count: int) -> bytes:
        rows = []
        for name in request.names:
            behind = [one for one in METERS if one > name][:count]
            rows += [ber.row(one, ber.integer(VALUES[one], Counter32.tag)) for one in behind]
            rows += [] if behind else [ber.row(name, ber.END_OF_MIB)]
        return ber.response(request, 0, 0, rows)


def _blank(names: tuple[Oid, ...]) -> list[bytes]:
    return [ber.row(name, ber.NULL) for name in names]


def good_rows(request: ber.DecodedRequest) -> list[bytes]:
    return [ber.row(name, ber.integer(VALUES[name], Counter32.tag)) for name in request.names]


def good_answer(request: ber.DecodedRequest) -> bytes:
    return ber.response(request, 0, 0, good_rows(request))
