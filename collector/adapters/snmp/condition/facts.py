"""What a machine says of itself before any profile is known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.client.text import clean
from collector.adapters.snmp.profiles.values import MachinePart, Template
from collector.errors import DeviceError, DeviceNonsense

_LONG = 512
_MAC_BYTES = 6
_LOCAL_BIT = 0x02
_GROUP_BIT = 0x01
_ETHERNET = frozenset({6, 7, 71})
"""ifType ethernetCsmacd, iso88023Csmacd and ieee80211."""
_ALIASES = {"MANUFACTURER": "MFG", "MANUFACTURE": "MFG", "MODEL": "MDL"}


@dataclass(frozen=True, slots=True)
class Device:
    """A row of hrDeviceTable; what it does not say is None."""

    index: int
    type: Oid | None = None
    descr: str | None = None
    id: Oid | None = None


@dataclass(frozen=True)
class Facts:
    """The machine's own words. `base` holds the raw answers, `markers` prtMarkerLifeCount."""

    base: Mapping[Oid, Value] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    markers: Mapping[Oid, Value] = field(default_factory=dict)
    mac: tuple[Oid, str] | None = None

    @cached_property
    def descr(self) -> str | None:
        """The sysDescr, on one line."""
        return text_of(self.base.get(mib.SYS_DESCR))

    @cached_property
    def object_id(self) -> Oid | None:
        """The sysObjectID, or None where it is below no enterprise (some agents send rubbish)."""
        return enterprise(self.base.get(mib.SYS_OBJECT_ID))

    @cached_property
    def device_id(self) -> tuple[Oid, str] | None:
        """The IEEE-1284 string that names a maker, and where it stands."""
        for where in mib.IEEE_1284:
            text = text_of(self.base.get(where))
            if text and "MFG" in id_keys(text):
                return where, text
        return None

    @cached_property
    def printer(self) -> Device | None:
        """The row of the printer itself: by hrDeviceType, else the first with a description."""
        named = [one for one in self.devices if one.type == mib.TYPE_PRINTER]
        described = [one for one in self.devices if one.descr]
        return next(iter(named or described), None)

    def part_index(self, part: MachinePart) -> int | None:
        """Return the hrDeviceIndex of `part`, or None where nothing says which row it is.

        Of several rows the first that has a life count is the machine's own part.
        """
        rows = self._rows_of(part)
        if not rows:
            silent = not any(one.type or one.id for one in self.devices)
            return part.default if silent else None
        counting = {oid[len(mib.MARKER_LIFE)] for oid in self.markers}
        return min(rows, key=lambda index: (index not in counting, index))

    def _rows_of(self, part: MachinePart) -> list[int]:
        tests = (
            [one.index for one in self.devices if one.id and starts(one.id, part.ids)],
            [one.index for one in self.devices if one.type and starts(one.type, part.types)],
            [
                one.index
                for one in self.devices
                if one.descr and part.descr and part.descr.search(one.descr)
            ],
        )
        return next((rows for rows in tests if rows), [])

    def filled(self, template: Template, parts: Mapping[str, MachinePart]) -> Oid | None:
        """Return `template` with the index of each part, or None where one is not known."""
        arcs: list[int] = []
        for arc in template:
            index = self.part_index(parts[arc]) if isinstance(arc, str) else arc
            if index is None:
                return None
            arcs.append(index)
        return tuple(arcs)


def enterprise(value: Value | None) -> Oid | None:
    """Return `value` where it is an object identifier below 1.3.6.1.4.1."""
    if not isinstance(value, tuple) or len(value) <= len(mib.ENTERPRISES):
        return None
    return value if starts(value, (mib.ENTERPRISES,)) else None


def starts(oid: Oid, prefixes: tuple[Oid, ...]) -> bool:
    """Say whether `oid` lies at or below one of `prefixes`."""
    return any(oid[: len(prefix)] == prefix for prefix in prefixes)


def text_of(value: Value | None) -> str | None:
    """Return the words of an octet string, or None."""
    return clean(value, _LONG) if isinstance(value, bytes) else None


def id_keys(text: str) -> Mapping[str, str]:
    """Return the keys of an IEEE-1284 string, long names as their short ones."""
    found: dict[str, str] = {}
    for item in text.split(";"):
        key, colon, value = item.partition(":")
        name = key.strip().upper()
        if colon and value.strip():
            found.setdefault(_ALIASES.get(name, name), value.strip())
    return found


async def gather(session: Session) -> Facts:
    """Ask `session` for everything that does not depend on a profile."""
    first = (mib.SYS_DESCR, mib.SYS_OBJECT_ID, mib.SYS_UPTIME, *mib.IEEE_1284)
    base = {**await session.get(first), **await _printer_name(session)}
    types = await session.walk(mib.DEVICE_TYPE)
    descrs = await session.walk(mib.DEVICE_DESCR)
    ids = await session.walk(mib.DEVICE_ID)
    indexes = sorted({oid[-1] for column in (types, descrs, ids) for oid in column})
    devices = tuple(
        Device(
            index,
            _oid_of(types.get((*mib.DEVICE_TYPE, index))),
            text_of(descrs.get((*mib.DEVICE_DESCR, index))),
            _oid_of(ids.get((*mib.DEVICE_ID, index))),
        )
        for index in indexes
    )
    markers = await session.walk(mib.MARKER_LIFE, known=[(*mib.MARKER_LIFE, 1, 1)])
    rows = {oid: value for oid, value in markers.items() if len(oid) == len(mib.MARKER_LIFE) + 2}
    return Facts(base, devices, rows, await _mac(session))


def _oid_of(value: Value | None) -> Oid | None:
    return value if isinstance(value, tuple) and any(value) else None


async def _printer_name(session: Session) -> Mapping[Oid, Value]:
    """Ask apart: one name more would make the first question too large to be given up at once."""
    try:
        return await session.get((mib.PRINTER_NAME,))
    except DeviceError:
        return {}  # only a model's facts are looked up by it; who fell silent shows that next


async def _mac(session: Session) -> tuple[Oid, str] | None:
    try:
        types = await session.walk(mib.IF_TYPE)
        addresses = await session.walk(mib.IF_ADDRESS)
    except DeviceNonsense:
        return None  # a loop in a table that no counter needs
    found: list[tuple[bool, bool, Oid]] = []
    for oid, value in addresses.items():
        if mac_of(value) is None or not isinstance(value, bytes):
            continue
        kind = types.get((*mib.IF_TYPE, *oid[len(mib.IF_ADDRESS) :]))
        if kind is None or kind in _ETHERNET:
            found.append((bool(value[0] & _LOCAL_BIT), kind is None, oid))
    if not found:
        return None
    oid = min(found)[-1]
    return oid, mac_of(addresses[oid]) or ""


def mac_of(value: Value | None) -> str | None:
    """Return a hardware address as 00:1b:a9:…, or None for none, all zeros or a group."""
    if not isinstance(value, bytes) or len(value) != _MAC_BYTES:
        return None
    if not any(value) or value[0] & _GROUP_BIT:
        return None
    return value.hex(":")


def matches(pattern: re.Pattern[str] | None, text: str | None) -> bool:
    """Say whether `pattern` is found in `text`; no text matches nothing."""
    return pattern is not None and text is not None and pattern.search(text) is not None
