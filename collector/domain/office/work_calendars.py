"""When a place or a department works where that is not when the office does: schools, shifts.

A calendar states what differs; kept by an office, it is that office with other working time. Zone
and closing months stay the office's own.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from collector.domain.office.office_calendar import ONE_DAY, Office


@dataclass(frozen=True, slots=True)
class YearDay:
    """Every year's `month` and `day`, or only that of `year`."""

    month: int
    day: int
    year: int | None = None

    def dates(self, first_year: int, last_year: int) -> frozenset[date]:
        """Return its dates in these years; 29 February exists in leap years only."""
        years = range(first_year, last_year + 1) if self.year is None else (self.year,)
        return frozenset(
            date(year, self.month, self.day)
            for year in years
            if first_year <= year <= last_year
            and self.day <= calendar.monthrange(year, self.month)[1]
        )

    def __str__(self) -> str:
        """Write it as settings do: 12-29, or 2026-12-29."""
        year = "" if self.year is None else f"{self.year:04d}-"
        return f"{year}{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class CalendarTerm:
    """From `start` to `end`, both inclusive: in every fiscal year, or both with their years."""

    start: YearDay
    end: YearDay

    @property
    def is_yearly(self) -> bool:
        """Whether it comes back every fiscal year."""
        return self.start.year is None

    def within(self, fiscal_year: int, year_begins: int) -> tuple[date, date]:
        """Return its first and last day; of a yearly one, those in this fiscal year."""
        first, last = (
            _date(one, one.year or fiscal_year + (one.month < year_begins))
            for one in (self.start, self.end)
        )
        return first, last


@dataclass(frozen=True, slots=True)
class Calendar:
    """What differs from the office's working time; None keeps the office's.

    `opens` and `closes` go together; `closes` at or before `opens` is on the next day. Where the
    office's days off hold as well (`holidays`), `closed_days` come on top. Weekdays out of every
    one of the `terms` are days off, in fiscal years of which a term is stated: one with a year
    counts instead of those of every year.
    """

    id: str
    weekend: frozenset[int] | None = None
    opens: time | None = None
    closes: time | None = None
    holidays: bool = True
    closed_days: tuple[YearDay, ...] = ()
    terms: tuple[CalendarTerm, ...] = ()

    def kept_by(self, office: Office, first_year: int, last_year: int) -> Office:
        """Return `office` with this calendar as its own, its days known for these years."""
        own = frozenset[date]().union(
            *(one.dates(first_year, last_year) for one in self.closed_days)
        )
        kept = replace(
            office,
            closed=own | (office.closed if self.holidays else frozenset()),
            weekend=office.weekend if self.weekend is None else self.weekend,
            opens=office.opens if self.opens is None else self.opens,
            closes=office.closes if self.closes is None else self.closes,
            breaks=frozenset(),
            kept={},
        )
        days = self._out_of_term(office.year_begins, first_year, last_year)
        return replace(kept, breaks=frozenset(filter(kept.works_on, days)))

    def _out_of_term(self, year_begins: int, first_year: int, last_year: int) -> Iterator[date]:
        dated = [one.within(0, year_begins) for one in self.terms if not one.is_yearly]
        yearly = [one for one in self.terms if one.is_yearly]
        stated = {first.year - (first.month < year_begins) for first, _ in dated}
        for year in range(first_year - 1, last_year + 1):
            if year not in stated and not yearly:
                continue
            instead = [] if year in stated else yearly
            spans = [*dated, *(one.within(year, year_begins) for one in instead)]
            day, after = date(year, year_begins, 1), date(year + 1, year_begins, 1)
            while day < after:
                if not any(first <= day <= last for first, last in spans):
                    yield day
                day += ONE_DAY


def kept_calendars(
    office: Office, calendars: Sequence[Calendar], first_year: int, last_year: int
) -> Mapping[str, Office]:
    """Return by calendar the office as a place with that calendar knows it."""
    return {one.id: one.kept_by(office, first_year, last_year) for one in calendars}


def _date(one: YearDay, year: int) -> date:
    """Return the day in `year`; for a 29 February that it lacks, the day before."""
    return date(year, one.month, min(one.day, calendar.monthrange(year, one.month)[1]))
