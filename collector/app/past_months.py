"""What finished months came to, read from the ledger once and remembered.

Targets, seasons and habits look back over more than a year; the running month is stated again
after every round of polls. Whoever learns that days of a finished month changed says so.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from collector.app.begun_and_open import begun
from collector.app.ground import Ground
from collector.app.settled_months import settled_months
from collector.domain.begun import Begun, part_measured
from collector.domain.fleet import WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.history import Daily, Past, PastMonth, past_month
from collector.domain.history_months import sheet_months
from collector.domain.months import history_start
from collector.domain.office import Office, Period
from collector.domain.reading import PlaceId
from collector.domain.targets import months_behind
from collector.domain.years import fiscal_months, fiscal_year, months_later
from collector.ports import Ledger

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
        self._kept: dict[str, PastMonth] = {}
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

    async def before(self, ground: Ground, period: Period) -> Recalled:
        """Return what is known of all months that stating `period` may look back at."""
        if self._of is None or self._of[0] is not ground.fleet or self._of[1] != ground.office:
            self._kept, self._settled, self._parts = {}, {}, {}
            self._of = (ground.fleet, ground.office)
        first_day = await self._ledger.first_day()
        entries = await self._ledger.entries()
        read_since, sheets = await begun(self._ledger, ground.office), sheet_months(entries)
        names = sorted(months_before(ground.fleet, ground.office, period))
        await self._settle(ground, names)
        detailed = history_start(ground.office, period)
        past: dict[tuple[DepartmentId, str], int] = {}
        earlier: dict[DepartmentId, dict[date, int]] = {}
        for name in names:
            of, settled = ground.office.period(name), self._settled[name]
            if of.start >= period.start:
                continue
            part = self._part(ground.fleet, of, read_since, sheets.get(name, ()))
            past |= {(one, name): pages for one, pages in settled.items() if one not in part}
            if first_day is None or of.end < first_day:
                continue
            month = await self._month(ground, of)
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

    async def _settle(self, ground: Ground, months: Iterable[str]) -> None:
        """Learn which of `months` are settled: sealed figures come before a recount of days."""
        asked = [name for name in months if name not in self._settled]
        found = await settled_months(self._ledger, ground, asked)
        for name in asked:
            pages = found.get(name, {})
            whole = {WHOLE_OFFICE: sum(pages.values())} if pages else {}
            self._settled[name] = {**pages, **whole}

    async def _month(self, ground: Ground, of: Period) -> PastMonth:
        found = self._kept.get(of.name)
        if found is None:
            days = await self._ledger.days(of.start, of.end)
            found = past_month(days, ground.fleet, ground.office, of)
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
