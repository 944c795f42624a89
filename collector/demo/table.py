"""What a simulated copier holds: typed values by object identifier, in order, changeable."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final

Oid = tuple[int, ...]
_MODULUS: Final = 2**32


@dataclass(frozen=True, slots=True)
class Integer:
    """INTEGER, -2^31 to 2^31 - 1."""

    tag: ClassVar[int] = 0x02
    value: int


@dataclass(frozen=True, slots=True)
class Counter32:
    """Counter32, 0 to 2^32 - 1."""

    tag: ClassVar[int] = 0x41
    value: int


@dataclass(frozen=True, slots=True)
class Gauge32:
    """Gauge32, 0 to 2^32 - 1."""

    tag: ClassVar[int] = 0x42
    value: int


@dataclass(frozen=True, slots=True)
class TimeTicks:
    """TimeTicks, hundredths of a second."""

    tag: ClassVar[int] = 0x43
    value: int


@dataclass(frozen=True, slots=True)
class Counter64:
    """Counter64; an SNMPv1 request does not see it (RFC 3584 section 4.2.2.1)."""

    tag: ClassVar[int] = 0x46
    value: int


@dataclass(frozen=True, slots=True)
class OctetString:
    """OCTET STRING."""

    tag: ClassVar[int] = 0x04
    value: bytes


@dataclass(frozen=True, slots=True)
class IpAddress:
    """IpAddress, four octets."""

    tag: ClassVar[int] = 0x40
    value: bytes


@dataclass(frozen=True, slots=True)
class ObjectIdentifier:
    """OBJECT IDENTIFIER."""

    tag: ClassVar[int] = 0x06
    value: Oid


Number = Integer | Counter32 | Gauge32 | TimeTicks | Counter64
TypedValue = Number | OctetString | IpAddress | ObjectIdentifier


class MibTable(MutableMapping[Oid, TypedValue]):
    """Objects in the order in which an agent walks them. A running agent sees every change."""

    def __init__(self, objects: Mapping[Oid, TypedValue] | None = None) -> None:
        """Start with `objects`."""
        self._objects = dict(objects or {})
        self._order: list[Oid] | None = None

    def __getitem__(self, name: Oid) -> TypedValue:
        """Return the value of `name`; raises KeyError."""
        return self._objects[name]

    def __setitem__(self, name: Oid, value: TypedValue) -> None:
        """Add or replace an object."""
        if name not in self._objects:
            self._order = None
        self._objects[name] = value

    def __delitem__(self, name: Oid) -> None:
        """Remove an object; raises KeyError."""
        del self._objects[name]
        self._order = None

    def __contains__(self, name: object) -> bool:
        """Say whether there is an object called `name`."""
        return name in self._objects

    def __iter__(self) -> Iterator[Oid]:
        """Yield the names in agent order."""
        return iter(self._in_order())

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self._objects)

    def become(self, objects: Mapping[Oid, TypedValue]) -> None:
        """Hold `objects` and nothing else."""
        self._objects = dict(objects)
        self._order = None

    def after(self, name: Oid) -> Oid | None:
        """Return the first name behind `name`, or None at the end."""
        order = self._in_order()
        place = bisect_right(order, name)
        return order[place] if place < len(order) else None

    def grow(self, name: Oid, by: int) -> None:
        """Add `by` to a number; a 32-bit one wraps as in a machine.

        Raises KeyError, or TypeError where `name` is no number.
        """
        held = self._objects[name]
        if isinstance(held, OctetString | IpAddress | ObjectIdentifier):
            raise TypeError(f"{name} is no number")
        wraps = isinstance(held, Counter32 | Gauge32 | TimeTicks)
        total = held.value + by
        self._objects[name] = replace(held, value=total % _MODULUS if wraps else total)

    def _in_order(self) -> list[Oid]:
        """Return the names in agent order, sorted when somebody asks after a change."""
        if self._order is None:
            self._order = sorted(self._objects)
        return self._order
