"""Every figure that a profile documents for a machine: all its alternatives, worked out by hand."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.condition.facts import gather
from collector.adapters.snmp.plan import Cell
from collector.adapters.snmp.profiles.numbers import tagged_counters
from collector.adapters.snmp.profiles.review import counted_of, formulas_of
from collector.adapters.snmp.profiles.values import FormulaTerm, Profile, Size
from collector.adapters.snmp.reading.rows import FoundCells
from collector.adapters.snmp.reading.survey import Survey, look
from tests.fakes.snmp_session import FakeSession

Figures = Mapping[str, frozenset[int]]
_MOST = 4096
"""Different sums of one meter that are looked at; beyond it the machine has no such table."""


def documented(machine: Mapping[Oid, Value], profile: Profile, *, partly: bool = False) -> Figures:
    """Return meter -> every figure that one of its formulas comes to on `machine`.

    With `partly` a term marked `?`, and a row of a sum of rows, may also be left out.
    """
    survey = asyncio.run(_survey(machine, profile))
    ways_of = _Ways(survey, partly=partly)
    found: dict[str, set[int]] = {}
    for meter, formula in formulas_of(profile):
        ways = [ways_of(term, ways_of.counter(term)) for term in formula.terms]
        found.setdefault(meter, set()).update(map(sum, _product(ways)))
    for meter, alternatives in profile.derived.items():
        for formula in alternatives:
            ways = [ways_of(term, found.get(term.source, set())) for term in formula.terms]
            found.setdefault(meter, set()).update(map(sum, _product(ways)))
    lives = {
        value for oid, value in machine.items() if oid[: len(mib.MARKER_LIFE)] == mib.MARKER_LIFE
    }
    found.setdefault("total", set()).update(one for one in lives if isinstance(one, int))
    return {meter: frozenset(one for one in sums if one >= 0) for meter, sums in found.items()}


async def _survey(machine: Mapping[Oid, Value], profile: Profile) -> Survey:
    session = FakeSession(machine)
    return await look(session, profile, await gather(session))


def _product(ways: list[set[int]]) -> Iterator[tuple[int, ...]]:
    assert prod(map(len, ways)) <= _MOST
    return product(*ways)


@dataclass(frozen=True, slots=True)
class _Ways:
    """The figures that the terms of one machine come to."""

    survey: Survey
    partly: bool

    def __call__(self, term: FormulaTerm, figures: set[int]) -> set[int]:
        """Return what `term` adds to a sum."""
        left_out = {0} if term.optional and (self.partly or not figures) else set()
        return {term.sign * one for one in figures} | left_out

    def counter(self, term: FormulaTerm) -> set[int]:
        """Return the figures of the counter that `term` names."""
        found = self.survey.find(term)
        if not isinstance(found, FoundCells):
            return set()
        counted = counted_of(term, self.survey.profile)
        weight = (counted.weight or 1) if counted.size is Size.LARGE else 1
        sums = {0}
        for cell in found.cells:
            value = self._value(cell)
            more = {one + value for one in sums} if value is not None else set()
            sums = sums | more if self.partly and len(found.cells) > 1 else more
        return {one // weight for one in sums if one % weight == 0}

    def _value(self, cell: Cell) -> int | None:
        survey = self.survey
        rows = (row for places in survey.tables.values() for place in places for row in place)
        raw = next((row.value for row in rows if row.oid == cell.oid), survey.values.get(cell.oid))
        if raw is None:
            raw = survey.facts.markers.get(cell.oid)
        return cell.form.read(raw if cell.tag is None else tagged_counters(raw).get(cell.tag))
