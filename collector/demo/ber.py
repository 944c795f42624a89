"""The few rules of BER (X.690) that SNMPv1 and v2c need, both ways."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from collector.demo.table import Oid, TypedValue

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
