"""Gathers from the ledger what concerns all places of a period at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from collector.app.month.months import open_questions, stretches_in
from collector.app.office_context import OfficeContext
from collector.domain.closing.accounts import added, belongs, unknown_place
from collector.domain.closing.boundary import boundaries
from collector.domain.closing.guesses import LOOK_BACK
from collector.domain.counting.entries import Entry
from collector.domain.counting.exclusions import excluding, exclusions_in
from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.ranges import Margins, PagesInQuestion, estimated_parts, margins
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.finished import (
    NO_SHEET,
    Sheet,
    shares_in,
    sheet_months,
    sheets_that_count,
)
from collector.domain.office.fleet import DepartmentId, Place
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.ports import BEGINNING, Counting, PlaceState

_SECOND: Final = timedelta(seconds=1)
_OfPlace = TypeVar("_OfPlace", Entry, DayUsage, PagesInQuestion)

Times = Mapping[PlaceId, tuple[datetime, datetime]]
"""Place -> first and last time it was heard."""


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """What concerns all places of a period at once. `pages` are those of the day table by place.

    `before` and `after` are, for the opening and the closing midnight, when each place was heard
    first and last up to it, and after it. `moved` are when a machine arrived at another place, by
    the machine and the place that it left. `estimated` impressions lie in the period by estimate;
    `margins` and `questions` are what leaves its pages open. `sheet` is what counts of old sheets.
    `excluded` are impressions by place and who answers for them that no target need count.
    """

    period: Period
    start: datetime
    end: datetime
    days: Sequence[DayUsage]
    by_place: Mapping[PlaceId, Sequence[DayUsage]]
    pages: Mapping[PlaceId, Mapping[Meter, int]]
    entries: Mapping[PlaceId, Sequence[Entry]]
    states: Mapping[PlaceId, PlaceState]
    before: tuple[Times, Times]
    after: tuple[Times, Times]
    moved: Mapping[tuple[str, str], datetime]
    estimated: Mapping[PlaceId, Mapping[date, int]] = field(default_factory=dict)
    margins: Margins = field(default_factory=dict)
    questions: Mapping[PlaceId, Sequence[PagesInQuestion]] = field(default_factory=dict)
    sheet: Sheet = field(default_factory=dict)
    excluded: Mapping[PlaceId, Mapping[DepartmentId, int]] = field(default_factory=dict)

    def days_of(self, place: PlaceId) -> Sequence[DayUsage]:
        """Return the rows of `place`."""
        return self.by_place.get(place, ())


async def period_facts(
    ledger: Counting, context: OfficeContext, period: Period, now: datetime
) -> PeriodFacts:
    """Read what concerns all places of `period` at once."""
    start, end = boundaries(context.office, period)
    entries = await ledger.entries()
    stretches = await stretches_in(ledger, context, period)
    questions = await open_questions(ledger, context.office, period)
    days = await ledger.days(period.start, period.end)
    by_place = _by_place(days)
    sheet = sheets_that_count(sheet_months(entries).get(period.name, NO_SHEET), days)
    return PeriodFacts(
        period=period,
        start=start,
        end=end,
        days=days,
        by_place=by_place,
        pages={place: added(day.pages for day in own) for place, own in by_place.items()},
        entries=_by_place(entries),
        states={state.place: state for state in await ledger.states()},
        before=(
            await ledger.heard_between(BEGINNING, start),
            await ledger.heard_between(BEGINNING, end),
        ),
        after=(
            await ledger.heard_between(start + _SECOND, now),
            await ledger.heard_between(end + _SECOND, now),
        ),
        moved=_moved(await ledger.findings(start - LOOK_BACK, end)),
        estimated=estimated_parts(stretches, period),
        margins=margins(stretches, context.fleet, period),
        questions=_by_place(questions),
        sheet=sheet,
        excluded=_excluded(entries, days, sheet, context, period),
    )


def _excluded(
    entries: Sequence[Entry],
    days: Sequence[DayUsage],
    sheet: Sheet,
    context: OfficeContext,
    period: Period,
) -> Mapping[PlaceId, Mapping[DepartmentId, int]]:
    declared = exclusions_in(entries, context.office, period)
    if not declared:
        return {}
    shares = shares_in(days, sheet, context.fleet, context.office, period)
    found: dict[PlaceId, dict[DepartmentId, int]] = defaultdict(lambda: defaultdict(int))
    for (place, department, _), pages in excluding(shares, declared, context.fleet).of.items():
        found[place][department] += pages
    return {place: dict(own) for place, own in found.items()}


def _by_place(several: Iterable[_OfPlace]) -> Mapping[PlaceId, Sequence[_OfPlace]]:
    found: dict[PlaceId, list[_OfPlace]] = defaultdict(list)
    for one in several:
        found[one.place].append(one)
    return dict(found)


def _moved(arrivals: Iterable[Finding]) -> Mapping[tuple[str, str], datetime]:
    return {
        (str(one.evidence.get("device")), str(one.evidence.get("from"))): one.at
        for one in arrivals
        if one.code is Code.DEVICE_MOVED and one.at is not None and "from" in one.evidence
    }


def places_of(facts: PeriodFacts, context: OfficeContext) -> tuple[Place, ...]:
    """Return the places of the period: those somebody answers for, and all that have pages."""
    known = [place for place in context.fleet.places if belongs(place, facts.period)]
    listed = {place.id for place in known}
    counted = {day.place for day in facts.days}
    others = sorted((counted | facts.sheet.keys()) - listed)
    return (*known, *(context.fleet.place(one) or unknown_place(one) for one in others))
