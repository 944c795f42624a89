"""Laws of calibration, over machines and panels that are made up.

A machine has tables and single counters; its panel shows sums of one to three counters of one
table. Whatever the numbers, what is found reads the panel; and where nothing else fits, it is what
was meant, and still is after any further printing.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.adapters.snmp.recording.discretion import shipped as discretion
from collector.calibration.counters import sum_among
from collector.calibration.fits import FittingFormula, Round, is_telling
from collector.calibration.machine import Examined, examine
from collector.calibration.proposal import Beside, ProfileProposal, propose
from collector.calibration.verdicts import MeterVerdict, State, settle
from collector.domain.meters import Meter
from tests.unit.snmp.calibration.panels import ACME, NAMED, NOON, SIGNED, rows_of
from tests.unit.snmp.machines import shipped, values

METERS = tuple(map(Meter, ("total", "copy", "print", "fax", "scan", "total_mono")))
WORDS = (
    "Copies",
    "Prints",
    "Fax",
    "Total",
    "Black",
    "Drum",
    "カラー",
    "Row",
    "白黒コピー",
    "Scans",
)


@dataclass(frozen=True)
class Made:
    """A machine: what it answers now, its counters by table, and what its panel really shows."""

    answers: Mapping[Oid, Value]
    counters: tuple[tuple[Oid, ...], ...]
    meant: Mapping[Meter, frozenset[Oid]]

    def figures(self, now: Mapping[Oid, Value]) -> dict[Meter, int]:
        return {
            meter: sum(int(str(now[name])) for name in names) for meter, names in self.meant.items()
        }


@st.composite
def machines(draw: st.DrawFn) -> Made:
    answers: dict[Oid, Value] = values(NAMED)
    tables: list[tuple[Oid, ...]] = []
    number = st.integers(100, 9_999_999)
    for table in range(draw(st.integers(1, 3))):
        base = f"{ACME}{table + 1}.7.1."
        size = draw(st.integers(2, 6))
        counts = draw(st.lists(number, min_size=size, max_size=size))
        rows = [oid(f"{base}9.{row}") for row in range(1, size + 1)]
        answers |= dict(zip(rows, counts, strict=True))
        if draw(st.booleans()):
            labels = draw(st.lists(st.sampled_from(WORDS), min_size=size, max_size=size))
            texts = (label.encode() for label in labels)
            answers |= {oid(f"{base}2.{row}"): one for row, one in enumerate(texts, start=1)}
        tables.append(tuple(rows))
    for single in range(draw(st.integers(0, 3))):
        name = oid(f"{ACME}{single + 20}.1.{single + 30}.0")
        answers[name] = draw(number)
        tables.append((name,))
    meant = {
        meter: frozenset(draw(_some(draw(st.sampled_from(tables)))))
        for meter in draw(st.lists(st.sampled_from(METERS), min_size=1, max_size=4, unique=True))
    }
    return Made(answers, tuple(tables), meant)


def _some(table: tuple[Oid, ...]) -> st.SearchStrategy[list[Oid]]:
    return st.lists(st.sampled_from(table), min_size=1, max_size=3, unique=True)


@st.composite
def printed(draw: st.DrawFn, made: Made, now: Mapping[Oid, Value]) -> dict[Oid, Value]:
    """Return what the machine answers after some more pages."""
    names = [name for table in made.counters for name in table]
    pages = draw(st.lists(st.integers(0, 40), min_size=len(names), max_size=len(names)))
    more = zip(names, pages, strict=True)
    return {**now, **{name: int(str(now[name])) + count for name, count in more}}


def walked(made: Made) -> Examined:
    return asyncio.run(examine(rows_of(made.answers), shipped(), discretion()))


def places(fit: FittingFormula) -> frozenset[Oid]:
    return frozenset(place[0] for sign, place, _ in fit.key if sign > 0)


def reads(verdict: MeterVerdict, one: Round, every: Mapping[Meter, MeterVerdict]) -> int | None:
    assert verdict.fit is not None
    if not verdict.fit.meters:
        return sum_among(verdict.fit.parts, one.values)
    parts = [(sign, reads(every[meter], one, every)) for sign, meter in verdict.fit.meters]
    return sum(sign * (value or 0) for sign, value in parts)


def is_alone(verdict: MeterVerdict) -> bool:
    return not (verdict.ties or verdict.others or verdict.refused or verdict.more)


@given(st.data(), machines())
def test_what_is_found_reads_the_panel_and_is_meant_where_nothing_else_fits(
    data: st.DataObject, made: Made
) -> None:
    machine = walked(made)
    now = dict(made.answers)
    rounds = [Round(NOON, made.figures(now), now)]
    for number in range(data.draw(st.integers(0, 2))):
        now = data.draw(printed(made, now))
        rounds.append(Round(NOON.replace(minute=number + 1), made.figures(now), now))
    found = settle(machine, rounds).verdicts
    later = data.draw(printed(made, now))
    afterwards = Round(NOON.replace(minute=50), made.figures(later), later)
    for meter, verdict in found.items():
        assert verdict.passed_over == 0
        if not is_telling(verdict.figures):
            assert verdict.state in {State.SMALL, State.AGREES}
            continue
        assert verdict.fit is not None, (meter, verdict)
        for one in rounds:
            assert reads(verdict, one, found) == one.figures[meter]
        if is_alone(verdict) and not verdict.fit.meters:
            assert places(verdict.fit) == made.meant[meter]
            assert reads(verdict, afterwards, found) == afterwards.figures[meter]


@given(machines())
def test_only_counters_of_one_table_are_added_up(made: Made) -> None:
    machine = walked(made)
    found = settle(machine, [Round(NOON, made.figures(made.answers), made.answers)]).verdicts
    tables = [frozenset(table) for table in made.counters]
    for verdict in found.values():
        for fit in (*([verdict.fit] if verdict.fit else []), *verdict.ties):
            names = frozenset(place[0] for _, place, _ in fit.key)
            assert len(fit.parts) <= 1 or any(names <= table for table in tables), fit.text


@given(machines())
def test_a_tie_is_told_and_never_silently_decided(made: Made) -> None:
    """A row that shows the same figure is named, or counted among the others that fit."""
    meter = next(iter(made.meant))
    figure = made.figures(made.answers)[meter]
    twin = {oid(f"{ACME}40.1.50.0"): figure, oid(f"{ACME}41.1.51.0"): figure}
    machine = walked(Made({**made.answers, **twin}, made.counters, made.meant))
    (verdict,) = settle(machine, [Round(NOON, {meter: figure}, machine.values)]).verdicts.values()
    assert len(verdict.ties) + verdict.others + len(verdict.refused) >= 2
    assert verdict.state is not State.FOUND or verdict.fit is not None
    if verdict.fit is not None and places(verdict.fit) <= set(twin):
        assert verdict.state is State.TIED
        assert not verdict.is_sure


@settings(max_examples=15)
@given(st.data(), machines())
def test_the_profile_that_is_written_reads_the_panel_in_the_last_round(
    data: st.DataObject, made: Made
) -> None:
    machine = walked(made)
    later = data.draw(printed(made, made.answers))
    rounds = [
        Round(NOON, made.figures(made.answers), made.answers),
        Round(NOON.replace(minute=1), made.figures(later), later),
    ]
    proposal = asyncio.run(propose(machine, rounds, SIGNED, Beside()))
    if not isinstance(proposal, ProfileProposal):
        assert not any(is_telling(one.figures) for one in proposal.verdicts.values())
        return
    for meter, verdict in proposal.settled.verdicts.items():
        if is_telling(verdict.figures):
            assert proposal.answer.meters[meter] == rounds[-1].figures[meter]
        else:
            assert meter not in proposal.proved
