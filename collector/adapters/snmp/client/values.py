"""One row of an answer: its name, and its value where it has one that can be read.

Values are read from their octets (X.690), each by itself, because agents send odd ones: a
Counter32 above 2^31 as a negative number (no leading zero octet), an object identifier or a
number of length 0 (sharpsnmplib #316), types that SNMP does not know. Such a value is absent, and
the rest of the answer is read.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from collector.adapters.snmp.client.bounds import OCTETS, contents, is_name
from collector.adapters.snmp.session import Oid, Value

SIGNED: Final = range(-(2**63), 2**63)
"""Integer32 is what the standard allows; firmware that counts further is believed."""

_LONGEST: Final = 9
"""Octets of a number: 64 bits, and one more that says it is not negative."""

_SEQUENCE: Final = 0x30
_OBJECT_ID: Final = 6
_NO_TAG: Final = 5
_LONG: Final = 0x80
_ARC_BITS: Final = 7


class Blank(Enum):
    """Why a name came back without a value."""

    ABSENT = "absent"
    END = "end"


def binding(data: bytes) -> tuple[Oid, int, Value | Blank]:
    """Return name, type and value of the encoded row in `data`; raises ValueError without a name.

    The type is as ASN.1 numbers it (2 INTEGER, 65 Counter32), NULL for one that SNMP has not.
    """
    tag, start, end = contents(data, 0)
    if tag != _SEQUENCE or end != len(data):
        raise ValueError("a row that is none")
    tag, start, end = contents(data, start)
    name = _name(data[start:end]) if tag == _OBJECT_ID and end <= len(data) else None
    if name is None:
        raise ValueError("an object identifier that no agent may use")
    return name, *_typed(data, end)


def _typed(data: bytes, at: int) -> tuple[int, Value | Blank]:
    """Return the value that begins at `at` and must end where the row does."""
    try:
        tag, start, end = contents(data, at)
    except ValueError:
        return _NO_TAG, Blank.ABSENT
    if end != len(data) or tag not in _READERS:
        return _NO_TAG, Blank.END if tag == _END_OF_VIEW else Blank.ABSENT
    value = _READERS[tag](data[start:end])
    return tag, Blank.ABSENT if value is None else value


def _name(octets: bytes) -> Oid | None:
    """Return an object identifier, None where these octets are none."""
    if not octets or octets[-1] & _LONG:
        return None
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << _ARC_BITS | octet & (_LONG - 1)
        if not octet & _LONG:
            arcs.append(arc)
            arc = 0
    top = min(arcs[0] // 40, 2)
    name = (top, arcs[0] - 40 * top, *arcs[1:])
    return name if is_name(name) else None


def _integer(octets: bytes) -> int | None:
    if not 1 <= len(octets) <= _LONGEST:
        return None
    number = int.from_bytes(octets, "big", signed=True)
    return number if number in SIGNED else None


def _unsigned(modulus: int) -> Callable[[bytes], int | None]:
    """Return what reads a number below `modulus`, also where its zero octet is missing.

    Beyond its type it is no value: cut down to size it would be an invented one.
    """

    def read(octets: bytes) -> int | None:
        if not 1 <= len(octets) <= _LONGEST:
            return None
        number = int.from_bytes(octets, "big", signed=True)
        return number % modulus if -modulus // 2 <= number < modulus else None

    return read


def _octets(octets: bytes) -> bytes:
    return octets[:OCTETS]


_END_OF_VIEW: Final = 0x82
_READERS: Final[Mapping[int, Callable[[bytes], Value | None]]] = {
    2: _integer,
    4: _octets,
    _OBJECT_ID: _name,
    64: _octets,
    65: _unsigned(2**32),
    66: _unsigned(2**32),
    67: _unsigned(2**32),
    68: _octets,
    70: _unsigned(2**64),
}
"""By type. NULL, noSuchObject and noSuchInstance are no values, as any other type is."""
