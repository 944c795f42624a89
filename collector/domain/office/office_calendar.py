"""When the office works and when its months begin: zone, working time, closing day.

Times are UTC everywhere else; here, and only here, they meet the office's wall clock.
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from collector.domain.sentence import Unacceptable, sentence

# Closing months by name, and the fiscal years (年度) that they make up.


_YEAR: Final = 12

APRIL: Final = 4
"""With this month a fiscal year begins in most of Japan's offices."""


def month_index(month: str) -> int:
    """Return the number of `month` (like 2026-11) on an endless calendar; the next has one more."""
    year, number = month.split("-")
    return int(year) * _YEAR + int(number) - 1


def month_name(index: int) -> str:
    """Return the name of the month with this number, like 2026-11."""
    return f"{index // _YEAR:04d}-{index % _YEAR + 1:02d}"


def months_later(month: str, months: int) -> str:
    """Return the name of the month `months` after `month`; before it where negative."""
    return month_name(month_index(month) + months)


def fiscal_year(month: str, begins: int = APRIL) -> int:
    """Return the fiscal year that `month` belongs to, named by the year in which it begins."""
    return (month_index(month) - (begins - 1)) // _YEAR


def fiscal_months(year: int, begins: int = APRIL) -> tuple[str, ...]:
    """Return the twelve months of the fiscal `year` that begins with the month `begins`."""
    first = year * _YEAR + begins - 1
    return tuple(month_name(first + number) for number in range(_YEAR))


def same_month(month: str, year: int, begins: int = APRIL) -> str:
    """Return the month of the fiscal `year` that has the place of `month` in its own."""
    return months_later(month, (year - fiscal_year(month, begins)) * _YEAR)


LAST_DAY: Final = "last"
ONE_DAY: Final = timedelta(days=1)
_JANUARY: Final = 1
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A closing month: local dates `start` to `end`, both inclusive. `name` is like 2026-11.

    The name is that of the month in which the period ends.
    """

    name: str
    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        """Say whether `day` belongs to this period."""
        return self.start <= day <= self.end

    @property
    def days(self) -> tuple[date, ...]:
        """Every local date of the period, in order."""
        return tuple(self.start + ONE_DAY * n for n in range((self.end - self.start).days + 1))


@dataclass(frozen=True, slots=True)
class EarlierTerms:
    """How months were closed, and in which zone days began, up to and with the month `last`.

    `until` is the last day of that month. The month after it begins on the next day, wherever the
    newer terms would have it begin, and is as much longer or shorter.
    """

    last: str
    until: date
    closing_day: int | str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Office:
    """The office's own time. `zone` may have daylight saving; `closed` are days off by date.

    `closed` must cover every year asked about; an adapter fills it from the country's holidays
    and the office's own closed days. `closing_day` is 1 to 28, or "last" for calendar months
    (29 to 31 are accepted and end a shorter month on its last day). `year_begins` is the month
    (1 to 12) with which the fiscal year begins. `earlier`, in order, is how it was before
    closing day or zone were changed: periods gone by keep their bounds and their midnights.
    `closes` at or before `opens` is on the next day. `breaks` are days off that only the end of a
    school's term makes so. `kept` is this office as places with a calendar of their own know it,
    by the calendar's id: see `calendars.py`.
    """

    site: str
    zone: tzinfo
    closed: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    opens: time = time(8, 30)
    closes: time = time(17, 15)
    closing_day: int | str = LAST_DAY
    year_begins: int = APRIL
    earlier: tuple[EarlierTerms, ...] = ()
    breaks: frozenset[date] = frozenset()
    kept: Mapping[str, "Office"] = field(default_factory=dict, hash=False, repr=False)
    _spans: dict[date, tuple[datetime, datetime] | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `_span_of` said before: forecasts ask for the same days thousands of times."""

    def keeping(self, calendar_id: str | None) -> "Office":
        """Return this office with the working time of that calendar; itself for None."""
        return self if calendar_id is None else self.kept.get(calendar_id, self)

    def local_day(self, at: datetime) -> date:
        """Return the office's date at the instant `at`."""
        begun: date | None = None
        for one in self.earlier:
            if at < self.midnight(one.until + ONE_DAY):
                day = at.astimezone(one.zone).date()
                return min(one.until, day if begun is None else max(begun, day))
            begun = one.until + ONE_DAY
        day = at.astimezone(self.zone).date()
        return day if begun is None else max(begun, day)

    def midnight(self, day: date) -> datetime:
        """Return the instant (UTC) at which `day` begins; where 00:00 is skipped, just after.

        The first day of a changed zone begins where the day before it ends.
        """
        zone = self.zone_on(day if day == date.min else day - ONE_DAY)
        return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)

    def zone_on(self, day: date) -> tzinfo:
        """Return the zone of which `day` is one."""
        return next((one.zone for one in self.earlier if day <= one.until), self.zone)

    def works_on(self, day: date) -> bool:
        """Say whether `day` is a working day."""
        return not (day.weekday() in self.weekend or day in self.closed or day in self.breaks)

    def working_days(self, first: date, last: date) -> int:
        """Count the working days from `first` to `last`, both inclusive."""
        span = (last - first).days + 1
        return sum(self.works_on(first + ONE_DAY * n) for n in range(max(0, span)))

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Return how much of `start` to `end` (instants) is working time, in seconds."""
        return sum(
            max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
            for opens, closes in self.working_spans(start, end)
        )

    def working_spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield when the office opens and closes on each working day from `start` to `end`.

        In order, as instants (UTC); those that began the day before come first where they last
        over midnight. A span at either end may lie outside.
        """
        for day in self.days_between(start - self._overnight, end):
            if day not in self._spans:
                self._spans[day] = self._span_of(day)
            if (span := self._spans[day]) is not None:
                yield span

    @property
    def _overnight(self) -> timedelta:
        return ONE_DAY * (self.closes <= self.opens)

    def _span_of(self, day: date) -> tuple[datetime, datetime] | None:
        """Return when work begins and ends on `day`; None for a day off."""
        if not self.works_on(day):
            return None
        zone = self.zone_on(day)
        opens = datetime.combine(day, self.opens, tzinfo=zone).astimezone(UTC)
        if self.local_day(opens) != day:
            return None  # a date that the zone left out: Samoa's 30 December 2011
        closes = datetime.combine(day + self._overnight, self.closes, tzinfo=zone)
        return opens, closes.astimezone(UTC)

    def days_between(self, start: datetime, end: datetime) -> Iterator[date]:
        """Yield every local date touched from `start` to `end`."""
        day, last = self.local_day(start), self.local_day(end)
        while day <= last:
            yield day
            day += ONE_DAY

    def period_of(self, day: date) -> Period:
        """Return the closing month that `day` falls in."""
        year, month = day.year, day.month
        if day > self._closing_date(year, month):
            year, month = _next_month(year, month)
        return self._period(year, month)

    def period(self, name: str) -> Period:
        """Return the closing month called `name` (like 2026-11); raises Unacceptable."""
        try:
            parsed = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
        except ValueError as exc:
            raise Unacceptable(sentence("month.no_month", name=repr(name))) from exc
        return self._period(parsed.year, parsed.month)

    def before(self, period: Period, months: int = 1) -> Period:
        """Return the closing month `months` before `period`."""
        year, month = (int(part) for part in period.name.split("-"))
        index = year * 12 + (month - 1) - months
        return self._period(index // 12, index % 12 + 1)

    def periods(self, first: date, last: date) -> Iterator[Period]:
        """Yield the closing months that hold the days from `first` to `last`, oldest first."""
        while first <= last:
            period = self.period_of(first)
            yield period
            first = period.end + ONE_DAY

    def _period(self, year: int, month: int) -> Period:
        before = self._closing_date(*_previous_month(year, month))
        return Period(f"{year:04d}-{month:02d}", before + ONE_DAY, self._closing_date(year, month))

    def _closing_date(self, year: int, month: int) -> date:
        last, name = calendar.monthrange(year, month)[1], f"{year:04d}-{month:02d}"
        day = next((one.closing_day for one in self.earlier if name <= one.last), self.closing_day)
        return date(year, month, last if isinstance(day, str) else min(day, last))


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == _DECEMBER else (year, month + 1)


def _previous_month(year: int, month: int) -> tuple[int, int]:
    return (year - 1, 12) if month == _JANUARY else (year, month - 1)


# Japanese eras (元号): how months, days and fiscal years are named on paper in Japan.
#
# The eras and their first days are those of the Era Name Act's ordinances (昭和 1926-12-25,
# 平成 1989-01-08, 令和 2019-05-01).


_ERAS: Final = (
    ("令和", date(2019, 5, 1)),
    ("平成", date(1989, 1, 8)),
    ("昭和", date(1926, 12, 25)),
)


def era_year(day: date) -> str:
    """Return the era and year of `day`: `令和8年`, the first one `令和元年`.

    Before the eras known here it is the western year: `1925年`.
    """
    for name, first in _ERAS:
        if day >= first:
            number = day.year - first.year + 1
            return f"{name}{'元' if number == 1 else number}年"
    return f"{day.year}年"


def era_month(day: date) -> str:
    """Return the month of `day`: `令和8年11月`."""
    return f"{era_year(day)}{day.month}月"


def era_day(day: date) -> str:
    """Return `day`: `令和8年11月30日`."""
    return f"{era_month(day)}{day.day}日"


def era_fiscal_year(year: int) -> str:
    """Return the fiscal year that begins in `year`: `令和8年度`.

    One in which the era changes is called by the later one, as offices did in 2019 (令和元年度).
    """
    return f"{era_year(date(year, 12, 31))}度"
