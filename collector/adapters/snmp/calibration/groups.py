"""Which counters may be added up: those of one stated family, one table, or one line of a table.

Counters of different families show the same pages twice, so a sum never mixes them; one whose
family is stated is never added to one whose family is not. Pure.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.calibration.counters import Counter

_LINES: Final = (1, 2, 3)
"""A line: all arcs but one agree. The one that varies is the last, or one of the two before."""

_SHORTEST: Final = len(mib.ENTERPRISES) + 1


def groups(counters: Sequence[Counter]) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more counters, by their places in `counters`, each group once."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for at, counter in enumerate(counters):
        for key in _keys(counter):
            found[key].append(at)
    every = tuple(dict.fromkeys(tuple(one) for one in found.values() if len(one) > 1))
    sets = [frozenset(one) for one in every]
    holding: dict[int, list[frozenset[int]]] = defaultdict(list)
    for members in sets:
        for at in members:
            holding[at].append(members)
    return tuple(
        one
        for one, members in zip(every, sets, strict=True)
        if not any(members < other for other in holding[one[0]])
    )


def _keys(counter: Counter) -> Iterator[Hashable]:
    if counter.known.families:
        yield from (("family", one) for one in sorted(counter.known.families))
        return
    yield ("table", counter.table)
    if len(counter.cells) != 1 or counter.cells[0].tag is not None:
        return
    oid = counter.cells[0].oid
    for back in _LINES:
        if len(oid) - back > _SHORTEST:
            yield ("line", back, oid[: len(oid) - back], oid[len(oid) - back + 1 :])
