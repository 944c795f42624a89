"""Whether a month will keep its target: what is left, the pace, and what would bring it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil
from typing import Final

from collector.domain.month.forecast import Outlook, day_left, elapsed_share
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Office,
    Period,
    fiscal_months,
    fiscal_year,
)
from collector.domain.office.targets import Measure, Target

_HALF_A_DAY: Final = 0.5
"""A pace is told from half a working day on, and today counts while half of it is to come."""


TELLS_FROM: Final = 0.2
"""Share of the working time from which people are told that a month will be over: before, a few
busy days would decide."""


class Bearing(StrEnum):
    """Where a month is heading."""

    WITHIN = "within"
    """The whole range of the forecast lies within the target."""
    CLOSE = "close"
    """What is expected lies within the target, the upper end of the range does not."""
    CUT = "cut"
    """It will pass the target; printing `cut` fewer on each of the `days` keeps it."""
    LAST_PAGES = "last_pages"
    """Only if no more than what is left is printed in all, today and days off included."""
    OVER = "over"
    """The target is passed already: nothing brings the month back."""
    KEPT = "kept"
    """The month is over and kept its target."""
    MISSED = "missed"
    """The month is over and passed its target."""


class Standing(StrEnum):
    """What a chief asks of a month first: is it over its target, will it be, or is it on course."""

    OVER = "over"
    """The target is passed."""
    WILL_BE_OVER = "will_be_over"
    """It is not passed yet; what is expected of the month lies above it."""
    ON_COURSE = "on_course"
    """What is expected, or was counted, lies within the target."""
    UNKNOWN = "unknown"
    """There is a target, and nothing yet to expect anything by."""
    NO_TARGET = "no_target"

    @property
    def urgency(self) -> int:
        """3 over, 2 will be over, 1 on course, 0 where nothing can be said."""
        return {Standing.OVER: 3, Standing.WILL_BE_OVER: 2, Standing.ON_COURSE: 1}.get(self, 0)


_AHEAD: Final = frozenset({Bearing.CUT, Bearing.LAST_PAGES})
_PASSED: Final = frozenset({Bearing.OVER, Bearing.MISSED})


@dataclass(frozen=True, slots=True)
class Course:
    """A month on its way to its target, all in the target's `measure`.

    `left` is target less pages, negative when passed. `over` is how far what is expected (once
    the month is over: what was counted) lies above the target, negative below it; `over_at_most`
    the same for the upper end of the range. `pace` is pages a working day so far, `allowed` what
    is left for each working day still to come; None where less than half a working day tells.
    To print `cut` fewer on each of the working `days` ends the month within the target; both are
    set with `CUT` only. `until` is the last day of the month.
    """

    bearing: Bearing
    target: int
    left: int
    over: float
    over_at_most: float
    until: date
    today: date
    pace: float | None = None
    allowed: float | None = None
    cut: int | None = None
    days: tuple[date, ...] = ()
    measure: Measure = Measure.IMPRESSIONS

    @property
    def standing(self) -> Standing:
        """Where this bearing leaves the month."""
        if self.bearing in _PASSED:
            return Standing.OVER
        return Standing.WILL_BE_OVER if self.bearing in _AHEAD else Standing.ON_COURSE


def course(
    target: int, pages: int, outlook: Outlook, office: Office, period: Period, now: datetime
) -> Course:
    """Return where a month with `pages` so far and this `outlook` is heading.

    All three are in one measure; whoever counts something else than impressions says so.
    """
    today = office.local_day(now)
    ends = outlook.forecast
    days = _working_days_to_come(outlook, office, period, now)
    if today > period.end:
        bearing, cut = (Bearing.KEPT if ends.expected <= target else Bearing.MISSED), None
    elif ends.expected <= target:
        bearing, cut = (Bearing.WITHIN if ends.high <= target else Bearing.CLOSE), None
    else:
        cut = fewer_a_day(list(days.values()), ends.expected - target)
        bearing = Bearing.OVER if pages > target else Bearing.LAST_PAGES
        bearing = bearing if cut is None else Bearing.CUT
    pace, allowed = _paces(target, pages, office, period, now)
    return Course(
        bearing=bearing,
        target=target,
        left=target - pages,
        over=ends.expected - target,
        over_at_most=ends.high - target,
        until=period.end,
        today=today,
        pace=pace,
        allowed=allowed,
        cut=cut,
        days=() if cut is None else tuple(days),
    )


def fewer_a_day(days: Sequence[float], over: float) -> int | None:
    """Return the smallest whole number of impressions that, saved on each day, saves `over`.

    `days` is what each is expected to bring; none can save more than that. None where even
    printing nothing on all of them would not do.
    """
    if sum(days) < over:
        return None
    low, high = 0, ceil(max(days, default=0.0))
    while low < high:
        middle = (low + high) // 2
        if sum(min(middle, pages) for pages in days) >= over:
            high = middle
        else:
            low = middle + 1
    return low


def _paces(
    target: int, pages: int, office: Office, period: Period, now: datetime
) -> tuple[float | None, float | None]:
    days = office.working_days(period.start, period.end)
    gone = elapsed_share(office, period, now) * days
    pace = pages / gone if gone >= _HALF_A_DAY else None
    to_come = days - gone
    allowed = max(0, target - pages) / to_come if to_come >= _HALF_A_DAY else None
    return pace, allowed


def _working_days_to_come(
    outlook: Outlook, office: Office, period: Period, now: datetime
) -> Mapping[date, float]:
    """Return the working days that can still be changed, and what each is expected to bring."""
    days = {}
    if _today_counts(office, period, now):
        days[office.local_day(now)] = outlook.today_left
    return days | {day: pages for day, pages in outlook.ahead.items() if office.works_on(day)}


def _today_counts(office: Office, period: Period, now: datetime) -> bool:
    today = office.local_day(now)
    return today in period and office.works_on(today) and day_left(office, now) >= _HALF_A_DAY


def days_to_come(office: Office, period: Period, now: datetime) -> int:
    """Return how many working days can still be changed; today is one while half of it is left."""
    today = office.local_day(now)
    later = office.working_days(max(period.start, today + ONE_DAY), period.end)
    return later + _today_counts(office, period, now)


# The course by day: what was printed up to its end, what the target allows, last year's.


@dataclass(frozen=True, slots=True)
class DayReached:
    """How far a month was at the end of `day`, in impressions.

    `allowed` is the target's share of the working time gone by then, 0 without a target;
    `last_year` what the same month of the year before had come to by the day of the same number,
    None where its days are not known.
    """

    day: date
    pages: int
    allowed: int
    last_year: int | None


def reached(
    daily: Mapping[date, int],
    target: int | None,
    office: Office,
    period: Period,
    year_before: tuple[Period, Mapping[date, int]] | None,
) -> tuple[DayReached, ...]:
    """Return how far `period` was at the end of each of its days, by the impressions of its days.

    The last day of a shorter month holds all of a longer one's last year.
    """
    pages, found = 0, []
    for number, day in enumerate(period.days):
        pages += daily.get(day, 0)
        gone = elapsed_share(office, period, office.midnight(day + ONE_DAY))
        last_year = None
        if year_before is not None:
            then, before = year_before
            until = then.end if day == period.end else then.start + ONE_DAY * number
            last_year = sum(count for at, count in before.items() if then.start <= at <= until)
        found.append(DayReached(day, pages, round((target or 0) * gone), last_year))
    return tuple(found)


# The fiscal year so far: pages since April beside the targets of the same months.


@dataclass(frozen=True, slots=True)
class YearMonth:
    """One month of a fiscal year: impressions, None where not known, and its target."""

    month: str
    pages: int | None
    target: Target


@dataclass(frozen=True, slots=True)
class YearToDate:
    """A fiscal year up to and with the closing month `until`, in impressions.

    Only months of which both pages and target are known are added up, and only without a gap:
    `since` is the first of them, and `is_whole` says whether it is the year's first. Without such
    a month (of `until` itself something is missing) `since`, `pages` and `target` are None.
    `year_target` is the target of all twelve months, None where one of them has none. `months`
    are all twelve; those after `until` have no pages.
    """

    year: int
    until: str
    months: tuple[YearMonth, ...]
    since: str | None = None
    pages: int | None = None
    target: int | None = None
    year_target: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether no month of the year so far is missing from the sums."""
        return self.since == self.months[0].month

    @property
    def left(self) -> int | None:
        """Impressions left of the targets up to `until`, negative when passed."""
        if self.target is None or self.pages is None:
            return None
        return self.target - self.pages

    @property
    def year_left(self) -> int | None:
        """Impressions left of the whole year's target, where the sums miss no month."""
        if self.year_target is None or self.pages is None or not self.is_whole:
            return None
        return self.year_target - self.pages


def year_to_date(
    target: Callable[[str], Target],
    month: str,
    pages: int | None,
    past: Mapping[str, int],
    office: Office,
) -> YearToDate:
    """Return the fiscal year of `month`, which has `pages` so far.

    `target` gives the target of a month by its name; `past` is what was used in months before, in
    the measure of the targets as `pages` are.
    """
    year = fiscal_year(month, office.year_begins)
    months = tuple(
        YearMonth(
            month=one,
            pages=pages if one == month else past.get(one) if one < month else None,
            target=target(one),
        )
        for one in fiscal_months(year, office.year_begins)
    )
    added: list[tuple[str, int, int]] = []
    for one in reversed([one for one in months if one.month <= month]):
        if one.pages is None or one.target.pages is None:
            break
        added.append((one.month, one.pages, one.target.pages))
    whole = [one.target.pages for one in months if one.target.pages is not None]
    return YearToDate(
        year=year,
        until=month,
        months=months,
        since=added[-1][0] if added else None,
        pages=sum(count for _, count, _ in added) if added else None,
        target=sum(target for _, _, target in added) if added else None,
        year_target=sum(whole) if len(whole) == len(months) else None,
    )
