"""Every number in a walk that may be a page counter, and how it is written. Pure.

Taken are the makers' trees and the Printer-MIB's life count. Left out are what a recording leaves
out (logs, address books), times, and all other numbers of the standard MIBs: levels of toner and
sizes of paper are no pages.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.numbers import Form, NumberKind, Unreadable
from collector.adapters.snmp.plan import Cell
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.walk import Row
from collector.adapters.snmp.records import tagged_counters
from collector.adapters.snmp.session import Oid, Value

_TIME_TICKS: Final = 67
_IP_ADDRESS: Final = 64
_LEAST_RECORD: Final = 8
_LAYOUTS: Final = {4: ">f", 8: ">d"}
_LARGEST: Final = 2**32
_BYTES: Final = range(2, 9)
_PLAIN: Final = range(0x20, 0x7F)
SYMBOL_SETS: Final = (b"\x01\x15", b"\xfd\xe8")
"""Octets that HP writes before a text: the number of its symbol set."""


def number_at(cell: Cell, values: Mapping[Oid, Value]) -> int | None:
    """Return the counter that `cell` holds among `values`, or None where there is none."""
    raw = values.get(cell.oid)
    try:
        if cell.tag is None:
            return cell.form.read(raw)
        return cell.form.read(tagged_counters(raw).get(cell.tag))
    except Unreadable:
        return None


def cells_in(rows: Mapping[Oid, Row], discretion: Discretion) -> Iterator[Cell]:
    """Yield the cells of `rows` that hold a number, in the order of their OIDs.

    Octets that can be read in two ways are two cells of one OID.
    """
    for oid in sorted(rows):
        tag, value = rows[oid]
        if not _may_count(oid) or tag == _TIME_TICKS or discretion.barred(oid) is not None:
            continue
        if isinstance(value, int):
            if Form().read(value) is not None:
                yield Cell(oid)
        elif isinstance(value, bytes) and tag != _IP_ADDRESS and discretion.kind_of(oid) is None:
            yield from _in_octets(oid, value)


def _may_count(oid: Oid) -> bool:
    is_makers = oid[: len(mib.ENTERPRISES)] == mib.ENTERPRISES
    return is_makers or oid[: len(mib.MARKER_LIFE)] == mib.MARKER_LIFE


def _in_octets(oid: Oid, value: bytes) -> Iterator[Cell]:
    tags = _tags(value)
    if tags:
        yield from (Cell(oid, Form(), tag) for tag in tags)
        return
    for form in _forms(value):
        try:
            found = form.read(value)
        except Unreadable:
            continue
        if found is not None:
            yield Cell(oid, form)


def _tags(value: bytes) -> list[int]:
    """Return the tags of a record of counters, none where `value` is no such thing."""
    if len(value) < _LEAST_RECORD:
        return []
    try:
        return sorted(tagged_counters(value))
    except Unreadable:
        return []


def _forms(value: bytes) -> Iterator[Form]:
    prefix = next((one for one in SYMBOL_SETS if value.startswith(one)), None)
    if prefix is not None:
        yield Form(NumberKind.TEXT, SYMBOL_SETS)
    elif _is_plain(value):
        yield Form(NumberKind.TEXT)
    if _is_float(value):
        yield Form(NumberKind.FLOAT)
    if len(value) in _BYTES and not _is_plain(value):
        yield Form(NumberKind.BYTES)


def _is_float(value: bytes) -> bool:
    """Say whether `value` may be a count in floating point; four letters of a text are none."""
    layout = _LAYOUTS.get(len(value))
    if layout is None:
        return False
    number: float = struct.unpack(layout, value)[0]
    if not math.isfinite(number) or not 1 <= number < _LARGEST:
        return False
    return number.is_integer() or not _is_plain(value)


def _is_plain(value: bytes) -> bool:
    """Say whether `value` is a text; firmware ends some with a NUL, and begins none with it."""
    text = value.rstrip(b"\0\r\n\t ")
    return bool(text) and all(octet in _PLAIN for octet in text)
