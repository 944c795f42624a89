"""One walked machine: how it is read by now, which family it is of, and its counters by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.calibration.cells import cells_in
from collector.adapters.snmp.calibration.counters import (
    Added,
    Counter,
    Naming,
    Place,
    spoken,
    uncovered,
)
from collector.adapters.snmp.calibration.fits import Class, Fit, Origin, found_fit
from collector.adapters.snmp.calibration.known import further_rows, known_counters
from collector.adapters.snmp.calibration.labels import labelled
from collector.adapters.snmp.capture import CaptureSession
from collector.adapters.snmp.choice import Choice
from collector.adapters.snmp.decode import decode
from collector.adapters.snmp.facts import Facts, gather, starts
from collector.adapters.snmp.formula import parsed
from collector.adapters.snmp.plan import Cell, Plan, PlannedMeter, PlannedTerm
from collector.adapters.snmp.profile_sources import Table
from collector.adapters.snmp.profile_values import DERIVED, Formula, Profile, Profiles, Term
from collector.adapters.snmp.recognise import recognise
from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.recording.walk import Row
from collector.adapters.snmp.resolve import resolve
from collector.adapters.snmp.rows import Found
from collector.adapters.snmp.session import Oid, Value
from collector.adapters.snmp.survey import Survey, look
from collector.domain.meters import Meter
from collector.domain.reading import Answer
from collector.errors import DeviceNonsense

PROVED: Final = "proved-"
"""How the ids of profiles begin that were written after a comparison with a panel."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a walk came to.

    `present` is the profile that the machine is read by now, with its `plan` and what it reads
    (`answer`, None where that is nothing); `family` the profile that a proved one includes, and
    `survey` the machine by it.
    """

    rows: Mapping[Oid, Row]
    facts: Facts
    present: Profile
    plan: Plan
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
        tables = (one for one in self.family.sources.values() if isinstance(one, Table))
        filled = (
            self.survey.filled(place.value)
            for table in tables
            if table.refresh
            for place in table.candidates
        )
        return tuple(dict.fromkeys(one for one in filled if one is not None))


async def examine(rows: Mapping[Oid, Row], profiles: Profiles, discretion: Discretion) -> Examined:
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


def _answer(plan: Plan, values: Mapping[Oid, Value]) -> Answer | None:
    try:
        return decode(plan, values)
    except DeviceNonsense:
        return None


def _counters(
    survey: Survey, plan: Plan, cells: tuple[Cell, ...], values: Mapping[Oid, Value]
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
        for place in source.candidates if isinstance(source, Table) else ():
            columns = [one.oid for one in place.named.values()]
            columns += [one for one in (place.code, place.maximum) if isinstance(one, tuple)]
            columns += [place.value] if isinstance(source, Table) and source.refresh else []
            filled = (survey.filled(one) for one in columns if one is not None)
            yield from (one for one in filled if one is not None)


def _bare(cell: Cell) -> Counter:
    is_makers = cell.oid[: len(mib.ENTERPRISES)] == mib.ENTERPRISES
    name = "_".join(map(str, cell.oid[len(mib.ENTERPRISES) :] if is_makers else cell.oid))
    key = f"{cell.tag:02x}" if cell.tag is not None else None
    source = f"record_{name}" if key is not None else f"at_{name}"
    added = Added(oid=cell.oid, form=cell.form)
    line = source if key is not None else source.rpartition("_")[0]
    counter = Counter(Term(source, key), (cell,), Naming.BARE, line, added=added)
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


def present_fit(examined: Examined, meter: Meter) -> Fit | None:
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
        return Fit(text, parts, Origin.PRESENT, Class.SAID, meters)
    if examined.family is examined.present:
        return Fit(planned.text, parts, Origin.PRESENT, Class.SAID)
    known = {*examined.family.sources, "life", "sheets"}
    if any(one.term.source not in known and one.added is None for _, one in parts):
        return None
    return replace(found_fit(meter, parts), origin=Origin.PRESENT)


def _planned(examined: Examined, meter: Meter) -> PlannedMeter | None:
    return next((one for one in examined.plan.meters if one.meter == meter), None)


def _places(term: PlannedTerm) -> frozenset[Place]:
    return frozenset((cell.oid, cell.tag) for cell in term.cells)


def _as_planned(term: PlannedTerm) -> Counter:
    source, _, key = term.name.removesuffix("]").partition("[")
    name = Term(source, key or None)
    return Counter(name, term.cells, Naming.OWN, source, weight=term.weight)


def stated_fits(examined: Examined, meter: Meter) -> Iterator[Fit]:
    """Yield the family profile's own formulas for `meter` that this machine has counters for.

    Those of low confidence are among them: a panel proves them.
    """
    choice = Choice(examined.survey, low_confidence=True, keep={})
    for turn, formula in enumerate(_formulas(examined.family, meter)):
        parts = choice.cells_of(formula)
        if parts is None or not all(found.readable for _, found in parts):
            continue
        counters = tuple((term.sign, _counter(examined.survey, term, one)) for term, one in parts)
        yield Fit(formula.text, counters, Origin.PROFILE, Class.SAID, turn=turn)


def _formulas(profile: Profile, meter: Meter) -> Iterator[Formula]:
    for choice in profile.choices:
        yield from (one[meter] for one in choice if meter in one)
    yield from profile.meters.get(meter, ())


def _counter(survey: Survey, term: Term, found: Found) -> Counter:
    planned = survey.planned(term, found)
    name = replace(term, sign=1, optional=False)
    return Counter(name, found.cells, Naming.OWN, term.source, weight=planned.weight)
