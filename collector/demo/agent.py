"""One simulated copier: an SNMP agent on a UDP port of its own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from collector.demo import ber
from collector.demo.ber import DecodedRequest, NotSnmp
from collector.demo.table import Counter64, MibTable, Oid

_V1: Final = 0
_TOO_BIG, _NO_SUCH_NAME = 1, 2
_COMFORTABLE: Final = 1400
"""Octets of rows after which a GETBULK answer ends, so that it fits an Ethernet frame."""

_JUNK: Final = b"@PJL INFO STATUS\r\n"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is wrong with an agent; by default nothing.

    `silent` never answers, nor does `silent_above` to more names than that. Above
    `max_varbinds` names the answer is tooBig. `v1_only` drops v2c. `rubbish` answers with
    octets that are no SNMP. Each answer waits `delay_s` seconds.
    """

    silent: bool = False
    silent_above: int | None = None
    max_varbinds: int | None = None
    v1_only: bool = False
    rubbish: bool = False
    delay_s: float = 0.0


class SimulatedAgent(asyncio.DatagramProtocol):
    """Answers GET, GETNEXT and GETBULK over SNMPv1 and v2c from `table`.

    Both `table` and `behaviour` may be changed while it runs. A wrong community is dropped
    without a word, as real agents do. `requests` counts what was asked with the right one.
    """

    def __init__(
        self,
        table: MibTable,
        community: str = "public",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        behaviour: Behaviour | None = None,
    ) -> None:
        """Hold `table`; port 0 is any free one, known as `port` after `start`."""
        self.table = table
        self.community = community
        self.host = host
        self.port = port
        self.behaviour = behaviour or Behaviour()
        self.requests = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._gone = asyncio.Event()

    async def start(self) -> None:
        """Answer from now on; raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self._gone.clear()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.host, self.port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    async def close(self) -> None:
        """Stop answering and free the port; safe to call twice."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            await self._gone.wait()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        await self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # closed by us
        """Let `close` return."""
        self._gone.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one request, or drop it."""
        try:
            request = ber.parse(data)
        except NotSnmp:
            return
        if request.community != self.community.encode():
            return
        self.requests += 1
        answer = self._answer(request)
        if answer is None:
            return
        if self.behaviour.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self.behaviour.delay_s, self._send, answer, addr)
        else:
            self._send(answer, addr)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(answer, addr)

    def _answer(self, request: DecodedRequest) -> bytes | None:
        behaviour, count = self.behaviour, len(request.names)
        is_v1 = request.version == _V1
        quiet_above = behaviour.silent_above
        too_many = quiet_above is not None and count > quiet_above
        if behaviour.silent or too_many or (behaviour.v1_only and not is_v1):
            return None
        if behaviour.rubbish:
            return _JUNK
        if behaviour.max_varbinds is not None and count > behaviour.max_varbinds:
            return ber.response(request, _TOO_BIG, 0, _echo(request) if is_v1 else [])
        return self._served(request, is_v1=is_v1)

    def _served(self, request: DecodedRequest, *, is_v1: bool) -> bytes | None:
        if request.kind == ber.BULK and not is_v1:
            return ber.response(request, 0, 0, self._bulk(request))
        if request.kind in {ber.GET, ber.NEXT}:
            return self._plain(request, is_v1=is_v1)
        return None

    def _plain(self, request: DecodedRequest, *, is_v1: bool) -> bytes:
        rows: list[bytes] = []
        for place, name in enumerate(request.names, start=1):
            found = name if request.kind == ber.GET else self._after(name, is_v1=is_v1)
            value = self.table.get(found) if found is not None else None
            if found is not None and value is not None and not (is_v1 and _is_v2(value)):
                rows.append(ber.row(found, ber.encoded(value)))
            elif is_v1:
                return ber.response(request, _NO_SUCH_NAME, place, _echo(request))
            else:
                blank = ber.NO_SUCH_OBJECT if request.kind == ber.GET else ber.END_OF_MIB
                rows.append(ber.row(name, blank))
        return ber.response(request, 0, 0, rows)

    def _after(self, name: Oid, *, is_v1: bool) -> Oid | None:
        found = self.table.after(name)
        while is_v1 and found is not None and _is_v2(self.table[found]):
            found = self.table.after(found)
        return found

    def _bulk(self, request: DecodedRequest) -> Iterator[bytes]:
        """Yield the rows of RFC 3416 section 4.2.3, as many as fit a frame."""
        size = 0
        for row in self._bulk_rows(request):
            size += len(row)
            if size > _COMFORTABLE and size > len(row):
                return
            yield row

    def _bulk_rows(self, request: DecodedRequest) -> Iterator[bytes]:
        once = max(0, request.first)
        for name in request.names[:once]:
            yield self._step(name)[1]
        columns = list(request.names[once:])
        for _ in range(max(0, request.second) if columns else 0):
            steps = [self._step(name) for name in columns]
            yield from (row for _, row in steps)
            if all(found is None for found, _ in steps):
                return
            columns = [found or name for (found, _), name in zip(steps, columns, strict=True)]

    def _step(self, name: Oid) -> tuple[Oid | None, bytes]:
        found = self.table.after(name)
        if found is None:
            return None, ber.row(name, ber.END_OF_MIB)
        return found, ber.row(found, ber.encoded(self.table[found]))


def _is_v2(value: object) -> bool:
    return isinstance(value, Counter64)


def _echo(request: DecodedRequest) -> list[bytes]:
    return [ber.row(name, ber.NULL) for name in request.names]
