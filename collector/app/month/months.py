"""What closing months came to: the one answer that every command, report and row asks for.

A sealed statement, else the counted days, else an old sheet: `domain/month/finished.py` has the
rule. Here is what the ledger knows of a month, read for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Final, Protocol

from collector.app.office_context import OfficeContext
from collector.domain.closing.boundary import boundaries
from collector.domain.closing.seal import sealed_totals
from collector.domain.closing.statement import Statement
from collector.domain.cost.factors import Factors
from collector.domain.cost.sheets import PaperFacts
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.entries import Entry, Exclusion, in_force
from collector.domain.counting.exclusions import EXCLUDED, exclusions_in
from collector.domain.counting.findings import Code
from collector.domain.counting.ranges import (
    Begun,
    PagesInQuestion,
    begun_by,
    part_measured,
    questions_in,
)
from collector.domain.counting.usage import DayUsage, Stretch, stretches_of
from collector.domain.meters import TOTAL, Unit
from collector.domain.month.back_test import PastForecast, replay
from collector.domain.month.department_month import OfficeMonth
from collector.domain.month.finished import (
    NO_SHEET,
    Daily,
    FinishedMonth,
    Past,
    Sheet,
    excluded_in,
    finished_month,
    shares_in,
    sheet_months,
    sheet_shares,
    sheets_that_count,
)
from collector.domain.month.month import MonthFacts, history_start, stated_month
from collector.domain.office.fleet import EVERYBODY, NOBODY, Department, DepartmentId, Fleet
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Office,
    Period,
    fiscal_months,
    fiscal_year,
    months_later,
)
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, months_behind
from collector.ports import BEGINNING, END, Counting, PlaceState, Statements


class MonthLedger(Counting, Statements, Protocol):
    """What months are stated from."""


A_YEAR: Final = 12
"""Closing months."""

HABIT_MONTHS: Final = 16
"""Closing months before one that its forecast learns from: a year, and what came before that."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is known of the months before one: see `MonthFacts`."""

    past: Past = field(default_factory=dict)
    earlier: Daily = field(default_factory=dict)
    past_in: Mapping[Measure, Past] = field(default_factory=dict)
    earlier_in: Mapping[Measure, Daily] = field(default_factory=dict)
    excluded: Past = field(default_factory=dict)


class FinishedMonths:
    """Reads finished months of one ledger, each once, and remembers them.

    Targets, seasons and habits look back over more than a year; the running month is stated again
    after every round of polls. Whoever learns that days of a finished month changed says so.
    """

    def __init__(self, ledger: MonthLedger) -> None:
        """Read from `ledger` what is asked for."""
        self._ledger = ledger
        self._kept: dict[str, FinishedMonth] = {}
        self._parts: dict[str, tuple[Begun, frozenset[DepartmentId]]] = {}
        self._of: tuple[Fleet, Office, Factors] | None = None

    def forget(self, days: Iterable[date], months: Iterable[str] = ()) -> None:
        """Read the months of `days`, and those called `months`, anew when they are next asked for.

        A month that was closed, or of which an old sheet was entered, is one of `months`.
        """
        names = {*months}
        if self._of is not None:
            names |= {self._of[1].period_of(day).name for day in days}
        for name in names:
            self._kept.pop(name, None)

    async def of(
        self, context: OfficeContext, periods: Iterable[Period]
    ) -> Mapping[str, FinishedMonth]:
        """Return by name what `periods` came to, as far as the ledger knows, whole or in part."""
        now = (context.fleet, context.office, context.factors)
        if self._of is None or self._of[0] is not context.fleet or self._of[1:] != now[1:]:
            self._kept, self._parts = {}, {}
            self._of = now
        periods = tuple(periods)
        if any(one.name not in self._kept for one in periods):
            first_day = await self._ledger.first_day()
            entries = await self._ledger.entries()
            sheets, known = sheet_months(entries), None
            if context.fleet.measures:
                known = paper_facts(await self._ledger.states(), context.factors)
            for one in periods:
                if one.name not in self._kept:
                    read = await self._read(context, one, first_day, sheets, known)
                    self._kept[one.name] = await self._excluding(context, one, read, entries)
        return {one.name: self._kept[one.name] for one in periods}

    async def before(self, context: OfficeContext, period: Period) -> Recalled:
        """Return what is known of all whole months that stating `period` may look back at.

        What an old sheet or a statement says is of a whole month. What was only counted is so
        where counting had begun, and of the departments whose places were all read by then.
        """
        names = sorted(months_before(context.fleet, context.office, period))
        periods = [one for one in map(context.office.period, names) if one.start < period.start]
        months = await self.of(context, periods)
        first_day, read_since = (
            await self._ledger.first_day(),
            await begun(self._ledger, context.office),
        )
        sheets = sheet_months(await self._ledger.entries())
        detailed = history_start(context.office, period)
        past: dict[tuple[DepartmentId, str], int] = {}
        excluded: dict[tuple[DepartmentId, str], int] = {}
        earlier: dict[DepartmentId, dict[date, int]] = {}
        past_in: dict[Measure, dict[tuple[DepartmentId, str], int]] = defaultdict(dict)
        earlier_in: dict[Measure, dict[DepartmentId, dict[date, int]]] = defaultdict(dict)
        for one in periods:
            month = months[one.name]
            excluded |= {(name, one.name): n for name, n in month.excluded.items()}
            if month.is_settled or is_counted_whole(one, first_day, read_since):
                since = {**read_since, **dict.fromkeys(sheets.get(one.name, NO_SHEET), one.start)}
                part = self._part(context.fleet, one, since)
                past |= {(name, one.name): n for name, n in month.pages.items() if name not in part}
                for measure, used in month.used.items():
                    whole = {(name, one.name): n for name, n in used.items() if name not in part}
                    past_in[measure] |= whole
            if one.end < detailed:
                for department, days in month.daily.items():
                    earlier.setdefault(department, {}).update(days)
                for measure, daily in month.used_daily.items():
                    for department, days in daily.items():
                        earlier_in[measure].setdefault(department, {}).update(days)
        return Recalled(past, earlier, past_in, earlier_in, excluded)

    async def _read(
        self,
        context: OfficeContext,
        of: Period,
        first_day: date | None,
        sheets: Mapping[str, Sheet],
        known: PaperFacts | None,
    ) -> tuple[FinishedMonth, str | None]:
        """Return what is known of a month, and the text of its statement where it is closed."""
        counted = first_day is not None and first_day <= of.end
        sheet = sheets.get(of.name, NO_SHEET)
        read = self._ledger.days if sheet or known is not None else self._ledger.day_totals
        days = await read(of.start, of.end) if counted else ()
        links = await self._ledger.links(of.name)
        text = links[-1].text if links else None
        sealed = None if text is None else sealed_totals(text, context.fleet.level)
        told = None if known is None else (known, await latest_statement(self._ledger, of.name))
        stated = (days, context.fleet, context.office, of, sheet, sealed, told)
        return finished_month(*stated), text

    async def _excluding(
        self,
        context: OfficeContext,
        of: Period,
        read: tuple[FinishedMonth, str | None],
        entries: Sequence[Entry],
    ) -> FinishedMonth:
        """Return the month with what is excluded of it: as sealed, else by the `entries`."""
        month, text = read
        if text is not None:
            if f'"{EXCLUDED}":' not in text:  # mostly: and texts are long
                return month
            sealed = sealed_totals(text, context.fleet.level, EXCLUDED)
            return replace(month, excluded={one: pages for one, pages in sealed.items() if pages})
        declared = exclusions_in(entries, context.office, of)
        if not declared:
            return month
        days = await self._ledger.days(of.start, of.end)
        sheet = sheets_that_count(sheet_months(entries).get(of.name, NO_SHEET), days)
        shares = shares_in(days, sheet, context.fleet, context.office, of)
        return replace(month, excluded=excluded_in(shares, declared, context.fleet))

    def _part(self, fleet: Fleet, of: Period, since: Begun) -> frozenset[DepartmentId]:
        """Return the departments of which `of` is no whole month."""
        if max(since.values(), default=of.start) <= of.start:
            return frozenset()
        kept = self._parts.get(of.name)
        if kept is None or kept[0] != since:
            kept = self._parts[of.name] = since, part_measured(fleet, since, of)
        return kept[1]


def is_counted_whole(of: Period, first_day: date | None, read_since: Begun) -> bool:
    """Say whether counting had begun when `of` began, by the day table or by a reading."""
    if first_day is None or of.end < first_day:
        return False
    return min((first_day, *read_since.values())) <= of.start


class Months:
    """Says what any closing month of one ledger came to, as known at `now`."""

    def __init__(
        self,
        ledger: MonthLedger,
        context: OfficeContext,
        now: datetime,
        finished: FinishedMonths | None = None,
    ) -> None:
        """Ask `ledger` by the fleet and calendar of `context`; `finished` may be remembered."""
        self._ledger = ledger
        self._context = context
        self._now = now
        self._finished = finished or FinishedMonths(ledger)

    async def came_to(self, period: Period, also: Iterable[Department] = ()) -> OfficeMonth:
        """Return `period` of the office, of every department, and of `also`.

        A closed month is as its latest statement has it.
        """
        return stated_month(await self._facts(period), also)

    async def before(self, period: Period) -> Mapping[str, Mapping[DepartmentId, int]]:
        """Return month -> department -> impressions of whole months that `period` looks back at."""
        found: dict[str, dict[DepartmentId, int]] = defaultdict(dict)
        recalled = await self._finished.before(self._context, period)
        for (department, month), pages in recalled.past.items():
            found[month][department] = pages
        return dict(found)

    async def counted(self, period: Period) -> FinishedMonth:
        """Return `period` as its days, and old sheets beside them, have it now, sealed or not."""
        context = self._context
        days = await self._ledger.days(period.start, period.end)
        sheet = sheet_months(await self._ledger.entries()).get(period.name, NO_SHEET)
        return finished_month(days, context.fleet, context.office, period, sheet)

    async def _facts(self, period: Period) -> MonthFacts:
        """Gather all that is needed to state `period`."""
        ledger, context, office = self._ledger, self._context, self._context.office
        recalled = await self._finished.before(context, period)
        statement = await latest_statement(ledger, period.name)
        days = await self._days(period)
        states = await ledger.states()
        known = paper_facts(states, context.factors)
        heard = await ledger.heard_between(office.midnight(period.start), self._now)
        entries = in_force(await ledger.entries())
        sheet = NO_SHEET
        if statement is None and period.end < office.local_day(self._now):
            entered = sheet_months(entries).get(period.name, NO_SHEET)
            sheet = sheets_that_count(entered, (one for one in days if one.day in period))
        return MonthFacts(
            fleet=context.fleet,
            office=office,
            period=period,
            now=self._now,
            days=days,
            heard=heard_with_total(heard, states),
            past=recalled.past,
            earlier=recalled.earlier,
            past_in=recalled.past_in,
            earlier_in=recalled.earlier_in,
            factors=context.factors,
            machines=known.machines,
            units=known.units,
            statement=statement,
            sheets=sheet_shares(sheet, context.fleet, office, period),
            begun=await begun(ledger, office),
            stretches=() if statement is not None else await stretches_in(ledger, context, period),
            questions=await open_questions(ledger, office, period),
            exclusions=[one for one in entries if isinstance(one, Exclusion)],
            past_excluded=recalled.excluded,
        )

    async def _days(self, period: Period) -> list[DayUsage]:
        """Return the days of `period` and of all that it looks back at, those by total alone."""
        start = history_start(self._context.office, period)
        if self._context.fleet.measures:
            return [*await self._ledger.days(start, period.end)]
        before = await self._ledger.day_totals(start, period.start - ONE_DAY)
        return [*before, *await self._ledger.days(period.start, period.end)]


def heard_with_total(
    heard: Mapping[PlaceId, tuple[datetime, datetime]], states: Iterable[PlaceState]
) -> Mapping[PlaceId, tuple[datetime, datetime]]:
    """Return `heard` up to when the total of each place was counted last, where it has one.

    Heard later without it, or with one that is not believed yet, its pages are not known.
    """
    counted = {
        one.place: one.track.meters[TOTAL].last_at
        for one in states
        if one.track is not None and TOTAL in one.track.meters
    }
    until = {place: min(last, counted.get(place, last)) for place, (_, last) in heard.items()}
    return {
        place: (first, until[place]) for place, (first, _) in heard.items() if first <= until[place]
    }


def paper_facts(states: Iterable[PlaceState], factors: Factors) -> PaperFacts:
    """Return what sheets are told by: the machines as of their last readings, and `factors`."""
    answers = {one.place: one.last.answer for one in states if one.last is not None}
    units = {place: answer.unit_of(TOTAL) for place, answer in answers.items()}
    return PaperFacts(
        factors,
        {place: frozenset(answer.meters) for place, answer in answers.items()},
        {place: unit for place, unit in units.items() if unit is not Unit.IMPRESSIONS},
    )


async def latest_statement(ledger: Statements, month: str) -> Statement | None:
    """Return the newest revision of the closed month called `month`, None where it is open."""
    sealed = await ledger.statements(month)
    return sealed[-1].statement if sealed else None


async def sheet_names(ledger: Counting) -> frozenset[str]:
    """Return the names of the months that old sheets state."""
    return frozenset(sheet_months(await ledger.entries()))


def months_before(fleet: Fleet, office: Office, period: Period) -> frozenset[str]:
    """Return the names of all months that stating `period` may look back at."""
    year = fiscal_months(fiscal_year(period.name, office.year_begins), office.year_begins)
    found = {months_later(period.name, -back) for back in range(1, HABIT_MONTHS + 1)}
    found |= {one for one in year if one < period.name}
    for targets in fleet.targets.values():
        found |= {name for one in year for name in months_behind(targets, one, office)}
    return frozenset(found)


# What the ledger says of a month beside its pages: since when it is read, and what is open.


async def begun(ledger: Counting, office: Office) -> Begun:
    """Return on which local day each place was read first."""
    heard = await ledger.heard_between(BEGINNING, END)
    first = {place: at for place, (at, _) in heard.items()}
    return begun_by(first, await ledger.entries(), office)


async def stretches_in(
    ledger: Counting, context: OfficeContext, period: Period
) -> tuple[Stretch, ...]:
    """Return the stretches that reach into `period`, each by the calendar of its place."""
    usages = await ledger.long_usages(*boundaries(context.office, period))
    found = (stretches_of([one], context.office_at(one.place, one.end)) for one in usages)
    return tuple(chain.from_iterable(found))


async def open_questions(
    ledger: Counting, office: Office, period: Period
) -> tuple[PagesInQuestion, ...]:
    """Return the questions about pages of `period` that nobody has decided yet."""
    begin, _ = boundaries(office, period)
    findings = await ledger.findings(begin)
    if not any(one.code is Code.PAGES_IN_QUESTION for one in findings):
        return ()
    waiting = open_findings(findings, await ledger.entries(), ())
    return questions_in(waiting, office, period)


# Replay the forecasts of the finished months that the ledger holds.


@dataclass(frozen=True, slots=True)
class BackTested:
    """What would have been said of one department, or of the whole office."""

    department: Department
    said: tuple[PastForecast, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The closing months that are over. `begun` is one that the ledger holds from mid-month on."""

    whole: tuple[Period, ...]
    begun: tuple[Period, ...]


async def ended_months(ledger: Counting, context: OfficeContext, now: datetime) -> Ended:
    """Return the months that are over and that `ledger` knows, oldest first."""
    first_day = await ledger.first_day()
    if first_day is None:
        return Ended((), ())
    today = context.office.local_day(now)
    over = [one for one in context.office.periods(first_day, today) if one.end < today]
    begun = tuple(one for one in over if one.start < first_day)
    return Ended(tuple(over[len(begun) :]), begun)


async def back_test(
    ledger: MonthLedger,
    context: OfficeContext,
    ended: Ended,
    since: str,
    advance: Callable[[], None] = lambda: None,
) -> Sequence[BackTested]:
    """Return what would have been forecast in the months of `ended` from `since` on.

    Old sheets tell of the months before the ledger's first, as they do to every forecast.
    One for every department, for nobody's pages where there are any, and for the whole office at
    last. `advance` is called after each month that was read and each department.
    """
    daily: dict[DepartmentId, dict[date, int]] = defaultdict(dict)
    months: dict[DepartmentId, dict[str, int]] = defaultdict(dict)
    periods = (*_before(context, ended), *ended.begun, *ended.whole)
    finished = await FinishedMonths(ledger).of(context, periods)
    for period in periods:
        month = finished[period.name]
        if month.is_settled or period in ended.whole:
            for name, pages in month.pages.items():
                months[name][period.name] = pages
        for name, own in month.daily.items():
            daily[name].update(own)
    for _ in (*ended.begun, *ended.whole):
        advance()
    found = []
    for department in (*context.fleet.with_former(daily), NOBODY, EVERYBODY):
        said = [
            one
            for period in ended.whole
            if period.name >= since
            for one in _replayed(department.id, context, period, (daily, months))
        ]
        if said or department is not NOBODY:
            found.append(BackTested(department, tuple(said)))
        advance()
    return found


def _before(context: OfficeContext, ended: Ended) -> Sequence[Period]:
    """Return the months before the first that the ledger holds whole, without the begun one."""
    if not ended.whole:
        return ()
    first = ended.whole[0].name
    names = (months_later(first, -back) for back in range(1, HABIT_MONTHS + 1))
    return [one for one in map(context.office.period, names) if one not in ended.begun]


def _replayed(
    department: DepartmentId,
    context: OfficeContext,
    period: Period,
    known: tuple[Mapping[DepartmentId, dict[date, int]], Mapping[DepartmentId, dict[str, int]]],
) -> Iterator[PastForecast]:
    """Yield the forecasts of one department in `period`, by its own calendar then."""
    daily, months = known
    office = context.fleet.office_of(department, context.office, period.end)
    return replay(daily.get(department, {}), office, period, months.get(department, {}))
