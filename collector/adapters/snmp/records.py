"""Counters packed into one octet string, as Brother does (2435.2.3.9.4.2.1.5.5.10.0).

Records `id, 01, length, value` in any order, then one closing byte: FF, or a checksum on some
firmware. Length 04 holds a big-endian counter; other lengths are read over, such as the older
firmware's five-byte form, `id 01 02 value 14`: twentieths of a part's life, no pages. A lone FF
says that the machine keeps no counters (source: github.com/bieniu/brother and its recordings).
"""

from collections.abc import Mapping
from typing import Final

from collector.adapters.snmp.numbers import NumberKind, Unreadable, number, shown
from collector.adapters.snmp.session import Value

_HEAD: Final = 3
_MARK: Final = 1
_PAGES: Final = 4
_LONGEST: Final = 8


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
    if len(rest) < _HEAD or rest[1] != _MARK or not 1 <= rest[2] <= _LONGEST:
        raise Unreadable(f"no record begins with {rest[:_HEAD].hex()}")
    end = _HEAD + rest[2]
    if len(rest) < end:
        raise Unreadable(f"record {rest[0]:02x} is cut off")
    return rest[0], rest[_HEAD:end], rest[end:]
