"""The counters of one machine by the names that a profile gives them, or could give them. Pure.

Every number of a walk has one name: the family profile's own where it has one, else a new row of
a table that the family knows, else a row of a table that describes itself, else its bare OID.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from collector.adapters.snmp.calibration.cells import number_at
from collector.adapters.snmp.calibration.words import Meaning, meaning
from collector.adapters.snmp.numbers import PLAIN, Form
from collector.adapters.snmp.plan import Cell
from collector.adapters.snmp.profile_sources import (
    Columns,
    Counted,
    RecordSource,
    RowName,
    Scalar,
    Source,
    Table,
)
from collector.adapters.snmp.profile_values import Profile, Term
from collector.adapters.snmp.session import Oid, Value

Place = tuple[Oid, int | None]
"""Where a number stands: its OID, and the tag inside a record."""


class Naming(IntEnum):
    """By what a counter is known; the lower, the surer that it is found again."""

    OWN = 0
    """By the name that the family profile has for it."""
    ROW = 1
    """By code or label, in a table that the family profile knows."""
    LABELLED = 2
    """By its label, in a table that no profile knows."""
    BARE = 3
    """By its OID alone."""


@dataclass(frozen=True, slots=True)
class Added:
    """What a profile must say besides to know a counter.

    A scalar or a record has its `oid`; a row has its `row`, and in a new table the `columns`.
    `sides`: that the Printer-MIB's life count says sheets but counts sides.
    """

    oid: Oid | None = None
    form: Form = PLAIN
    row: RowName | None = None
    columns: Columns | None = None
    code: str | None = None
    label: str | None = None
    sides: bool = False


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter, or rows that the profile adds up under one name.

    `table` names what it stands in; `known` is what the profile says of it; `added` what the
    profile must be told first; `label` the maker's words for it.
    """

    term: Term
    cells: tuple[Cell, ...]
    naming: Naming
    table: str
    known: Counted = field(default_factory=Counted)
    weight: int = 1
    label: str | None = None
    added: Added | None = None
    meaning: Meaning = field(default_factory=Meaning)

    @property
    def name(self) -> str:
        """The counter as a formula writes it."""
        return self.term.name

    @property
    def places(self) -> frozenset[Place]:
        """Where its numbers stand."""
        return frozenset((cell.oid, cell.tag) for cell in self.cells)

    def value(self, values: Mapping[Oid, Value]) -> int | None:
        """Return its count among `values`, or None where a part is missing or is half a page."""
        found = [number_at(cell, values) for cell in self.cells]
        known = [one for one in found if one is not None]
        if len(known) != len(found) or sum(known) % self.weight:
            return None
        return sum(known) // self.weight


def spoken(counter: Counter) -> Counter:
    """Return `counter` with the meaning of its label and of the name that a profile gave it."""
    named = f"{counter.term.source} {counter.term.key or ''}".replace("_", " ")
    is_ours = counter.naming in {Naming.LABELLED, Naming.BARE}
    words = counter.label or "" if is_ours else f"{counter.label or ''} {named}"
    return replace(counter, meaning=meaning(words))


def with_added(profile: Profile, counters: Iterable[Counter]) -> Profile:
    """Return `profile` as it would be once it is told of `counters`."""
    sources = dict(profile.sources)
    sides = profile.sheets_are_impressions
    for counter in counters:
        if counter.added is None:
            continue
        sides = sides or counter.added.sides
        source = _told(sources.get(counter.term.source), counter, counter.added)
        if source is not None:
            sources[counter.term.source] = source
    return replace(profile, sources=sources, sheets_are_impressions=sides)


def _told(known: Source | None, counter: Counter, added: Added) -> Source | None:
    if added.row is not None:
        rows = {counter.term.key or "": added.row}
        if isinstance(known, Table):
            return replace(known, rows={**known.rows, **rows})
        return Table((added.columns,), rows) if added.columns is not None else None
    if added.oid is None:
        return None
    if counter.term.key is not None:
        return RecordSource(added.oid)
    return Scalar((added.oid,), added.form)


def uncovered(cells: Iterable[Cell], counters: Iterable[Counter]) -> Iterator[Cell]:
    """Yield those of `cells` for which no single one of `counters` stands, nor its twins."""
    taken: set[Place] = set()
    for counter in counters:
        if len(counter.cells) == 1:
            cell = counter.cells[0]
            taken |= {(cell.oid, cell.tag), *((twin, cell.tag) for twin in cell.twins)}
    yield from (cell for cell in cells if (cell.oid, cell.tag) not in taken)
