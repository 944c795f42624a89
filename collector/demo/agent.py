"""One simulated copier: an SNMP agent on a UDP port of its own."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from collector.demo.table import Counter64, MibTable, Oid, TypedValue

# The few rules of BER (X.690) that SNMPv1 and v2c need, both ways.


SEQUENCE: Final = 0x30
INTEGER: Final = 0x02
OCTETS: Final = 0x04
OBJECT_ID: Final = 0x06
NULL: Final = b"\x05\x00"
NO_SUCH_OBJECT: Final = b"\x80\x00"
END_OF_MIB: Final = b"\x82\x00"
GET, NEXT, RESPONSE, BULK = 0xA0, 0xA1, 0xA2, 0xA5
_LONG: Final = 0x80
_ARC_BITS: Final = 7


class NotSnmp(ValueError):
    """These octets are no request."""


@dataclass(frozen=True, slots=True)
class DecodedRequest:
    """A request as it came. In a BULK, `first` is non-repeaters and `second` max-repetitions."""

    version: int
    community: bytes
    kind: int
    request_id: int
    first: int
    second: int
    names: tuple[Oid, ...]


def parse(data: bytes) -> DecodedRequest:
    """Return the request in `data`; raises NotSnmp."""
    (message,) = _take(data, SEQUENCE)
    parts = list(_fields(message))
    if [tag for tag, _ in parts[:-1]] != [INTEGER, OCTETS]:
        raise NotSnmp("version, community and request are missing")
    (_, version), (_, community), (kind, body) = parts
    numbers = list(_fields(body))
    if [tag for tag, _ in numbers] != [INTEGER, INTEGER, INTEGER, SEQUENCE]:
        raise NotSnmp("a request has three numbers and a list")
    request_id, first, second = (_integer(octets) for _, octets in numbers[:3])
    names = tuple(_name(octets) for tag, octets in _fields(numbers[3][1]) if tag == SEQUENCE)
    return DecodedRequest(_integer(version), community, kind, request_id, first, second, names)


def response(request: DecodedRequest, error: int, index: int, rows: Iterable[bytes]) -> bytes:
    """Return the whole answer to `request`."""
    head = b"".join(map(integer, (request.request_id, error, index)))
    pdu = tlv(RESPONSE, head + tlv(SEQUENCE, b"".join(rows)))
    return tlv(SEQUENCE, integer(request.version) + tlv(OCTETS, request.community) + pdu)


def row(name: Oid, value: bytes) -> bytes:
    """Return one variable binding with an encoded value."""
    return tlv(SEQUENCE, tlv(OBJECT_ID, _arcs(name)) + value)


def encoded(value: TypedValue) -> bytes:
    """Return a value with its tag."""
    held = value.value
    if isinstance(held, int):
        return integer(held, value.tag)
    return tlv(value.tag, held if isinstance(held, bytes) else _arcs(held))


def integer(number: int, tag: int = INTEGER) -> bytes:
    """Return a number in as few octets as two's complement needs."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return tlv(tag, number.to_bytes(size, "big", signed=True))


def tlv(tag: int, content: bytes) -> bytes:
    """Return `content` behind its tag and length."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(digits))) + digits + content


def _take(data: bytes, tag: int) -> tuple[bytes]:
    for found, content in _fields(data):
        if found == tag:
            return (content,)
        break
    raise NotSnmp(f"no field with tag {tag:#x}")


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(data):
        if start + 2 > len(data):
            raise NotSnmp("a field without a length")
        tag, size = data[start], data[start + 1]
        start += 2
        if size & _LONG:
            digits = size & ~_LONG
            size = int.from_bytes(data[start : start + digits], "big")
            start += digits
        if start + size > len(data):
            raise NotSnmp("a field longer than its message")
        yield tag, data[start : start + size]
        start += size


def _integer(octets: bytes) -> int:
    return int.from_bytes(octets, "big", signed=True)


def _name(binding: bytes) -> Oid:
    (octets,) = _take(binding, OBJECT_ID)
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << _ARC_BITS | octet & (_LONG - 1)
        if not octet & _LONG:
            arcs.append(arc)
            arc = 0
    if not arcs:
        raise NotSnmp("an empty object identifier")
    top = min(arcs[0] // 40, 2)
    return (top, arcs[0] - 40 * top, *arcs[1:])


def _arcs(name: Oid) -> bytes:
    first, second, *rest = (*name, 0, 0)[: max(2, len(name))]
    octets = bytearray()
    for arc in (40 * first + second, *rest):
        septets = [arc & (_LONG - 1)]
        while arc := arc >> _ARC_BITS:
            septets.append(arc & (_LONG - 1) | _LONG)
        octets += bytes(reversed(septets))
    return bytes(octets)


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
            request = parse(data)
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
            return response(request, _TOO_BIG, 0, _echo(request) if is_v1 else [])
        return self._served(request, is_v1=is_v1)

    def _served(self, request: DecodedRequest, *, is_v1: bool) -> bytes | None:
        if request.kind == BULK and not is_v1:
            return response(request, 0, 0, self._bulk(request))
        if request.kind in {GET, NEXT}:
            return self._plain(request, is_v1=is_v1)
        return None

    def _plain(self, request: DecodedRequest, *, is_v1: bool) -> bytes:
        rows: list[bytes] = []
        for place, name in enumerate(request.names, start=1):
            found = name if request.kind == GET else self._after(name, is_v1=is_v1)
            value = self.table.get(found) if found is not None else None
            if found is not None and value is not None and not (is_v1 and _is_v2(value)):
                rows.append(row(found, encoded(value)))
            elif is_v1:
                return response(request, _NO_SUCH_NAME, place, _echo(request))
            else:
                blank = NO_SUCH_OBJECT if request.kind == GET else END_OF_MIB
                rows.append(row(name, blank))
        return response(request, 0, 0, rows)

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
            return None, row(name, END_OF_MIB)
        return found, row(found, encoded(self.table[found]))


def _is_v2(value: object) -> bool:
    return isinstance(value, Counter64)


def _echo(request: DecodedRequest) -> list[bytes]:
    return [row(name, NULL) for name in request.names]
