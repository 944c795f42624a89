"""What finished months came to, read from the ledger once and remembered.

Targets, seasons and habits look back over more than a year; the running month is stated again
after every round of polls. Whoever learns that days of a finished month changed says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from collector.app.ground import Ground
from collector.app.settled_months import settled_months
from collector.domain.fleet import WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.history import Daily, Past, PastMonth, past_month
from collector.domain.month_facts import history_start
from collector.domain.office import Office, Period
from collector.domain.targets import months_behind
from collector.domain.years import fiscal_months, fiscal_year, months_later
from collector.ports import Ledger

HABIT_MONTHS: Final = 16
"""Closing months before one that its forecast learns from: a year, and what came before that."""

Settled = Mapping[DepartmentId, int]
"""Impressions of one settled month."""


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
        self._of: tuple[Fleet, Office] | None = None

    def forget(self, days: Iterable[date]) -> None:
        """Read the months of `days` anew when they are asked for next."""
        if self._of is not None:
            for day in days:
                self._kept.pop(self._of[1].period_of(day).name, None)

    async def before(self, ground: Ground, period: Period) -> Recalled:
        """Return what is known of all months that stating `period` may look back at."""
        if self._of is None or self._of[0] is not ground.fleet or self._of[1] != ground.office:
            self._kept, self._of = {}, (ground.fleet, ground.office)
        first_day = await self._ledger.first_day() or date.max
        detailed = history_start(ground.office, period)
        past: dict[tuple[DepartmentId, str], int] = {}
        earlier: dict[DepartmentId, dict[date, int]] = {}
        behind = sorted(months_before(ground.fleet, ground.office, period))
        periods = [of for of in map(ground.office.period, behind) if of.start < period.start]
        settled = await self._settled(ground, periods)
        for of in periods:
            own = settled.get(of.name)
            month = await self._month(ground, of, own, counted=of.end >= first_day)
            if month.settled or first_day <= of.start:
                past |= {(one, of.name): pages for one, pages in month.pages.items()}
            if of.end < detailed:
                for department, days in month.daily.items():
                    earlier.setdefault(department, {}).update(days)
        return Recalled(past, earlier)

    async def _settled(self, ground: Ground, periods: Iterable[Period]) -> Mapping[str, Settled]:
        """Return what is settled of those of `periods` that are not kept, asked for in one go."""
        unknown = [of.name for of in periods if of.name not in self._kept]
        settled = await settled_months(self._ledger, ground, unknown)
        found: dict[str, dict[DepartmentId, int]] = defaultdict(dict)
        for (department, name), pages in settled.items():
            found[name][department] = pages
        return found

    async def _month(
        self, ground: Ground, of: Period, own: Settled | None, *, counted: bool
    ) -> PastMonth:
        found = self._kept.get(of.name)
        if found is None:
            days = await self._ledger.days(of.start, of.end) if counted else ()
            found = past_month(days, ground.fleet, ground.office, of)
            if own:
                everybody = {WHOLE_OFFICE: sum(own.values())}
                pages = dict.fromkeys(found.pages, 0) | dict(own) | everybody
                found = replace(found, pages=pages, settled=True)
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
