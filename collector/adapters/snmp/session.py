"""One conversation with one SNMP agent, as the decoder needs it. Absent is not in the answer."""

from collections.abc import Mapping, Sequence
from typing import Protocol

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
    return tuple(int(arc) for arc in text.strip().lstrip(".").split("."))


def dotted(numbers: Oid) -> str:
    """Return `numbers` in dotted form."""
    return ".".join(map(str, numbers))
