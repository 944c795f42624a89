"""Gathers a monthly report from the ledger: a closed month as sealed, any other as of now."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime

from collector.app.centre.agreement import TOLD_PLACING
from collector.app.close.close_month import CloseMonth
from collector.app.close.closing_accounts import Accounts, Advance
from collector.app.close.closing_facts import PeriodFacts, period_facts, places_of
from collector.app.close.closing_readings import ClosingReadings
from collector.app.month.months import (
    A_YEAR,
    MonthLedger,
    Months,
    begun,
    latest_statement,
    paper_facts,
)
from collector.app.office_context import OfficeContext
from collector.domain.closing.accounts import Account, pieces_counted, with_paper
from collector.domain.closing.draw_up import ClosingFacts, draw_up
from collector.domain.closing.statement import Sealed, Statement
from collector.domain.cost.factors import in_force
from collector.domain.counting.identity import DeviceKey
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.month.finished import sealed_figures
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import (
    Office,
    Period,
    fiscal_months,
    fiscal_year,
    months_later,
)
from collector.domain.office.targets import Measure, TargetSource
from collector.domain.report.comparison import ToldPlacing
from collector.domain.report.month_report import MonthPoint, MonthReport, Stage
from collector.domain.report.reporting import ReportFacts, put_together
from collector.ports import BEGINNING, Counting, Ledger

# Draws up what a month that is not closed would state now: places, readings, departments.


async def provisional(
    ledger: Counting,
    context: OfficeContext,
    period: Period,
    whole: DepartmentMonth,
    now: datetime,
    advance: Advance,
) -> Statement:
    """Return what closing `period` now would seal; of a running month, what is counted so far.

    `whole` is the office's month: it says which places are asked and not heard lately. A running
    month has no guesses; its closing readings are the last ones there are.
    """
    office = context.office
    facts = await period_facts(ledger, context, period, now)
    if period.end < office.local_day(now):
        accounts = await Accounts(ledger, context, facts).first(advance)
    else:
        accounts = await _so_far(ledger, context, facts, whole, now, advance)
    known = paper_facts(facts.states.values(), context.factors)
    accounts = with_paper(accounts, facts.days, known, period)
    pieces = pieces_counted(facts.days, context.fleet, office, period)
    return draw_up(ClosingFacts(office, context.fleet, period, accounts, pieces=pieces), now)


async def _so_far(
    ledger: Counting,
    context: OfficeContext,
    facts: PeriodFacts,
    whole: DepartmentMonth,
    now: datetime,
    advance: Advance,
) -> tuple[Account, ...]:
    """Return the account of every place that is asked or has pages, as if the month ended `now`."""
    heard = await ledger.heard_between(BEGINNING, now)
    before, after = facts.before[0], facts.after[0]
    until_now = replace(facts, end=now, before=(before, heard), after=(after, {}))
    readings = ClosingReadings(ledger, context, until_now)
    accounts = Accounts(ledger, context, facts)
    found = []
    for place in places_of(facts, context):
        if place.id in whole.asked or place.id in facts.pages:
            proof, read = (await readings.of(place)).proof, place.id not in whole.missing
            found.append(replace(accounts.counted(place), proof=proof, read=read))
        advance()
    return tuple(found)


# The months before the one that is reported: what they came to, and what they were allowed.


class EarlierMonths:
    """Looks a year back from one month of one ledger."""

    def __init__(
        self,
        ledger: MonthLedger,
        office: Office,
        months: Months,
        closed: Collection[str],
    ) -> None:
        """Ask `months`, and the statements of `closed` months."""
        self._ledger = ledger
        self._office = office
        self._months = months
        self._closed = closed

    async def before(self, period: Period, month: OfficeMonth) -> tuple[MonthPoint, ...]:
        """Return the twelve months before `period`, oldest first; `month` is it as stated."""
        office = self._office
        year_ago = office.before(period, A_YEAR)
        pages = {**await self._months.before(period), **await self._months.before(year_ago)}
        targets = await self._targets(month) | await self._targets_of_year_before(month)
        first_day = await self._ledger.first_day()
        points = []
        for back in range(A_YEAR, 0, -1):
            one = office.before(period, back)
            own: Mapping[DepartmentId, int] | None = pages.get(one.name)
            stage = self._stage(one, first_day)
            if own is None and first_day is not None and first_day in one:
                own, stage = (await self._months.counted(one)).pages, Stage.PARTIAL
            last_year = pages.get(office.before(one, A_YEAR).name, {})
            points.append(_point(one.name, stage, own, targets, last_year.get(WHOLE_OFFICE)))
        return tuple(points)

    def _stage(self, period: Period, first_day: date | None) -> Stage:
        """Return how far a month has come of which the pages are known."""
        if period.name in self._closed:
            return Stage.CLOSED
        counted = first_day is not None and first_day <= period.start
        return Stage.OPEN if counted else Stage.SHEET

    async def _targets(self, month: OfficeMonth) -> dict[str, dict[DepartmentId, int]]:
        """Return the targets of the fiscal year of `month`, as sealed where a month is closed."""
        found: dict[str, dict[DepartmentId, int]] = defaultdict(dict)
        summed: set[str] = set()
        for one in (month.office, *month.departments):
            for line in () if one.year is None else one.year.months:
                in_impressions = line.target.measure is Measure.IMPRESSIONS
                if line.target.pages is not None and in_impressions:
                    found[line.month][one.department.id] = line.target.pages
                    if line.target.source is TargetSource.SUM and one is month.office:
                        summed.add(line.month)
        for name, own in tuple(found.items()):
            statement = None
            if name in self._closed:
                statement = await latest_statement(self._ledger, name)
            if statement is not None:
                stated = own.get(WHOLE_OFFICE)
                found[name] = _sealed_targets(statement)
                if name not in summed and stated is not None:
                    found[name][WHOLE_OFFICE] = stated
        return dict(found)

    async def _targets_of_year_before(
        self, month: OfficeMonth
    ) -> dict[str, dict[DepartmentId, int]]:
        """Return the targets of the fiscal year before that of `month`."""
        year = month.office.year
        if year is None:
            return {}
        last = self._office.before(self._office.period(year.months[0].month))
        return await self._targets(await self._months.came_to(last))


def _sealed_targets(statement: Statement) -> dict[DepartmentId, int]:
    """Return the targets in impressions that were sealed; the office's where all of them add up."""
    sealed = {
        one.department: one.target
        for one in statement.departments
        if one.target is not None and one.measure is Measure.IMPRESSIONS
    }
    whole = sealed_figures(statement, WHOLE_OFFICE)
    if whole.target is not None and whole.measure is Measure.IMPRESSIONS:
        sealed[WHOLE_OFFICE] = whole.target
    return sealed


def _point(
    month: str,
    stage: Stage,
    pages: Mapping[DepartmentId, int] | None,
    targets: Mapping[str, Mapping[DepartmentId, int]],
    last_year: int | None,
) -> MonthPoint:
    if pages is None:
        return MonthPoint(month)
    allowed = targets.get(month, {})
    return MonthPoint(
        month=month,
        stage=stage,
        pages=pages.get(WHOLE_OFFICE),
        target=allowed.get(WHOLE_OFFICE),
        last_year=last_year,
        departments={one: count for one, count in pages.items() if one != WHOLE_OFFICE},
        targets={one: count for one, count in allowed.items() if one != WHOLE_OFFICE},
    )


async def month_report(
    ledger: Ledger,
    context: OfficeContext,
    period: Period,
    now: datetime,
    version: str,
    advance: Advance = lambda: None,
) -> MonthReport:
    """Return the report of `period` as known at `now`, made by the program `version`.

    Raises LedgerError where a statement was changed after it was sealed: nothing is told from it.
    `advance` is called for each place of a month that is not closed.
    """
    office = context.office
    closed = {one.period.name for one in await CloseMonth(ledger, context, now).chain()}
    sealed = (await ledger.statements(period.name))[-1] if period.name in closed else None
    months = Months(ledger, context, now)
    month = await months.came_to(period)
    statement = None if sealed is None else sealed.statement
    if statement is None:
        statement = await provisional(ledger, context, period, month.office, now, advance)
    first_day = await ledger.first_day()
    year = fiscal_year(period.name, office.year_begins)
    facts = ReportFacts(
        office=office,
        stage=_stage(sealed, period, office.local_day(now)),
        statement=statement,
        month=month,
        earlier=await EarlierMonths(ledger, office, months, closed).before(period, month),
        year_begins=fiscal_months(year, office.year_begins)[0],
        now=now,
        version=version,
        whole=month.office.since is None and first_day is not None and first_day <= period.end,
        sealed=sealed,
        models=await _models(ledger),
        begun=await begun(ledger, office),
        career=in_force(context.factors.careers, period.end),
    )
    return replace(put_together(facts), placing=await _placing(ledger, period))


async def _placing(ledger: Ledger, period: Period) -> ToldPlacing | None:
    """Return the place in the year up to a month that the report of `period` tells of, if any.

    Others close later than oneself: until the next is told, it stands in the reports of two more.
    """
    told = await TOLD_PLACING.get(ledger)
    reports = [] if told is None else [months_later(told.month, more) for more in range(3)]
    return told if period.name in reports else None


def _stage(sealed: Sealed | None, period: Period, today: date) -> Stage:
    if sealed is not None:
        return Stage.CLOSED
    return Stage.OPEN if period.end < today else Stage.RUNNING


async def _models(ledger: Counting) -> Mapping[DeviceKey, str]:
    """Return what model each machine is that stands somewhere now."""
    last = [state.last.answer.identity for state in await ledger.states() if state.last is not None]
    return {one.key: one.model for one in last if one.model is not None}
