"""Gathers what people look at every day: the month, each copier as it is, what waits for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from collector.app.close.auto_closing import Awaiting, awaiting
from collector.app.load_fleet import Loading
from collector.app.month.purchased import reconciled_periods
from collector.app.month_report import month_report
from collector.app.office_context import OfficeContext
from collector.domain.cost.purchased import (
    Reconciliation,
    paper_periods,
    quarters_between,
    with_their_years,
)
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.departments import department_days, place_shares
from collector.domain.counting.findings import Code, Finding
from collector.domain.meters import TOTAL
from collector.domain.month.course import days_to_come
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId, Place
from collector.domain.office.office_calendar import ONE_DAY, Period, fiscal_year
from collector.domain.report.month_report import MonthReport
from collector.ports import Counting, Ledger, PlaceState


@dataclass(frozen=True, slots=True)
class CopierNow:
    """A place that is asked now: what is known of its copier, and who answers for its pages."""

    place: Place
    state: PlaceState
    departments: tuple[DepartmentId, ...]

    @property
    def is_silent(self) -> bool:
        """Whether it did not answer when it was asked last, or never."""
        return self.state.online is not True


@dataclass(frozen=True, slots=True)
class OfficeBoard:
    """The running month, and what is so now.

    `departments` are those of today. `days` are impressions by day up to today, by department and
    of `WHOLE_OFFICE`; `days_left` how many working days can still be changed. `questions` wait for
    a person, `awaiting` is the month that waits to be closed; `last_month` is the report of the
    month before, where anything is known of it. `paper` are the quarters of the running fiscal
    year, the one before, and both these years, of which is told what paper was bought for the whole
    office; none where none was entered.
    """

    report: MonthReport
    departments: tuple[Department, ...]
    days: Mapping[DepartmentId, Mapping[date, int]]
    days_left: int
    copiers: tuple[CopierNow, ...]
    questions: tuple[Finding, ...]
    awaiting: Awaiting | None = None
    last_month: MonthReport | None = None
    paper: tuple[Reconciliation, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of places by id, of those that have ended, too."""


async def office_board(
    ledger: Ledger, loading: Loading, now: datetime, version: str
) -> OfficeBoard:
    """Return how the office stands `now`, as the program `version` tells it."""
    context = loading.context
    office = context.office
    today = office.local_day(now)
    period = office.period_of(today)
    first_day, before = await ledger.first_day(), office.before(period)
    last = None
    if first_day is not None and first_day <= before.end:
        last = await month_report(ledger, context, before, now, version)
    states = {one.place: one for one in await ledger.states()}
    return OfficeBoard(
        report=await month_report(ledger, context, period, now, version),
        departments=context.fleet.departments,
        days=await _by_day(ledger, context, period, today),
        days_left=days_to_come(office, period, now),
        copiers=tuple(
            CopierNow(
                one, states.get(one.id, PlaceState(one.id)), tuple(sorted(one.shares_on(today)))
            )
            for one in context.fleet.places
            if one.stands_on(today) and not one.vanished
        ),
        questions=tuple(await questions(ledger, loading, now)),
        awaiting=await awaiting(ledger, context, now),
        last_month=last,
        paper=await _paper(ledger, context, period, now),
        names={one.id: one.name for one in context.fleet.places},
    )


async def _paper(
    ledger: Ledger, context: OfficeContext, period: Period, now: datetime
) -> tuple[Reconciliation, ...]:
    year = fiscal_year(period.name, context.office.year_begins)
    begin = paper_periods(year, context.office)[0].start
    quarters = quarters_between(begin - ONE_DAY, period.end, context.office)
    periods = with_their_years(quarters, context.office)
    found = await reconciled_periods(ledger, context, periods, now)
    return tuple(one for one in found if one.of == WHOLE_OFFICE and one.sheets.bought is not None)


async def _by_day(
    ledger: Counting, context: OfficeContext, period: Period, today: date
) -> Mapping[DepartmentId, Mapping[date, int]]:
    """Return the impressions of each day of `period` until `today`; a day without any is 0."""
    usages = await ledger.days(period.start, today)
    days = [period.start + ONE_DAY * n for n in range((today - period.start).days + 1)]
    found: dict[DepartmentId, dict[date, int]] = defaultdict(lambda: dict.fromkeys(days, 0))
    for one in department_days(place_shares(usages, context.fleet, context.office)):
        for key in (one.department, WHOLE_OFFICE):
            found[key][one.day] += one.pages.get(TOTAL, 0)
    return dict(found)


async def questions(ledger: Ledger, loading: Loading, now: datetime) -> Sequence[Finding]:
    """Return what waits for a person, oldest first."""
    entries = await ledger.entries()
    silent = {one.place for one in await ledger.states() if one.online is False}
    fleet, today = loading.context.fleet, loading.context.office.local_day(now)
    ended = {one.id for one in fleet.places if not one.stands_on(today)}
    return open_findings(await ledger.findings(), entries, silent - ended, _still(loading))


def _still(loading: Loading) -> Mapping[Code, Collection[str]]:
    """Return where the fleet file still disagrees with what is known."""
    return {
        Code.FLEET_DIFFERS: {one.subject for one in loading.differences},
        Code.PLACE_VANISHED: {one.id for one in loading.context.fleet.places if one.vanished},
    }
