"""One conversation with one SNMP agent, as the decoder needs it. Absent is not in the answer."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

_LONGEST_ARC: Final = 20
"""Digits of an arc: RFC 2578 has at most ten, and agents that say -1 wrongly say no more."""

Oid = tuple[int, ...]
Value = int | bytes | Oid
"""Integers, counters, gauges and TimeTicks as int; octet strings and IpAddress as bytes;
object identifiers as tuples. noSuchObject, noSuchInstance, endOfMibView and NULL are absent."""


class Session(Protocol):
    """Asks one agent with one credential. Raises only errors of `collector.errors.DeviceError`."""

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return the values of `oids`, without those the agent does not have.

        One request where the agent allows; split in halves on tooBig, or when the agent stays
        silent to a large one. An SNMPv1 agent that refuses the whole request for one unknown
        OID (noSuchName, RFC 1157 section 4.1.2) is asked again without it.
        """
        ...

    async def walk(self, root: Oid, limit: int = 4096) -> Mapping[Oid, Value]:
        """Return the values below `root` in agent order, at most `limit`.

        Raises DeviceNonsense where OIDs do not increase (an agent in a loop).
        """
        ...

    async def close(self) -> None:
        """Release the socket."""
        ...


def oid(text: str) -> Oid:
    """Return `text` (dotted, leading dot allowed) as numbers; raises ValueError."""
    return tuple(arc_of(arc) for arc in text.strip().removeprefix(".").split("."))


def arc_of(text: str) -> int:
    """Return one arc: plain digits, without the sign, blank or _ that Python takes for part of it.

    Raises ValueError.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_ARC:
        message = f"{text[:_LONGEST_ARC]!r} is no arc"
        raise ValueError(message)
    return int(text)


def dotted(numbers: Oid) -> str:
    """Return `numbers` in dotted form."""
    return ".".join(map(str, numbers))
