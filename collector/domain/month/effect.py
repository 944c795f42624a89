"""What something that was done has saved: what the time before says of the time after, less that.

The expectation is learnt from days before `since` alone: working days, weekdays, the ends of a
month and the year's round, carried on month by month. How far such an expectation may be off is
judged by making it again for earlier days of the same department, on which nothing was done.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from math import exp, hypot, log, sqrt
from statistics import fmean
from typing import Final

from collector.domain.month.habits import KnownMonths, Usable, every_month
from collector.domain.office.office_calendar import Office, Period, month_index
from collector.domain.office.season import LOOK_BACK, NINETY_FIVE_PERCENT

FEWEST_MONTHS: Final = 3
"""Whole months that must be known before the day from which on an effect is asked for."""

_MONTH_DAYS: Final = 20.0
"""Working days of a usual month."""

_LASTING: Final = 0.05
_GROWTH: Final = 0.17
_OWN: Final = 0.10
"""How far an expectation usually strays, as shares of it (measured on three simulated offices): by
what lasts all the time; by growth, the less of which is known the further; by each month's own."""

_RATIO: Final = 0.03
"""How far what an impression takes in a month usually strays from what it took before."""

_USUAL: Final = 4.0
"""What is usual counts as much as so many earlier expectations of the department itself."""

_LEAST: Final = 0.5
"""No department is taken to stray by less than this share of what is usual."""

_TRIED: Final = 3
"""Months ahead, at most, of the earlier expectations that are held against what came."""

_HALF_A_YEAR: Final = 6

_UNKNOWN_NOISE: Final = 0.4
"""How far a working day strays where nobody knows, as a share."""

_FURTHEST: Final = 36
"""Months to look ahead for when an effect could be told."""


class EffectKind(StrEnum):
    """What an effect comes to."""

    SAVED = "saved"
    MORE = "more"
    CHANCE = "chance"
    """Neither: the range of what was saved holds 0."""


@dataclass(frozen=True, slots=True)
class Between:
    """An amount, and the range that the truth lies within in 95 of 100 cases."""

    value: float
    low: float
    high: float

    @property
    def kind(self) -> EffectKind:
        """What it comes to as a saving."""
        if self.low > 0:
            return EffectKind.SAVED
        return EffectKind.MORE if self.high < 0 else EffectKind.CHANCE

    def times(self, rate: float, least: float = 1.0, most: float = 1.0) -> "Between":
        """Return the amount at `rate`, which itself may be `least` to `most` times as large."""
        ends = [end * rate * off for end in (self.low, self.high) for off in (least, most)]
        return Between(self.value * rate, min(ends), max(ends))


@dataclass(frozen=True, slots=True)
class EffectFigure:
    """What was `counted` beside what was `expected`; `saved` is how much less that was.

    Chance takes away up to the share `tellable` of what is expected: less saved is no saving yet.
    `wait` is in how many further months chance could probably be told from it, where it cannot
    yet: None where not within three years, or where it can.
    """

    expected: float
    counted: Between
    saved: Between
    tellable: float
    wait: int | None = None

    @property
    def kind(self) -> EffectKind:
        """What it comes to."""
        return self.saved.kind

    @property
    def share(self) -> float:
        """What was saved as a share of what was expected; negative where it is more."""
        return self.saved.value / self.expected


@dataclass(frozen=True)
class TimeBefore:
    """What was used before the day `since`: by local day, and in whole months by name.

    A day from the first one on that is missing counts as 0; `usable` says of a month whether it
    was measured from its beginning. Days from `since` on are not looked at.
    """

    daily: Mapping[date, float]
    office: Office
    since: date
    months: Mapping[str, int]
    usable: Usable = every_month

    @cached_property
    def _past(self) -> KnownMonths:
        first = self.office.period_of(self.since)
        known = (self.daily, self.office, first, self.since, self.months, self.usable)
        return KnownMonths.of(*known)

    @cached_property
    def whole_months(self) -> int:
        """How many of the half year before are known as whole months."""
        whole = self._past.year.levels.keys() - set(self._past.begun)
        return sum(self._month - back in whole for back in range(1, _HALF_A_YEAR + 1))

    @property
    def _month(self) -> int:
        return month_index(self.office.period_of(self.since).name)

    def expected(self, until: date) -> float:
        """Return what the days from `since` to `until` were to bring if nothing had been done."""
        return sum(self._expected_days(until))

    def _expected_days(self, until: date) -> Iterator[float]:
        rests = {kind: fmean(days[-LOOK_BACK:] or [0.0]) for kind, days in self._past.idle.items()}
        for period in self.office.periods(self.since, until):
            habits = self._past.carried_on(period).habits(period)
            shares = habits.shares(self.office, period)
            for day in period.days:
                if self.since <= day <= until:
                    usual = rests[day in self.office.breaks]
                    yield (habits.level or 0.0) * shares[day] if day in shares else usual

    @cached_property
    def grown_by(self) -> int:
        """By how many months growth over a year is told; 0 where no season is known at all."""
        return self._past.year.grown_by(self._month)

    def usual_stray(self, months: float) -> float:
        """Return how far so many months together usually stray beside `chance`, as a logarithm."""
        growth, own = _GROWTH**2 / (1 + self.grown_by), _OWN**2 / max(1.0, months)
        return sqrt(_LASTING**2 + growth + own)

    def chance(self, months: float) -> float:
        """Return by how much the days' own chance moves the sum of so many months, likewise."""
        noise = self._past.noise
        share = noise.share if noise.days else _UNKNOWN_NOISE
        return noise.runs * share / sqrt(max(1.0, months * _MONTH_DAYS))

    @cached_property
    def _own_stray(self) -> tuple[float, float]:
        """Return by how many times the usual this department strays, and by how many it is told.

        Earlier expectations count where a season was known as it is now.
        """
        squares = weight = 0.0
        for earlier, months in self._earlier():
            count, until = len(months), months[-1].end
            expected = earlier.expected(until)
            came = sum(used for day, used in self.daily.items() if earlier.since <= day <= until)
            if expected > 0 and came > 0 and bool(earlier.grown_by) == bool(self.grown_by):
                off = max(0.0, log(came / expected) ** 2 - earlier.chance(count) ** 2)
                squares += off / earlier.usual_stray(count) ** 2 / count
                weight += 1 / count
        return sqrt((squares + _USUAL) / (weight + _USUAL)), weight + _USUAL

    def _earlier(self) -> Iterator[tuple["TimeBefore", Sequence[Period]]]:
        """Yield the same of the first days of earlier months, each with the months after it."""
        first = min((day for day in self.daily if day < self.since), default=self.since)
        over = [one for one in self.office.periods(first, self.since) if one.end < self.since]
        for number, period in enumerate(over):
            earlier = replace(self, since=period.start)
            if earlier.whole_months >= FEWEST_MONTHS:
                yield earlier, over[number : number + _TRIED]

    def off_by(self, months: float) -> float:
        """Return how far 95 of 100 sums of so many months lie off at most, as a logarithm.

        The fewer earlier expectations say how far they stray, the less is that known itself.
        """
        share, certainty = self._own_stray
        spread = hypot(self.usual_stray(months) * max(_LEAST, share), self.chance(months))
        return NINETY_FIVE_PERCENT * (1 + 1 / certainty) * spread


@dataclass(frozen=True, slots=True)
class Ratio:
    """How much of something an impression takes, as a share that hardly has a season: sheets.

    A month's own strays from `value` by `stray`, as a logarithm; so many `months` tell of it.
    """

    value: float = 1.0
    stray: float = 0.0
    months: int = 1

    @classmethod
    def of(cls, monthly: Sequence[float]) -> "Ratio":
        """Return the ratio by those of the last months before, none of them 0."""
        value = fmean(monthly)
        squares = sum(log(one / value) ** 2 for one in monthly) + _USUAL * _RATIO**2
        return cls(value, sqrt(squares / (len(monthly) - 1 + _USUAL)), len(monthly))

    def off_by(self, months: float) -> float:
        """Return how far 95 of 100 ratios of so many months together lie off at most."""
        return NINETY_FIVE_PERCENT * self.stray * sqrt(1 / self.months + 1 / max(1.0, months))


IMPRESSIONS: Final = Ratio()
"""An impression is one impression."""


def effect(
    before: TimeBefore, counted: Between, until: date, ratio: Ratio = IMPRESSIONS
) -> EffectFigure | None:
    """Return the effect of what was done on `before.since`, by what was `counted` to `until`.

    `ratio` is what an impression took before of what is counted. None where too little is known of
    the time before, or nothing was to be expected of it.
    """
    expected = before.expected(until) if before.whole_months >= FEWEST_MONTHS else 0.0
    expected *= ratio.value
    if expected <= 0:
        return None

    def off_by(months: float) -> float:
        return hypot(before.off_by(months), ratio.off_by(months))

    months = before.office.working_days(before.since, until) / _MONTH_DAYS
    off = off_by(months)
    saved = Between(
        expected - counted.value,
        expected * exp(-off) - counted.high,
        expected * exp(off) - counted.low,
    )
    found = EffectFigure(expected, counted, saved, 1 - exp(-off))
    if found.kind is not EffectKind.CHANCE or counted.value <= 0:
        return found
    size = abs(log(expected / counted.value))
    later = (more for more in range(1, _FURTHEST + 1) if off_by(months + more) < size)
    return replace(found, wait=next(later, None))
