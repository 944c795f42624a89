"""What finished months came to, read from the ledger once and remembered.

Targets, seasons and habits look back over more than a year; the running month is stated again
after every round of polls. Whoever learns that days of a finished month changed says so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from collector.app.month.begun_and_open import begun
from collector.app.office_context import OfficeContext
from collector.domain.closing.accounts import ByDepartment, answering, shared_out
from collector.domain.closing.statement import Statement
from collector.domain.counting.departments import PlaceShare
from collector.domain.counting.entries import PastMonth
from collector.domain.counting.ranges import Begun, part_measured
from collector.domain.meters import TOTAL
from collector.domain.month.closed_months import pages_by_department
from collector.domain.month.history import (
    Daily,
    FinishedMonth,
    Past,
    history_months,
    past_month,
    shared_month,
    sheet_months,
)
from collector.domain.month.month import history_start
from collector.domain.office.fleet import UNASSIGNED, WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.office.office_calendar import (
    Office,
    Period,
    fiscal_months,
    fiscal_year,
    months_later,
)
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import months_behind
from collector.ports import Ledger

# What months gone by came to, as far as that is settled: by statement, or by an old sheet.
#
# A re-organisation or a later change must leave last year untouched: its sealed figures come
# before anything that is counted again from days.


async def latest_statement(ledger: Ledger, month: str) -> Statement | None:
    """Return the newest revision of the closed month called `month`, None where it is open."""
    sealed = await ledger.statements(month)
    return sealed[-1].statement if sealed else None


async def settled_months(
    ledger: Ledger, context: OfficeContext, months: Iterable[str]
) -> dict[str, Mapping[DepartmentId, int]]:
    """Return month -> impressions by department for those of `months` that are settled.

    A month with a statement is as its latest revision has it. One without, of which old sheets
    were entered, is what was counted, and the sheets' figures for places where nothing was, by
    who answered then. A department of whose places neither says anything is absent: not 0.
    """
    found: dict[str, Mapping[DepartmentId, int]] = {}
    sheets: Mapping[str, Mapping[PlaceId, PastMonth]] | None = None
    for month in dict.fromkeys(months):
        statement = await latest_statement(ledger, month)
        if statement is not None:
            found[month] = pages_by_department(statement)
            continue
        if sheets is None:
            sheets = sheet_months(await ledger.entries())
        if month in sheets:
            found[month] = await _by_sheet(ledger, context, month, sheets[month])
    return found


async def _by_sheet(
    ledger: Ledger, context: OfficeContext, month: str, sheet: Mapping[PlaceId, PastMonth]
) -> dict[DepartmentId, int]:
    office, fleet = context.office, context.fleet
    period = office.period(month)
    days = await ledger.days(period.start, period.end)
    counted = {day.place for day in days if any(day.pages.values())}
    shares: list[ByDepartment] = [
        one for one, _ in shared_out(days, {}, fleet, office, period).values()
    ]
    for place, entry in sheet.items():
        if place not in counted:
            shares.append(shared_month(entry, fleet, office))
    there = {
        department
        for place in fleet.places
        if place.stands_on(period.start) and (place.id in counted or place.id in sheet)
        for span in answering(place, period)
        for department in span.shares
    }
    return _totals(there - {UNASSIGNED}, shares)


def _totals(
    there: Iterable[DepartmentId], shares: Sequence[ByDepartment]
) -> dict[DepartmentId, int]:
    found: dict[DepartmentId, int] = defaultdict(int, dict.fromkeys(there, 0))
    for one in shares:
        for department, pages in one.items():
            found[department] += pages.get(TOTAL, 0)
    return dict(found)


HABIT_MONTHS: Final = 16
"""Closing months before one that its forecast learns from: a year, and what came before that."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is known of the months before one: see `MonthFacts`."""

    past: Past = field(default_factory=dict)
    earlier: Daily = field(default_factory=dict)


class PastMonths:
    """Reads finished months of one ledger and keeps them."""

    def __init__(self, ledger: Ledger) -> None:
        """Read from `ledger` what is asked for."""
        self._ledger = ledger
        self._kept: dict[str, FinishedMonth] = {}
        self._settled: dict[str, Mapping[DepartmentId, int]] = {}
        self._parts: dict[str, tuple[Begun, frozenset[DepartmentId]]] = {}
        self._of: tuple[Fleet, Office] | None = None

    def forget(self, days: Iterable[date], months: Iterable[str] = ()) -> None:
        """Read the months of `days`, and those called `months`, anew when they are next asked for.

        A month that was closed, or of which an old sheet was entered, is one of `months`.
        """
        for month in months:
            self._settled.pop(month, None)
            self._kept.pop(month, None)
        if self._of is not None:
            for day in days:
                self._kept.pop(self._of[1].period_of(day).name, None)

    async def before(self, context: OfficeContext, period: Period) -> Recalled:
        """Return what is known of all months that stating `period` may look back at."""
        if self._of is None or self._of[0] is not context.fleet or self._of[1] != context.office:
            self._kept, self._settled, self._parts = {}, {}, {}
            self._of = (context.fleet, context.office)
        first_day = await self._ledger.first_day()
        entries = await self._ledger.entries()
        read_since, sheets = await begun(self._ledger, context.office), sheet_months(entries)
        names = sorted(months_before(context.fleet, context.office, period))
        await self._settle(context, names)
        detailed = history_start(context.office, period)
        past: dict[tuple[DepartmentId, str], int] = {}
        earlier: dict[DepartmentId, dict[date, int]] = {}
        for name in names:
            of, settled = context.office.period(name), self._settled[name]
            if of.start >= period.start:
                continue
            part = self._part(context.fleet, of, read_since, sheets.get(name, ()))
            past |= {(one, name): pages for one, pages in settled.items() if one not in part}
            if first_day is None or of.end < first_day:
                continue
            month = await self._month(context, of)
            if min((first_day, *read_since.values())) <= of.start and not settled:
                past |= {(one, name): n for one, n in month.pages.items() if one not in part}
            if of.end < detailed:
                for department, days in month.daily.items():
                    earlier.setdefault(department, {}).update(days)
        return Recalled(past, earlier)

    def _part(
        self, fleet: Fleet, of: Period, read_since: Begun, sheet: Collection[PlaceId]
    ) -> frozenset[DepartmentId]:
        """Return the departments of which `of` is no whole month; old sheets are of whole ones."""
        known = read_since | dict.fromkeys(sheet, of.start)
        if max(known.values(), default=of.start) <= of.start:
            return frozenset()
        kept = self._parts.get(of.name)
        if kept is None or kept[0] != known:
            kept = self._parts[of.name] = known, part_measured(fleet, known, of)
        return kept[1]

    async def _settle(self, context: OfficeContext, months: Iterable[str]) -> None:
        """Learn which of `months` are settled: sealed figures come before a recount of days."""
        asked = [name for name in months if name not in self._settled]
        found = await settled_months(self._ledger, context, asked)
        for name in asked:
            pages = found.get(name, {})
            whole = {WHOLE_OFFICE: sum(pages.values())} if pages else {}
            self._settled[name] = {**pages, **whole}

    async def _month(self, context: OfficeContext, of: Period) -> FinishedMonth:
        found = self._kept.get(of.name)
        if found is None:
            days = await self._ledger.days(of.start, of.end)
            found = past_month(days, context.fleet, context.office, of)
            self._kept[of.name] = found
        return found


def months_before(fleet: Fleet, office: Office, period: Period) -> frozenset[str]:
    """Return the names of all months that stating `period` may look back at."""
    year = fiscal_months(fiscal_year(period.name, office.year_begins), office.year_begins)
    found = {months_later(period.name, -back) for back in range(1, HABIT_MONTHS + 1)}
    found |= {one for one in year if one < period.name}
    for targets in fleet.targets.values():
        found |= {name for one in year for name in months_behind(targets, one, office)}
    return frozenset(found)


# Months that old sheets state, beside those that the ledger counted.
#
# Where the ledger counted a place in a month, its figure holds and the sheet's does not: no page
# is
# counted twice.


async def history_names(ledger: Ledger) -> frozenset[str]:
    """Return the names of the months that old sheets state."""
    return frozenset(sheet_months(await ledger.entries()))


async def history_shares(
    ledger: Ledger, context: OfficeContext, period: Period
) -> tuple[PlaceShare, ...]:
    """Return what old sheets say of `period`, by place and department, as if on its last day.

    Only of places that the ledger did not count in it.
    """
    sheet = sheet_months(await ledger.entries()).get(period.name)
    if sheet is None:
        return ()
    days = await ledger.days(period.start, period.end)
    counted = {day.place for day in days if any(day.pages.values())}
    return tuple(
        PlaceShare(place, department, period.end, pages)
        for place, entry in sheet.items()
        if place not in counted
        for department, pages in shared_month(entry, context.fleet, context.office).items()
    )


async def moved_months(
    ledger: Ledger, before: Fleet, after: Fleet, office: Office
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the months of old sheets that another fleet file states differently, and all."""
    entries = await ledger.entries()
    was, now = (history_months(entries, fleet, office) for fleet in (before, after))
    moved = frozenset(
        month
        for department, month in was.keys() | now.keys()
        if was.get((department, month)) != now.get((department, month))
        or before.targets_of(department).of(month) != after.targets_of(department).of(month)
        or before.department(department) != after.department(department)
    )
    return moved, frozenset(month for _, month in was)
