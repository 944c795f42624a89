"""Counters out of what an agent sent: a number, no number at all, or rubbish.

None means the machine gave no number (a sentinel); `Unreadable` means it sent something that is
no answer to the question. Nothing is ever rounded up, guessed or replaced by 0.
"""

import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collector.adapters.snmp.client.session import Value


class Unreadable(ValueError):
    """The value is there but is no counter; the message says what was found."""


class NumberKind(StrEnum):
    """How an agent writes a counter."""

    COUNTER = "counter"
    """Counter32, Gauge32 or Counter64: 0 to 4294967279."""
    INTEGER = "integer"
    """INTEGER: 0 to 2147483647; larger is a negative number that lost its sign."""
    TEXT = "text"
    """Decimal digits in an octet string (OKI)."""
    FLOAT = "float"
    """IEEE 754 in 4 or 8 octets (HP's equivalent impressions); whole pages, rounded down."""
    BYTES = "bytes"
    """A whole number in 1 to 8 octets, the largest first."""


_COUNTER_MAX: Final = 2**32 - 17
"""The last 16 values of 32 bits are -16 to -1 sent as a Counter32, not pages."""
_INTEGER_MAX: Final = 2**31 - 1
_DIGITS: Final = re.compile(rb"[\s\0]*(?:([+-]?)([0-9]{1,12}))?[\s\0]*")
_LONGEST: Final = 8
_SHOWN: Final = 24
_FLOATS: Final = {4: ">f", 8: ">d"}


def _bounded(number: int, largest: int) -> int | None:
    return number if 0 <= number <= largest else None


def _counter(value: Value) -> int | None:
    if not isinstance(value, int):
        raise Unreadable(f"{shown(value)} is no counter")
    return _bounded(value, _COUNTER_MAX)


def _integer(value: Value) -> int | None:
    if not isinstance(value, int):
        raise Unreadable(f"{shown(value)} is no integer")
    return _bounded(value, _INTEGER_MAX)


def _text(value: Value) -> int | None:
    if isinstance(value, int):
        return _bounded(value, _COUNTER_MAX)
    if not isinstance(value, bytes):
        raise Unreadable(f"{shown(value)} is no number in words")
    written = _DIGITS.fullmatch(value)
    if written is None:
        raise Unreadable(f"{shown(value)} is no number in words")
    sign, digits = written.groups()
    return None if digits is None or sign == b"-" else _bounded(int(digits), _COUNTER_MAX)


def _float(value: Value) -> int | None:
    if isinstance(value, int):
        return _bounded(value, _COUNTER_MAX)
    layout = _FLOATS.get(len(value)) if isinstance(value, bytes) else None
    if layout is None or not isinstance(value, bytes):
        raise Unreadable(f"{shown(value)} is no floating-point number")
    number: float = struct.unpack(layout, value)[0]
    if not math.isfinite(number):
        raise Unreadable(f"{shown(value)} is no finite number")
    return _bounded(math.floor(number), _COUNTER_MAX)


def _bytes(value: Value) -> int | None:
    if isinstance(value, int):
        return _bounded(value, _COUNTER_MAX)
    if not isinstance(value, bytes) or not 1 <= len(value) <= _LONGEST:
        raise Unreadable(f"{shown(value)} is no number in 1 to {_LONGEST} octets")
    return _bounded(int.from_bytes(value, "big"), _COUNTER_MAX)


def shown(value: Value) -> str:
    """Return `value` as a sentence names it, on one line that is not too long."""
    return repr(value[:_SHOWN] if isinstance(value, bytes | tuple) else value)


READERS: Final[Mapping[NumberKind, Callable[[Value], int | None]]] = {
    NumberKind.COUNTER: _counter,
    NumberKind.INTEGER: _integer,
    NumberKind.TEXT: _text,
    NumberKind.FLOAT: _float,
    NumberKind.BYTES: _bytes,
}


@dataclass(frozen=True, slots=True)
class Form:
    """How one counter is written.

    Octets must begin with one of `prefixes`, where there are any; the number follows it.
    `sentinels` are values by which this maker says that there is no number.
    """

    kind: NumberKind = NumberKind.COUNTER
    prefixes: tuple[bytes, ...] = ()
    sentinels: frozenset[int] = frozenset()

    def read(self, value: Value | None) -> int | None:
        """Return the counter in `value`, or None where there is none; raises Unreadable."""
        if self.prefixes and isinstance(value, bytes) and value:
            value = self._after_prefix(value)
        found = None if value is None else READERS[self.kind](value)
        return None if found in self.sentinels else found

    def _after_prefix(self, value: bytes) -> bytes:
        fitting = [one for one in self.prefixes if value.startswith(one)]
        if not fitting:
            raise Unreadable(f"{shown(value)} does not begin with the octets of a counter")
        return value[len(max(fitting, key=len)) :]

    def is_counter(self, value: Value | None) -> bool:
        """Say whether there is a counter, or something unreadable in a counter's place."""
        try:
            return self.read(value) is not None
        except Unreadable:
            return True

    def is_readable(self, value: Value | None) -> bool:
        """Say whether `value` is a counter or a sentinel, and no rubbish."""
        try:
            self.read(value)
        except Unreadable:
            return False
        return True


def number(kind: NumberKind, value: Value | None) -> int | None:
    """Return the counter in `value`, or None where there is none; raises Unreadable."""
    return None if value is None else READERS[kind](value)


PLAIN: Final = Form()
"""A counter as the MIBs define it."""


# Counters packed into one octet string, as Brother does (2435.2.3.9.4.2.1.5.5.10.0).
#
# Records `id, 01, length, value` in any order, then one closing byte: FF, or a checksum on some
# firmware. Length 04 holds a big-endian counter; other lengths are read over, such as the older
# firmware's five-byte form, `id 01 02 value 14`: twentieths of a part's life, no pages. A lone FF
# says that the machine keeps no counters (source: github.com/bieniu/brother and its recordings).


_HEAD: Final = 3
_MARK: Final = 1
_PAGES: Final = 4
_LONGEST_RECORD: Final = 8


def tagged_counters(value: Value | None) -> Mapping[int, int | None]:
    """Return id -> counter (None for a sentinel) of a record; empty where it holds none.

    Raises Unreadable for anything that does not parse to its last byte.
    """
    if value is None:
        return {}
    if not isinstance(value, bytes):
        raise Unreadable(f"{shown(value)} is no record of counters")
    found: dict[int, int | None] = {}
    rest = value
    while len(rest) > 1:
        tag, content, rest = _record(rest)
        if len(content) != _PAGES:
            continue
        pages = number(NumberKind.COUNTER, int.from_bytes(content, "big"))
        if found.setdefault(tag, pages) != pages:
            raise Unreadable(f"record {tag:02x} appears twice with different counters")
    return found


def _record(rest: bytes) -> tuple[int, bytes, bytes]:
    if len(rest) < _HEAD or rest[1] != _MARK or not 1 <= rest[2] <= _LONGEST_RECORD:
        raise Unreadable(f"no record begins with {rest[:_HEAD].hex()}")
    end = _HEAD + rest[2]
    if len(rest) < end:
        raise Unreadable(f"record {rest[0]:02x} is cut off")
    return rest[0], rest[_HEAD:end], rest[end:]
