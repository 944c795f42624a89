"""One conversation with one SNMP agent, as the decoder needs it. Absent is not in the answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

_LONGEST_ARC: Final = 20
"""Digits of an arc: RFC 2578 has at most ten, and agents that say -1 wrongly say no more."""

LAST_ARC: Final = 2**32 - 1
"""The largest number that an object identifier may hold."""

Oid = tuple[int, ...]
Value = int | bytes | Oid
"""Integers, counters, gauges and TimeTicks as int; octet strings (no longer than 8 KB, the rest is
cut off) and IpAddress as bytes; object identifiers as tuples. noSuchObject, noSuchInstance,
endOfMibView, NULL and numbers beyond their type are absent."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How one agent wants to be asked, as it was learnt. By default it has no peculiarities.

    `at_once` is how many names a request may hold, None where no limit was met; `rows` how many
    rows a GETBULK may ask for, 1 where only GETNEXT works. `refused` are names for which a whole
    GET fails, `by_next` those that a GET denies although a GETNEXT gives them.
    """

    at_once: int | None = None
    rows: int | None = None
    refused: frozenset[Oid] = frozenset()
    by_next: frozenset[Oid] = frozenset()


class Session(Protocol):
    """Asks one agent with one credential. Raises only errors of `collector.errors.DeviceError`."""

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return the values of `oids`, without those the agent does not have.

        One request where the agent allows; split in halves on tooBig, or when the agent stays
        silent to a large one. An agent that refuses the whole request for one OID (noSuchName
        of SNMPv1, RFC 1157 section 4.1.2; genErr; noAccess) is asked again without it. What GET
        does not give is sought once by GETNEXT. Raises where nothing at all is answered but
        errors.
        """
        ...

    async def walk(
        self, root: Oid, limit: int = 4096, known: Sequence[Oid] = ()
    ) -> Mapping[Oid, Value]:
        """Return the values below `root` in agent order, at most `limit`.

        An agent that gives an error, a row again or rows that are not sorted ends the walk where
        nothing new lies behind; what was read is kept, and what is missing of `known` is asked
        for by name. Raises DeviceNonsense where the end is not in sight after a minute or some
        megabytes.
        """
        ...

    async def close(self) -> None:
        """Release the socket."""
        ...


class LearningSession(Session, Protocol):
    """A session that learns how its agent wants to be asked, so that it is learnt only once."""

    @property
    def manners(self) -> Manners:
        """What was learnt so far, or told by `adopt`."""
        ...

    def adopt(self, manners: Manners) -> None:
        """Ask by `manners` from now on, forgetting what was learnt before."""
        ...


def is_below(name: Oid, root: Oid) -> bool:
    """Say whether `name` lies in the subtree of `root`, and is not `root` itself."""
    return len(name) > len(root) and name[: len(root)] == root


def beyond(name: Oid, root: Oid) -> Iterator[Oid]:
    """Yield names below `root` from which to go on behind `name` where it cannot be passed.

    First the name next to it, then ever farther ones: behind its column, its table.
    """
    for length in range(len(name), len(root), -1):
        if name[length - 1] < LAST_ARC:
            yield (*name[: length - 1], name[length - 1] + 1)


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
