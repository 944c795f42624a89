"""Where a department's month will end, with an honest range, from its own working days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.domain.office import ONE_DAY, Office, Period
from collector.domain.rates import EIGHTY_PERCENT, Rate


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected impressions at the end of the period; four in five ends lie in low..high."""

    expected: float
    low: float
    high: float


def elapsed_share(office: Office, period: Period, now: datetime) -> float:
    """Return how much of the period's working time is gone at `now`, 0.0 to 1.0."""
    start, end = office.midnight(period.start), office.midnight(period.end + ONE_DAY)
    whole = office.working_seconds(start, end - timedelta(seconds=1))
    if now >= end or whole == 0:
        return 1.0 if now >= end else 0.0
    return office.working_seconds(start, max(start, now)) / whole


def forecast(
    daily: Mapping[date, int], office: Office, period: Period, now: datetime
) -> Forecast | None:
    """Return where the month ends, judged at `now`, or None without a single day to go by.

    `daily` is impressions by local day, up to now, before and within the period; a day from the
    first one on that is missing counts as 0. The rate of a working day is the mean of the month's
    finished working days and, weighing as `PRIOR_DAYS` of them, of the `LOOK_BACK` before;
    days off go on as they have been. A finished period is its own forecast.
    """
    today = office.local_day(now)
    so_far = sum(pages for day, pages in daily.items() if day in period)
    if today > period.end:
        return Forecast(float(so_far), float(so_far), float(so_far))
    past = _past_days(daily, today)
    if not past:
        return None
    work = _rate(past, period, office, working=True)
    rest = _rate(past, period, office, working=False)
    ahead = [day for day in period.days if day > today]
    work_ahead = sum(office.works_on(day) for day in ahead)
    rest_ahead = len(ahead) - work_ahead
    today_rate = work if office.works_on(today) else rest
    today_left = 0.0  # a period that has not begun has no part of today
    if today in period:
        today_left = max(0.0, today_rate.mean - daily.get(today, 0)) * _day_left(office, now)
    expected = so_far + today_left + work_ahead * work.mean + rest_ahead * rest.mean
    spread = EIGHTY_PERCENT * work.spread_over(work_ahead + (today_left > 0))
    return Forecast(expected, max(float(so_far), expected - spread), expected + spread)


def _rate(past: Mapping[date, int], period: Period, office: Office, *, working: bool) -> Rate:
    kind = {day: pages for day, pages in past.items() if office.works_on(day) == working}
    month = [pages for day, pages in kind.items() if day in period]
    return Rate.of(month, [pages for day, pages in kind.items() if day < period.start])


def _past_days(daily: Mapping[date, int], today: date) -> dict[date, int]:
    """Return finished days from the first known one on, with silence in between as 0."""
    first = min((day for day in daily if day < today), default=None)
    if first is None:
        return {}
    days = (first + ONE_DAY * n for n in range((today - first).days))
    return {day: daily.get(day, 0) for day in days}


def _day_left(office: Office, now: datetime) -> float:
    """Return how much of today's working time is still to come, 0.0 to 1.0."""
    today = office.local_day(now)
    start, end = office.midnight(today), office.midnight(today + ONE_DAY)
    whole = office.working_seconds(start, end - timedelta(seconds=1))
    if whole == 0:
        return (end - now).total_seconds() / (end - start).total_seconds()
    return office.working_seconds(now, end - timedelta(seconds=1)) / whole
