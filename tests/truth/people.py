"""People who print: every job of a place. Knows Japan's holidays and office hours."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from math import exp

import holidays

JST = timezone(timedelta(hours=9))
DAY = 86_400
OPENS, CLOSES, LATE = 8.5 * 3600, 17.25 * 3600, 21 * 3600


@cache
def closed_days(year: int) -> frozenset[date]:
    """Return the public holidays of `year` and the days around the New Year."""
    own = {date(year, 12, day) for day in (29, 30, 31)} | {date(year, 1, day) for day in (2, 3)}
    return frozenset(own | set(holidays.country_holidays("JP", years=year)))


def works(day: date) -> bool:
    """Say whether offices are open on `day`."""
    return day.weekday() < 5 and day not in closed_days(day.year)


def stamp(day: date, seconds: float = 0) -> int:
    """Return the Unix time of `seconds` after the begin of `day` in Japan."""
    return int(datetime(day.year, day.month, day.day, tzinfo=JST).timestamp() + seconds)


def day_of(at: int) -> date:
    """Return the day in Japan."""
    return datetime.fromtimestamp(at, JST).date()


def month_of(at: int) -> str:
    """Return the calendar month in Japan."""
    return f"{day_of(at):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Job:
    """Impressions that came out at one moment."""

    at: int
    mono: int
    color: int


@dataclass(frozen=True, slots=True)
class Habit:
    """How a place prints: impressions a working day, their spread, how much of it when and how.

    `off_hours` is the share of a working day's pages that a closed day or a night brings.
    """

    daily: float
    spread: float
    job: float
    color: float
    off_hours: float

    def jobs(self, dice: random.Random, first: date, last: date) -> Iterator[Job]:
        """Yield all jobs from `first` to `last`, in order of the days."""
        day = first
        while day <= last:
            busy = exp(dice.gauss(0, self.spread)) * _season(day)
            if works(day):
                yield from self._batch(dice, day, self.daily * busy, OPENS, CLOSES)
                yield from self._batch(dice, day, 0.06 * self.daily * busy, CLOSES, LATE)
            else:
                yield from self._batch(dice, day, self.off_hours * self.daily, OPENS, LATE)
            yield from self._batch(dice, day, self.off_hours * self.daily / 3, 0, DAY - 1)
            day += timedelta(days=1)

    def _batch(
        self, dice: random.Random, day: date, pages: float, begin: float, end: float
    ) -> Iterator[Job]:
        for _ in range(poisson(dice, pages / self.job)):
            size = max(1, round(dice.expovariate(1 / self.job)))
            color = size if dice.random() < self.color else 0
            yield Job(stamp(day, dice.uniform(begin, end)), size - color, color)


def habit(dice: random.Random) -> Habit:
    """Return how some place prints: from a few pages a day to a print room."""
    return Habit(
        daily=exp(dice.uniform(1.5, 6.9)),
        spread=dice.uniform(0.1, 0.45),
        job=dice.uniform(2, 9),
        color=dice.choice((0.0, 0.1, 0.3, 0.6)),
        off_hours=dice.choice((0.0, 0.005, 0.03, 0.08)),
    )


def burst(dice: random.Random, habit: Habit, day: date) -> Iterator[Job]:
    """Yield what an election, an audit or a budget brings besides: many times a usual day."""
    pages = habit.daily * dice.uniform(5, 12) + 500
    large = Habit(pages, 0.1, 30, habit.color, 0)
    yield from large._batch(dice, day, pages, OPENS, LATE)


def poisson(dice: random.Random, mean: float) -> int:
    """Return a random count with this mean."""
    if mean > 50:
        return max(0, round(dice.gauss(mean, mean**0.5)))
    limit, count, product = exp(-mean), 0, dice.random()
    while product > limit:
        count += 1
        product *= dice.random()
    return count


def _season(day: date) -> float:
    """Return how busy a day is: the fiscal year's end and begin, Mondays, the month's last days."""
    month = {3: 1.35, 4: 1.2, 8: 0.8, 12: 1.1, 1: 0.9}.get(day.month, 1.0)
    week = (1.15, 1.05, 1.0, 1.0, 0.9, 1.0, 1.0)[day.weekday()]
    return month * week * (1.15 if day.day >= 25 else 1.0)
