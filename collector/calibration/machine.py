"""One walked machine: how it is read by now, which family it is of, and its counters by name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.client.text import clean, folded
from collector.adapters.snmp.condition.facts import Facts, gather, starts
from collector.adapters.snmp.plan import Cell, PlannedMeter, PlannedTerm, ReadingPlan
from collector.adapters.snmp.profiles.formula import parsed
from collector.adapters.snmp.profiles.review import LAST_RESORT
from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Columns,
    CounterTable,
    Formula,
    FormulaTerm,
    Profile,
    Profiles,
    RowName,
)
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.recognise import recognise
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.reading.rows import Missing
from collector.adapters.snmp.reading.selection import Selection
from collector.adapters.snmp.reading.survey import Survey, look
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.session import CaptureSession
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.calibration.counters import (
    Counter,
    CounterDetail,
    Naming,
    Place,
    cells_in,
    further_rows,
    known_counters,
    slug,
    spoken,
    uncovered,
)
from collector.calibration.fits import Class, FittingFormula, SumOrigin, found_fit
from collector.calibration.labels import meaning
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Meter
from collector.errors import DeviceNonsense

# Tables that describe themselves although no profile knows them: found by how they are built.
#
# SNMP numbers a cell `table.column.index`. Where a number and a text share table and index, and
# the
# texts of that column tell its rows apart, the text is the number's label (RFC 2578, section 7.7).


_INDEXES: Final = range(1, 5)
"""Arcs of an index: one in most tables, three in Sharp's and the PWG's."""

_SHORTEST: Final = len(mib.ENTERPRISES) + 2
_ENTRY: Final = 1
"""The arc of a table's rows, above that of the column (RFC 2578, section 7.10)."""

_FEWEST_ROWS: Final = 2
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of texts: those of its rows, by index. `size` is how many arcs the index has."""

    oid: Oid
    texts: Mapping[Oid, str]

    @property
    def worth(self) -> tuple[int, int, Oid]:
        """How well it labels; English is preferred, for other texts follow the panel's language."""
        talking = sum(bool(meaning(text).said) for text in self.texts.values())
        plain = sum(text.isascii() for text in self.texts.values())
        return -talking, -plain, self.oid


def labelled(cells: Iterable[Cell], values: Mapping[Oid, Value]) -> Iterator[Counter]:
    """Yield those of `cells` that have a label which no other number of their column has."""
    columns = _columns(values)
    numbers: dict[Oid, list[tuple[Cell, Oid, _Column]]] = defaultdict(list)
    for cell in cells:
        found = _label_column(cell.oid, columns) if cell.tag is None else None
        if found is not None:
            size, column = found
            numbers[cell.oid[:-size]].append((cell, cell.oid[-size:], column))
    for value_column in sorted(numbers):
        yield from _rows(value_column, numbers[value_column])


def _columns(values: Mapping[Oid, Value]) -> Mapping[tuple[int, Oid], Sequence[_Column]]:
    """Return the columns of texts by length of the index and by table, the best first."""
    texts: dict[tuple[int, Oid], dict[Oid, str]] = defaultdict(dict)
    for oid, value in values.items():
        text = clean(value, _LONGEST) if isinstance(value, bytes) else None
        if text is None or not any(letter.isalpha() for letter in text):
            continue
        for size in _INDEXES:
            if len(oid) - size > _SHORTEST and oid[-size - 2] == _ENTRY:
                texts[size, oid[:-size]][oid[-size:]] = text
    found: dict[tuple[int, Oid], list[_Column]] = defaultdict(list)
    for (size, column), rows in texts.items():
        if len(rows) >= _FEWEST_ROWS and len({*map(folded, rows.values())}) * 2 > len(rows):
            found[size, column[:-1]].append(_Column(column, rows))
    return {table: sorted(some, key=lambda one: one.worth) for table, some in found.items()}


def _label_column(
    oid: Oid, columns: Mapping[tuple[int, Oid], Sequence[_Column]]
) -> tuple[int, _Column] | None:
    for size in _INDEXES:
        for column in columns.get((size, oid[: -size - 1]), ()):
            if oid[-size:] in column.texts:
                return size, column
    return None


def _rows(value: Oid, rows: Sequence[tuple[Cell, Oid, _Column]]) -> Iterator[Counter]:
    labels = [folded(column.texts[index]) for _, index, column in rows]
    names: set[str] = set()
    for (cell, index, column), label in zip(rows, labels, strict=True):
        if labels.count(label) > 1 or not label:
            continue
        text = column.texts[index]
        name = slug(text)
        name = f"{name}_{'_'.join(map(str, index))}" if name in names else name
        names.add(name)
        table = "labels_" + "_".join(map(str, value[len(mib.ENTERPRISES) :]))
        added = CounterDetail(
            row=RowName(labels=frozenset({label})),
            columns=Columns(value, label=column.oid),
            form=cell.form,
            label=text,
        )
        yield spoken(
            Counter(
                FormulaTerm(table, name), (cell,), Naming.LABELLED, table, label=text, added=added
            )
        )


PROVED: Final = "proved-"
"""How the ids of profiles begin that were written after a comparison with a panel."""


_OTHER_UNITS: Final = frozenset(one.text for one in LAST_RESORT)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a walk came to.

    `present` is the profile that the machine is read by now, with its `plan` and what it reads
    (`answer`, None where that is nothing); `family` the profile that a proved one includes, and
    `survey` the machine by it.
    """

    rows: Mapping[Oid, RecordedRow]
    facts: Facts
    present: Profile
    plan: ReadingPlan
    answer: Answer | None
    family: Profile
    survey: Survey
    counters: tuple[Counter, ...]

    @property
    def values(self) -> Mapping[Oid, Value]:
        """What was walked, without types."""
        return {oid: value for oid, (_, value) in self.rows.items()}

    @property
    def oids(self) -> tuple[Oid, ...]:
        """What a further round has to ask: every counter, and the machine's identity."""
        cells = (cell.oid for counter in self.counters for cell in counter.cells)
        return tuple(dict.fromkeys((*self.plan.oids, *cells)))

    @property
    def refreshed(self) -> tuple[Oid, ...]:
        """The columns that the machine brings up to date only when they are walked into."""
        tables = (one for one in self.family.sources.values() if isinstance(one, CounterTable))
        filled = (
            self.survey.filled(place.value)
            for table in tables
            if table.refresh
            for place in table.candidates
        )
        return tuple(dict.fromkeys(one for one in filled if one is not None))


async def examine(
    rows: Mapping[Oid, RecordedRow], profiles: Profiles, discretion: Discretion
) -> Examined:
    """Return what `rows` of one machine come to; raises DeviceNonsense where they are of none."""
    values = {oid: value for oid, (_, value) in rows.items()}
    session = CaptureSession(values)
    facts = await gather(session)
    present = await recognise(session, facts, profiles)
    plan = await resolve(session, profiles)
    family = family_of(present, profiles)
    survey = await look(session, family, facts)
    cells = tuple(cells_in(rows, discretion))
    return Examined(
        rows=rows,
        facts=facts,
        present=present,
        plan=plan,
        answer=_answer(plan, values),
        family=family,
        survey=survey,
        counters=_counters(survey, plan, cells, values),
    )


def family_of(present: Profile, profiles: Profiles) -> Profile:
    """Return the profile that a proved one includes: `present`, or what that was made from."""
    if not (present.own and present.proved and present.id.startswith(PROVED)):
        return present
    below = [profiles.by_id[one] for one in present.includes if one in profiles.by_id]
    return max(below, key=lambda one: (len(one.includes), one.id), default=profiles.generic)


def _answer(plan: ReadingPlan, values: Mapping[Oid, Value]) -> Answer | None:
    try:
        return decode(plan, values)
    except DeviceNonsense:
        return None


def _counters(
    survey: Survey, plan: ReadingPlan, cells: tuple[Cell, ...], values: Mapping[Oid, Value]
) -> tuple[Counter, ...]:
    found = list(known_counters(survey, plan))
    found += _still_unknown(further_rows(survey), found)
    barred = tuple(_beside(survey))
    rest = [cell for cell in uncovered(cells, found) if not starts(cell.oid, barred)]
    found += labelled(rest, values)
    found += (_bare(cell) for cell in uncovered(rest, found))
    return tuple(found)


def _still_unknown(some: Iterator[Counter], known: list[Counter]) -> Iterator[Counter]:
    taken = {place for one in known if len(one.cells) == 1 for place in one.places}
    for counter in some:
        if not counter.places & taken:
            taken |= counter.places
            yield counter


def _beside(survey: Survey) -> Iterator[Oid]:
    """Yield columns whose numbers are no counters, or are none that may be asked alone.

    Codes, units and limits of the family's tables are numbers, too; and some tables are only true
    after a walk into them.
    """
    for source in survey.profile.sources.values():
        for place in source.candidates if isinstance(source, CounterTable) else ():
            columns = [one.oid for one in place.named.values()]
            columns += [one for one in (place.code, place.maximum) if isinstance(one, tuple)]
            columns += [place.value] if isinstance(source, CounterTable) and source.refresh else []
            filled = (survey.filled(one) for one in columns if one is not None)
            yield from (one for one in filled if one is not None)


def _bare(cell: Cell) -> Counter:
    is_makers = cell.oid[: len(mib.ENTERPRISES)] == mib.ENTERPRISES
    name = "_".join(map(str, cell.oid[len(mib.ENTERPRISES) :] if is_makers else cell.oid))
    key = f"{cell.tag:02x}" if cell.tag is not None else None
    source = f"record_{name}" if key is not None else f"at_{name}"
    added = CounterDetail(oid=cell.oid, form=cell.form)
    line = source if key is not None else source.rpartition("_")[0]
    counter = Counter(FormulaTerm(source, key), (cell,), Naming.BARE, line, added=added)
    return spoken(counter)


def present_parts(examined: Examined, meter: Meter) -> tuple[tuple[int, Counter], ...]:
    """Return the counters that `meter` is read from by now, by the names that they have here."""
    planned = _planned(examined, meter)
    if planned is None:
        return ()
    by_places = {counter.places: counter for counter in reversed(examined.counters)}
    return tuple(
        (term.sign, by_places.get(_places(term), _as_planned(term))) for term in planned.terms
    )


def present_fit(examined: Examined, meter: Meter) -> FittingFormula | None:
    """Return how `meter` is read by now, in the words of the family; None where it cannot be said.

    What a proved profile of before found is found again under the name that it has now.
    """
    planned = _planned(examined, meter)
    if planned is None:
        return None
    parts = present_parts(examined, meter)
    if planned.text.startswith(DERIVED):
        text = planned.text.removeprefix(DERIVED)
        terms = parsed(text).terms
        meters = tuple((term.sign, Meter(term.source)) for term in terms)
        return FittingFormula(text, parts, SumOrigin.PRESENT, Class.SAID, meters)
    if examined.family is examined.present:
        return FittingFormula(planned.text, parts, SumOrigin.PRESENT, Class.SAID)
    known = {*examined.family.sources, "life", "sheets"}
    if any(one.term.source not in known and one.added is None for _, one in parts):
        return None
    return replace(found_fit(meter, parts), origin=SumOrigin.PRESENT)


def _planned(examined: Examined, meter: Meter) -> PlannedMeter | None:
    """Return how `meter` is read by now; a total in another unit is no profile's formula."""
    found = next((one for one in examined.plan.meters if one.meter == meter), None)
    is_last_resort = meter == TOTAL and found is not None and found.text in _OTHER_UNITS
    return None if is_last_resort else found


def _places(term: PlannedTerm) -> frozenset[Place]:
    return frozenset((cell.oid, cell.tag) for cell in term.cells)


def _as_planned(term: PlannedTerm) -> Counter:
    source, _, key = term.name.removesuffix("]").partition("[")
    name = FormulaTerm(source, key or None)
    return Counter(name, term.cells, Naming.OWN, source, weight=term.weight)


def stated_fits(examined: Examined, meter: Meter) -> Iterator[FittingFormula]:
    """Yield the family profile's own formulas for `meter` that this machine has counters for.

    Those of low confidence are among them: a panel proves them.
    """
    selection = Selection(examined.family, examined.survey, low_confidence=True)
    for rank, formula in enumerate(_formulas(examined.family, meter)):
        parts = selection.parts_of(formula)
        if isinstance(parts, Missing) or not all(found.readable for _, found in parts):
            continue
        planned = (selection.planned_term(*one) for one in parts)
        counters = tuple((term.sign, _as_planned(term)) for term in planned)
        yield FittingFormula(formula.text, counters, SumOrigin.PROFILE, Class.SAID, rank=rank)


def _formulas(profile: Profile, meter: Meter) -> Iterator[Formula]:
    for choice in profile.choices:
        yield from (one[meter] for one in choice if meter in one)
    yield from profile.meters.get(meter, ())
