"""The ordinary question and its ordinary answer: what nearly every poll is, read without a library.

The names of a GET are encoded once. An answer is read here only where it is, octet by octet, what
an agent gives that has every value and keeps to the standard: the names as they were asked, in that
order, lengths and numbers in as few octets as they need, no error, nothing before, between or
behind. Whatever differs is None, and left to `codec`: that reader alone knows what is odd, and
both give the same where this one gives anything.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from collector.adapters.snmp.client.codec import (
    OCTETS,
    SIGNED,
    Reply,
    Request,
    RequestKind,
    is_name,
    name_in,
)
from collector.adapters.snmp.client.session import Oid, Value

_NUMBERS: Final = range(2**23, 2**31)
"""Positive numbers of four octets, so that a question keeps its length."""

_MOST_NAMES: Final = 1_000
"""More than any agent answers at once; what is beyond is counted by `codec` (`PARTS`)."""

_SHORTEST_NAME: Final = 2
_TOPS: Final = 2
_UNDER_A_TOP: Final = 40
_SEQUENCE: Final = 0x30
_RESPONSE: Final = 0xA2
_INTEGER: Final = 2
_OCTET_STRING: Final = 4
_OBJECT_ID: Final = 6
_IP_ADDRESS: Final = 64
_IP_OCTETS: Final = 4
_SHORT: Final = 0x80
"""Lengths below it stand for themselves; it is the sign of a number's first octet, too."""

_ONE_MORE, _TWO_MORE = 0x81, 0x82
_BEYOND: Final[Mapping[int, int]] = {
    _INTEGER: SIGNED.stop,
    65: 2**32,
    66: 2**32,
    67: 2**32,
    70: 2**64,
}
"""By the type of a number, the first one that is too large for it."""

_LEAST: Final = (2**64, 0, *(1 << (8 * size - 9) for size in range(2, 10)))
"""By size in octets, the least positive number that needs so many; none needs no octet."""

_PDUS: Final = {RequestKind.GET: 0xA0, RequestKind.NEXT: 0xA1, RequestKind.BULK: 0xA5}
_NULL: Final = b"\x05\x00"
_NO_ERROR: Final = b"\x02\x01\x00\x02\x01\x00"


def new_number() -> int:
    """Return the random number of a question (RFC 3416 section 3)."""
    return _NUMBERS.start + secrets.randbelow(len(_NUMBERS))


def tlv(tag: int, content: bytes) -> bytes:
    """Return `content` behind its tag and its length (X.690 section 8.1.3)."""
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(digits))) + digits + content


def integer(number: int) -> bytes:
    """Return a number that is not negative, as an INTEGER."""
    return tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    """Return `content` as an OCTET STRING."""
    return tlv(_OCTET_STRING, content)


def content(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the content of the value at `at` begins and ends.

    Raises ValueError or IndexError where it has another tag or an odd length, or is cut off.
    """
    size, start = data[at + 1], at + 2
    if size >= _SHORT:
        size, start = _long(data, size, start)
    if data[at] != tag or start + size > len(data):
        raise ValueError("not what was expected")
    return start, start + size


def number_in(data: bytes, at: int) -> tuple[int, int]:
    """Return the INTEGER at `at`, which is not negative, and where it ends; raises as `content`."""
    start, end = content(data, at, _INTEGER)
    number = int.from_bytes(data[start:end], "big")
    if data[start] >= _SHORT or number < _LEAST[end - start]:
        raise ValueError("a number that is odd")
    return number, end


@dataclass(frozen=True, slots=True)
class AskedNames:
    """The names of one question, each in octets, and all of them as it asks them."""

    names: tuple[Oid, ...]
    heads: tuple[bytes, ...]
    bindings: bytes

    def request(self, number: int, kind: RequestKind, repetitions: int = 0) -> bytes:
        """Return the PDU that asks for the names with a `new_number`."""
        counts = _NO_ERROR
        if kind is RequestKind.BULK:
            counts = integer(0) + integer(repetitions)  # of no name once only
        return tlv(_PDUS[kind], b"\x02\x04" + number.to_bytes(4, "big") + counts + self.bindings)

    def answered(self, data: bytes, at: int, number: int) -> Reply | None:
        """Return the answer to a GET with `number` that is all of `data` from `at` on."""
        same = b"\x02\x04" + number.to_bytes(4, "big") + _NO_ERROR
        try:
            at, end = content(data, at, _RESPONSE)
            first, last = content(data, at + len(same), _SEQUENCE)
            rows = self._rows(data, first)
        except (IndexError, ValueError):
            return None
        if rows is None or not end == last == len(data) or not data.startswith(same, at):
            return None
        tags, values = rows
        found = tuple(zip(self.names, values, strict=True))
        return Reply(number, 0, 0, found, tags=tuple(tags), is_ordinary=True)

    def _rows(self, data: bytes, at: int) -> tuple[list[int], list[Value]] | None:
        """Return types and values of the rows from `at` to the end; may raise IndexError.

        One loop without a call: it runs for every counter of every machine.
        """
        tags: list[int] = []
        values: list[Value] = []
        for head in self.heads:
            row, size, at = data[at], data[at + 1], at + 2
            if size >= _SHORT:
                size, at = _long(data, size, at)
            is_asked = row == _SEQUENCE and data.startswith(head, at)
            end, at = at + size, at + len(head)
            tag, size, at = data[at], data[at + 1], at + 2
            if size >= _SHORT:
                size, at = _long(data, size, at)
            if not is_asked or at + size != end:
                return None
            value: Value | None
            beyond = _BEYOND.get(tag)
            if beyond is None:
                value = _no_number(tag, data[at:end])
            elif data[at] >= _SHORT:
                value = _negative(tag, data[at:end])
            else:
                value = int.from_bytes(data[at:end], "big")
                value = value if _LEAST[size] <= value < beyond else None
            if value is None:
                return None
            tags.append(tag)
            values.append(value)
            at = end
        return (tags, values) if at == len(data) else None


def _long(data: bytes, form: int, at: int) -> tuple[int, int]:
    """Return a length of one or two octets more and where it ends; no length of these if odd."""
    if form == _ONE_MORE and data[at] >= _SHORT:
        return data[at], at + 1
    if form == _TWO_MORE and data[at]:
        return data[at] << 8 | data[at + 1], at + 2
    return len(data), at


def _no_number(tag: int, octets: bytes) -> Value | None:
    """Return the value in `octets`; None for all but the plain types."""
    if tag == _OCTET_STRING:
        return octets if len(octets) <= OCTETS else None
    if tag == _OBJECT_ID:
        return name_in(octets)
    return octets if tag == _IP_ADDRESS and len(octets) == _IP_OCTETS else None


def _negative(tag: int, octets: bytes) -> int | None:
    """Return one of the small numbers below 0 that mean "unknown", and no other."""
    return octets[0] - 0x100 if tag == _INTEGER and len(octets) == 1 else None


def asked_in(question: Request) -> AskedNames | None:
    """Return the names of `question` in octets; None where they are not for this module."""
    return _asked(question.oids)


@lru_cache(maxsize=4096)  # machines of one model share them
def _asked(names: tuple[Oid, ...]) -> AskedNames | None:
    if not 0 < len(names) <= _MOST_NAMES or not all(map(_is_plain, names)):
        return None
    heads = tuple(tlv(_OBJECT_ID, _arcs(name)) for name in names)
    rows = b"".join(tlv(_SEQUENCE, head + _NULL) for head in heads)
    return AskedNames(names, heads, tlv(_SEQUENCE, rows))


def _is_plain(name: Oid) -> bool:
    """Say whether `name` is an object identifier as X.690 section 8.19 writes one."""
    is_long_enough = len(name) >= _SHORTEST_NAME and is_name(name)
    return is_long_enough and name[0] <= _TOPS and name[1] < _UNDER_A_TOP


def _arcs(name: Oid) -> bytes:
    written = bytearray()
    for arc in (_UNDER_A_TOP * name[0] + name[1], *name[2:]):
        septets = [arc & 0x7F]
        rest = arc >> 7
        while rest:
            septets.append(rest & 0x7F | _SHORT)
            rest >>= 7
        written += bytes(reversed(septets))
    return bytes(written)


class CommunityFrame:
    """What stands around the questions of one version and community."""

    def __init__(self, version: Literal["1", "2c"], community: str) -> None:
        """Encode both once."""
        self._head = integer(0 if version == "1" else 1) + octets(community.encode())

    def request(self, asked: AskedNames, number: int, question: Request) -> bytes:
        """Return the whole message with a `new_number`."""
        pdu = asked.request(number, question.kind, question.repetitions)
        return tlv(_SEQUENCE, self._head + pdu)

    def answer(self, asked: AskedNames, number: int, data: bytes) -> Reply | None:
        """Return the ordinary answer in `data` to a GET with `number`."""
        try:
            at, end = content(data, 0, _SEQUENCE)
        except (IndexError, ValueError):
            return None
        if end != len(data) or not data.startswith(self._head, at):
            return None
        return asked.answered(data, at + len(self._head), number)
