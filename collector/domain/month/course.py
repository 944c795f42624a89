"""Whether a month will keep its target: what is left, the pace, and what would bring it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil
from typing import Final

from collector.domain.month.forecast import Outlook, day_left, elapsed_share
from collector.domain.office.office_calendar import Office, Period

_HALF_A_DAY: Final = 0.5
"""A pace is told from half a working day on, and today counts while half of it is to come."""


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


@dataclass(frozen=True, slots=True)
class Course:
    """A month on its way to its target, all in impressions.

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


def course(
    target: int, pages: int, outlook: Outlook, office: Office, period: Period, now: datetime
) -> Course:
    """Return where a month with `pages` so far and this `outlook` is heading."""
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
    today = office.local_day(now)
    days = {}
    if today in period and office.works_on(today) and day_left(office, now) >= _HALF_A_DAY:
        days[today] = outlook.today_left
    return days | {day: pages for day, pages in outlook.ahead.items() if office.works_on(day)}
