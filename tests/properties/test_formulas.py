"""One interpreter of formulas: a machine and its record come to the same, as far as it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from hypothesis import assume, event, given
from hypothesis import strategies as st

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.condition.facts import Facts
from collector.adapters.snmp.plan import PlannedTerm, ReadingPlan
from collector.adapters.snmp.profiles.review import BUILT_IN
from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Alternatives,
    Columns,
    Confidence,
    CounterFacts,
    CounterTable,
    Formula,
    FormulaTerm,
    MeterSet,
    Profile,
    RowName,
    Size,
)
from collector.adapters.snmp.reading.reread import reread
from collector.adapters.snmp.reading.rows import CounterRow, FoundCells, Missing
from collector.adapters.snmp.reading.selection import Selection
from collector.adapters.snmp.reading.survey import Life, Survey
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Meter

KEYS = ("a", "b", "c", "d", "e", "f")
ENGINE = Meter("engine_total")
METERS = tuple(map(Meter, ("total", "engine_total", "copy", "print", "total_mono")))
COLUMN = (1, 3, 6, 1, 4, 1, 99999, 5)
LIFE = (*mib.MARKER_LIFE, 1, 1)
COUNTERS = (*(FormulaTerm("row", key) for key in KEYS), *(FormulaTerm(one) for one in BUILT_IN))
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Machine:
    """Rows by code, each with the counts it shows and the largest it states, and a life count."""

    rows: Mapping[int, tuple[tuple[int, ...], int | None]]
    life: int | None
    unit: int | None

    def grown(self) -> "Machine":
        """Return what it shows once it has printed: counts that were equal may be so no more."""
        rows = {
            code: (tuple(one * 100 + code for one in counts), most)
            for code, (counts, most) in self.rows.items()
        }
        return replace(self, rows=rows, life=None if self.life is None else self.life * 100 + 50)

    def survey(self, profile: Profile) -> Survey:
        """Return what a walk by `profile` finds."""
        table = profile.sources["row"]
        is_stated = isinstance(table, CounterTable) and table.candidates[0].maximum is not None
        rows = tuple(
            CounterRow((*COLUMN, code, at), count, (code,), None, most if is_stated else None)
            for code, (counts, most) in self.rows.items()
            for at, count in enumerate(counts)
        )
        markers = {} if self.life is None else {LIFE: self.life}
        values = {row.oid: row.value for row in rows} | markers
        life = Life(None if self.life is None else LIFE, self.unit)
        return Survey(profile, Facts(markers=markers), values, {"row": [rows]}, life)


def _some(random: Random, of: Sequence[_T], most: int, least: int = 0) -> list[_T]:
    return random.sample(of, random.randint(least, most))


def machine(random: Random, *, ambiguous: bool = False, most: int = 40) -> Machine:
    """Return a machine that has some of six rows, some of them twice, with counts up to `most`."""
    rows: dict[int, tuple[tuple[int, ...], int | None]] = {}
    for code in _some(random, range(1, 7), 6):
        counts = tuple(random.randint(1, most) for _ in range(random.choice([1, 1, 1, 2])))
        shown = counts if ambiguous else counts[:1] * len(counts)
        rows[code] = shown, random.choice([None, 2**20])
    life = random.choice([None, random.randint(1, most)])
    return Machine(rows, life, random.choice([None, 7, 8, 1]))


def _terms(random: Random, of: Sequence[FormulaTerm], least: int) -> tuple[FormulaTerm, ...]:
    return tuple(
        replace(one, sign=random.choice([1, 1, -1]), optional=random.random() < 0.4)
        for one in _some(random, of, 3, least)
    )


def formula(random: Random, *, compares: bool) -> Formula:
    """Return a sum of counters, mostly without conditions."""
    terms = _terms(random, COUNTERS, 1)
    given = tuple(_some(random, COUNTERS, random.choice([0, 0, 0, 1])))
    unless = tuple(_some(random, COUNTERS, random.choice([0, 0, 0, 1])))
    equal: tuple[FormulaTerm, ...] = ()
    if compares and random.random() < 0.3:
        given = tuple(random.sample(COUNTERS, 2))
        equal = (given[0], replace(given[1], sign=-1))
    sure = random.choice([Confidence.HIGH, Confidence.HIGH, Confidence.HIGH, Confidence.LOW])
    text = f"{terms} if {given} unless {unless} = {equal}"
    wrap = random.choice([None, None, 1000])
    return Formula(text, terms, given, unless, equal, sure, wrap=wrap)


def derived(random: Random, meter: Meter) -> Formula:
    """Return a sum of other meters; a meter or a counter may be its condition."""
    others = [FormulaTerm(one) for one in METERS if one != meter]
    conditions = [*others, *COUNTERS[: len(KEYS)]]
    terms = _terms(random, others, 2)
    given = tuple(_some(random, conditions, random.choice([0, 0, 1])))
    unless = tuple(_some(random, conditions, random.choice([0, 0, 1])))
    return Formula(f"{DERIVED}{terms} if {given} unless {unless}", terms, given, unless)


def names(random: Random) -> Mapping[str, RowName]:
    """Return what six rows are called; two names may stand for one row."""
    return {
        key: RowName(codes=((random.randint(1, 6),),), summed=random.random() < 0.2) for key in KEYS
    }


def profile(
    random: Random, named: Mapping[str, RowName], *, compares: bool = True, sides: bool = False
) -> Profile:
    """Return a profile of one table with rows that are `named` so."""
    known = (CounterFacts(), CounterFacts(wrap=500), CounterFacts(size=Size.LARGE, weight=2))
    rows = {key: replace(one, counted=random.choice(known)) for key, one in named.items()}
    maximum = random.choice([None, (1, 3)])

    def alternatives() -> Alternatives:
        return tuple(formula(random, compares=compares) for _ in range(random.randint(0, 3)))

    def one_set() -> MeterSet:
        return {one: formula(random, compares=compares) for one in _some(random, METERS[2:], 2, 1)}

    return Profile(
        id="acme",
        sources={"row": CounterTable((Columns(COLUMN, maximum=maximum),), rows)},
        meters={meter: alternatives() for meter in _some(random, METERS, 5)},
        choices=tuple(tuple(one_set() for _ in range(2)) for _ in range(random.choice([0, 0, 1]))),
        derived={
            meter: tuple(derived(random, meter) for _ in range(2))
            for meter in _some(random, METERS, 3)
        },
        sheets_are_impressions=sides,
        wrap=random.choice([None, 2**24]),
    )


RANDOMS = st.integers(0, 2**64).map(Random)


def live(profile: Profile, machine: Machine, later: Machine | None = None) -> Answer:
    """Return what `profile` reads from `machine`, with every counter of it recorded.

    Read is `later`, what the machine shows some time after it was walked.
    """
    survey, now = machine.survey(profile), (later or machine).survey(profile)
    selection = Selection(profile, survey)
    selection.run()
    assert not selection.unknown, "a machine tells everything"
    plan = ReadingPlan("acme", (), DeviceIdentity(), tuple(selection.planned.values()))
    read = {one.meter: one.value(now.value) for one in plan.meters}
    meters = {meter: value for meter, value in read.items() if value is not None}
    found = {term.name: survey.find(term) for term in COUNTERS}
    counts = {
        name: now.value(PlannedTerm(name, one.cells))
        for name, one in found.items()
        if isinstance(one, FoundCells)
    }
    return Answer(
        DeviceIdentity(),
        meters,
        profile="acme",
        wraps={one: wrap for one, wrap in selection.wraps.items() if meters.get(one, 0) < wrap},
        formulas={meter: text for meter, text in plan.formulas.items() if meter in meters},
        raw={name: count for name, count in counts.items() if count is not None},
        lacks=frozenset(name for name, one in found.items() if one is Missing.ABSENT),
    )


@given(RANDOMS)
def test_what_a_record_tells_whole_is_read_as_it_was_live(random: Random) -> None:
    one = profile(random, names(random), compares=False, sides=random.random() < 0.5)
    answer = live(one, machine(random))
    assume(answer.raw)
    again, unknown = reread(answer, one)
    assert (again, unknown) == (answer, frozenset())


@given(RANDOMS)
def test_what_was_read_some_time_after_the_plan_was_made_is_read_so_again(random: Random) -> None:
    """What a formula compares was equal then, and need not be now: no other one takes its place."""
    one = profile(random, names(random))
    walked = machine(random, most=2)
    answer = live(one, walked, walked.grown())
    assume(answer.raw)
    again, _ = reread(answer, one)
    assert (again.meters, again.formulas) == (answer.meters, answer.formulas)
    assert all(again.wraps.get(meter) == answer.wraps.get(meter) for meter in again.meters)


@given(RANDOMS)
def test_what_a_record_does_not_tell_stays_as_recorded_and_nothing_else(random: Random) -> None:
    """Whatever it hides: a meter is what it is on the live machine, or it is said to be unknown."""
    named = names(random)
    before, after = profile(random, named), profile(random, named, sides=random.random() < 0.5)
    shown = machine(random, ambiguous=True)
    recorded, wanted = live(before, shown), live(after, shown)
    hidden = set(_some(random, [one.name for one in COUNTERS], 4))
    told = replace(
        recorded,
        raw={name: count for name, count in recorded.raw.items() if name not in hidden},
        lacks=recorded.lacks - hidden,
    )
    assume(told.raw)
    assume(wanted.meters.get(TOTAL) != 0)  # one that was left out is left out again
    again, unknown = reread(told, after)
    event(f"unknown: {len(unknown)}")
    event(f"agree: {len(wanted.meters.keys() - unknown)}")
    tied = {ENGINE} if _is_tied(again) or _is_tied(wanted) else set()
    for meter in {*METERS, *again.meters, *wanted.meters} - tied:
        source = recorded if meter in unknown else wanted
        assert again.meters.get(meter) == source.meters.get(meter), meter
        assert again.formulas.get(meter) == source.formulas.get(meter), meter


def _is_tied(answer: Answer) -> bool:
    """Say whether two names show one figure: only a machine tells whether they are one counter."""
    return ENGINE in answer.meters and answer.meters[ENGINE] == answer.meters.get(TOTAL)
