"""The counters of one machine by the names that a profile gives them, or could give them. Pure.

Every number of a walk has one name: the family profile's own where it has one, else a new row of
a table that the family knows, else a row of a table that describes itself, else its bare OID.
"""

import math
import re
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value, dotted
from collector.adapters.snmp.client.text import folded
from collector.adapters.snmp.plan import Cell, ReadingPlan, added_up
from collector.adapters.snmp.profiles.formula import total_of
from collector.adapters.snmp.profiles.numbers import (
    PLAIN,
    Form,
    NumberKind,
    Unreadable,
    tagged_counters,
)
from collector.adapters.snmp.profiles.review import BUILT_IN, counted_of, weight_of
from collector.adapters.snmp.profiles.values import (
    Columns,
    CounterFacts,
    CounterTable,
    FormulaTerm,
    Profile,
    RecordSource,
    RowName,
    Scalar,
    Source,
)
from collector.adapters.snmp.reading.rows import CounterRow, FoundCells, pick
from collector.adapters.snmp.reading.survey import Survey
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.calibration.labels import Meaning, meaning

# Every number in a walk that may be a page counter, and how it is written. Pure.
#
# Taken are the makers' trees and the Printer-MIB's life count. Left out are what a recording
# leaves
# out (logs, address books), times, and all other numbers of the standard MIBs: levels of toner and
# sizes of paper are no pages.


_TIME_TICKS: Final = 67
_IP_ADDRESS: Final = 64
_LEAST_RECORD: Final = 8
_LAYOUTS: Final = {4: ">f", 8: ">d"}
_LARGEST: Final = 2**32
_BYTES: Final = range(2, 9)
_PLAIN: Final = range(0x20, 0x7F)
SYMBOL_SETS: Final = (b"\x01\x15", b"\xfd\xe8")
"""Octets that HP writes before a text: the number of its symbol set."""


def cells_in(rows: Mapping[Oid, RecordedRow], discretion: Discretion) -> Iterator[Cell]:
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
class CounterDetail:
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

    term: FormulaTerm
    cells: tuple[Cell, ...]
    naming: Naming
    table: str
    known: CounterFacts = field(default_factory=CounterFacts)
    weight: int = 1
    label: str | None = None
    added: CounterDetail | None = None
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
        return total_of([(1, added_up(self.cells, values), self.weight)])


def sum_among(parts: Iterable[tuple[int, Counter]], values: Mapping[Oid, Value]) -> int | None:
    """Return what counters with signs come to, or None where a part is missing or it is no count.

    Nothing is no sum.
    """
    terms = [(sign, added_up(one.cells, values), one.weight) for sign, one in parts]
    return total_of(terms) if terms else None


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


def _told(known: Source | None, counter: Counter, added: CounterDetail) -> Source | None:
    if added.row is not None:
        rows = {counter.term.key or "": added.row}
        if isinstance(known, CounterTable):
            return replace(known, rows={**known.rows, **rows})
        return CounterTable((added.columns,), rows) if added.columns is not None else None
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


# The counters that a machine's family profile knows, and the rows of its tables that it does not.
#
# Pure: everything was surveyed before.


_NO_ROW_NAME = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 40
_MOST_ROWS = 512


def known_counters(survey: Survey, plan: ReadingPlan) -> tuple[Counter, ...]:
    """Return the profile's own counters, each place once: by the name that `plan` uses of several.

    A sum of rows is a counter too, under its own name.
    """
    used = {term.name for planned in plan.meters for term in planned.terms}
    order = sorted(_own_terms(survey), key=lambda term: term.name not in used)
    found: dict[tuple[bool, frozenset[Place]], Counter] = {}
    for counter in _found(survey, order):
        found.setdefault((counter.added is None, counter.places), counter)
    return tuple(found.values())


def _own_terms(survey: Survey) -> Iterator[FormulaTerm]:
    yield FormulaTerm("life")
    yield FormulaTerm("sheets")
    for name, source in survey.profile.sources.items():
        for key in _keys(survey, name, source):
            yield FormulaTerm(name, key)


def _keys(survey: Survey, name: str, source: Source) -> Iterable[str | None]:
    if isinstance(source, CounterTable):
        rows = max((len(place) for place in survey.tables.get(name, ())), default=0)
        return (*source.rows, *(["*"] if 1 < rows <= _MOST_ROWS else ()))
    if not isinstance(source, RecordSource):
        return (None,)
    oid = survey.filled(source.oid)
    try:
        return [f"{tag:02x}" for tag in tagged_counters(survey.values.get(oid or ()))]
    except Unreadable:
        return ()


def _found(survey: Survey, terms: Iterable[FormulaTerm]) -> Iterator[Counter]:
    for term in terms:
        found = survey.find(term)
        if isinstance(found, FoundCells) and found.readable and found.cells:
            yield spoken(_own(survey, term, found))
            if term.source == "sheets":
                # The unit of the life count is wrong on many machines; a panel can show it.
                yield spoken(_sides(found.cells))


def _own(survey: Survey, term: FormulaTerm, found: FoundCells) -> Counter:
    source = survey.profile.sources.get(term.source)
    known, weight = counted_of(term, survey.profile), weight_of(term, survey.profile)
    label = _label(survey, term.source, found.cells) if isinstance(source, CounterTable) else None
    return Counter(term, found.cells, Naming.OWN, term.source, known, weight, label)


def _sides(cells: tuple[Cell, ...]) -> Counter:
    known = BUILT_IN["life"]
    return Counter(
        FormulaTerm("life"), cells, Naming.OWN, "life", known, added=CounterDetail(sides=True)
    )


def _label(survey: Survey, table: str, cells: Sequence[Cell]) -> str | None:
    wanted = {cell.oid for cell in cells}
    rows = (row for place in survey.tables.get(table, ()) for row in place)
    labels = dict.fromkeys(row.label for row in rows if row.oid in wanted and row.label)
    return " ".join(labels) if labels and len(wanted) == 1 else None


def further_rows(survey: Survey) -> Iterator[Counter]:
    """Yield rows of the profile's tables that it has no name for, as far as one would find them."""
    for name, source in survey.profile.sources.items():
        if not isinstance(source, CounterTable):
            continue
        places, taken = survey.tables.get(name, []), set(source.rows)
        for row in (row for place in places for row in place):
            key = _key(row, taken)
            counter = _new_row(survey, FormulaTerm(name, key), source, row)
            if counter is not None and _is_found(places, source, counter, row.oid):
                taken.add(key)
                yield counter


def _key(row: CounterRow, taken: Collection[str]) -> str:
    name = dotted(row.code) if row.code is not None else slug(row.label or "")
    return f"{name}_{dotted(row.oid[-2:])}" if name in taken else name


def _new_row(
    survey: Survey, term: FormulaTerm, table: CounterTable, row: CounterRow
) -> Counter | None:
    labels = frozenset(filter(None, [folded(row.label or "")]))
    codes = (row.code,) if row.code is not None else ()
    if not codes and not labels:
        return None
    code = dotted(row.code) if row.code is not None else None
    added = CounterDetail(
        row=RowName(codes, labels), code=code, label=row.label if labels else None
    )
    known = counted_of(FormulaTerm(term.source), survey.profile)
    cell = Cell(row.oid, table.form)
    counter = Counter(term, (cell,), Naming.ROW, term.source, known, label=row.label, added=added)
    return spoken(counter)


def slug(label: str) -> str:
    """Return a name for a row called `label`: its letters and digits, `row` where it has none."""
    return _NO_ROW_NAME.sub("_", label).strip("_").lower()[:_LONGEST_NAME] or "row"


def _is_found(
    places: Sequence[Sequence[CounterRow]], table: CounterTable, counter: Counter, oid: Oid
) -> bool:
    """Say whether the profile would find this very row once it is told of it."""
    if counter.added is None or counter.added.row is None:
        return False
    for rows in places:
        found = pick(rows, table, counter.added.row)
        if isinstance(found, FoundCells):
            return found.cells[0].oid == oid
    return False
