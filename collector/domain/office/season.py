"""The year's round: how a month differs from the months before it, every year again.

Forecasts take a department's level on from the last months by it; yearly budgets are spread by it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp, log, sqrt
from statistics import fmean, stdev
from typing import Final, Self

from collector.domain.office.shares import apportion

_YEAR: Final = 12
_YEARS_BACK: Final = (1, 2)

_RECENT: Final = (1.0, 0.6, 0.36)
"""Weights of the three months before."""

RUNS: Final = 1.3
"""Busy days come in runs: a mean of days strays this much further than if they did not."""

_FADES: Final = 0.9
"""Growth is told by the months before, each counting so much of the one after it."""

_OWN: Final = 0.05
"""No month is quite like the same month of another year: so much of it never comes back."""

_FEW_MONTHS: Final = 3.0
"""The round counts half when it is known for this many months only."""

_DAYS: Final = 20
"""Working days of a usual month."""

_STRAY: Final = 0.06
_STRAY_UNKNOWN: Final = 0.11
_STRAY_MONTHS: Final = 2.0
"""How far a month strays from what was expected, with the same month of a year before known and
without. Counts as so many months of evidence."""

_TRUST_AHEAD: Final = 0.8
"""The round is trusted so much at least where a month is not the next one: of three simulated
offices, three to six months ahead were missed by 7 to 12 in 100 then, by 10 to 15 otherwise."""

_EXPLAINED: Final = 0.7
"""How much of past surprises a round that is fully trusted would have taken away."""


@dataclass(frozen=True, slots=True)
class YearRound:
    """What past months say of months to come.

    `levels` are impressions on a usual working day by month number (`years.month_index`). `trust`
    is how much of the difference between last year's same month, grown, and the months before is
    worth repeating, 0.0 to 1.0. Months that had `begun` before they were measured are no last year.
    """

    levels: Mapping[int, float]
    trust: float
    begun: Collection[int] = ()

    @classmethod
    def of(
        cls, levels: Mapping[int, float], noise: float, begun: Collection[int] = ()
    ) -> "YearRound":
        """Return the round that `levels` show; working days stray by `noise` (a share)."""
        steps = [
            log(level / before)
            for month, level in levels.items()
            if level > 0 and month not in begun and (before := _recent(levels, month))
        ]
        return cls(levels, _trust(steps, noise), begun)

    def expected(self, month: int) -> float | None:
        """Return the level to expect of `month`: last year's, grown, blended with the recent one.

        Without any of the three months before, it is that of the same month a year before.
        """
        before, seasonal = _recent(self.levels, month), self._seasonal(month)
        if before and seasonal:
            return float(before ** (1 - self.trust) * seasonal**self.trust)
        if before is not None:
            return before
        same = (self._whole(month - _YEAR * back) for back in _YEARS_BACK)
        return next((level for level in same if level is not None), None)

    def carried_on(self, month: int) -> "YearRound":
        """Return the round with the months after the last known one, before `month`, as expected.

        They are no season to any month a year later, as nothing of them was ever seen. The further
        a month lies ahead, the less do the last known ones resemble it: the round is followed.
        """
        found = replace(self, trust=max(self.trust, _TRUST_AHEAD))
        for ahead in range(max(self.levels, default=month) + 1, month):
            if (expected := found.expected(ahead)) is not None:
                levels = {**found.levels, ahead: expected}
                found = replace(found, levels=levels, begun={*found.begun, ahead})
        return found

    def grown_by(self, month: int) -> int:
        """Return by how many months before `month` growth since a year earlier is told."""
        return sum(
            bool(self.levels.get(month - back) and self._whole(month - back - _YEAR))
            for back in range(1, _YEAR + 1)
        )

    def stray(self, month: int) -> float:
        """Return how far the level of `month` may stray from the expected one, as a share of it."""
        seasonal = self._seasonal(month) is not None
        squares = []
        for past, level in self.levels.items():
            expected = self.expected(past) if _recent(self.levels, past) else None
            if expected and level > 0:
                plain = seasonal and self._seasonal(past) is None
                squares.append((log(level / expected) * (1 - _EXPLAINED * self.trust * plain)) ** 2)
        usual = _STRAY if seasonal else _STRAY_UNKNOWN
        weight = len(squares) + _STRAY_MONTHS
        return sqrt((sum(squares) + _STRAY_MONTHS * usual**2) / weight)

    def _seasonal(self, month: int) -> float | None:
        """Return the same month's level of years before times growth since; None if not known."""
        found = [
            log(level) + growth
            for back in _YEARS_BACK
            if (level := self._whole(month - _YEAR * back))
            and (growth := self._growth(month, _YEAR * back)) is not None
        ]
        return exp(fmean(found)) if found else None

    def _whole(self, month: int) -> float | None:
        return None if month in self.begun else self.levels.get(month)

    def _growth(self, month: int, since: int) -> float | None:
        """Return how far (as a logarithm) the months before `month` stand above those of then.

        Then is `since` months earlier; the latest count most. None where no two can be compared.
        """
        pairs = [
            (_FADES**back, log(now / then))
            for back in range(1, _YEAR + 1)
            if (now := self.levels.get(month - back))
            and (then := self._whole(month - back - since))
        ]
        weights = sum(weight for weight, _ in pairs)
        return sum(weight * step for weight, step in pairs) / weights if pairs else None


def spread(
    pages: int, last_year: Sequence[int | None], working_days: Sequence[int]
) -> tuple[int, ...]:
    """Return `pages` spread over months in whole pages that add up to it exactly.

    `last_year` is what each month brought a year before, None where that is not known;
    `working_days` how many days each has now. Months go by last year's pages; one without them
    by its working days, at the mean of the others. Where no month is known, or all were empty, all
    go by their working days (by nothing, alike).
    """
    known = [(was, days) for was, days in zip(last_year, working_days, strict=True) if was]
    if known:
        rate = Fraction(sum(was for was, _ in known), max(1, sum(days for _, days in known)))
        pairs = zip(last_year, working_days, strict=True)
        weights = [rate * days if was is None else Fraction(was) for was, days in pairs]
    else:
        weights = [Fraction(days) for days in working_days]
    if not any(weights):
        weights = [Fraction(1) for _ in working_days]
    return tuple(apportion(pages, dict(enumerate(weights))).values())


def _recent(levels: Mapping[int, float], month: int) -> float | None:
    """Return the level of the months before `month`, None where none of the three is known."""
    known = [
        (weight, levels[month - back])
        for back, weight in enumerate(_RECENT, start=1)
        if month - back in levels
    ]
    if not known:
        return None
    return sum(weight * level for weight, level in known) / sum(weight for weight, _ in known)


def _trust(steps: Sequence[float], noise: float) -> float:
    """Return which part of a step is worth repeating: chance alone makes steps, too."""
    seen = fmean(step * step for step in steps) if steps else 0.0
    if seen == 0:
        return 0.0
    both_ends = 1 + sum(one * one for one in _RECENT) / sum(_RECENT) ** 2
    chance = ((noise * RUNS) ** 2 / _DAYS + _OWN**2) * both_ends
    return max(0.0, 1 - chance * (1 + _FEW_MONTHS / len(steps)) / seen)


# How many impressions a kind of day brings, from the days before: mean and spread.


LOOK_BACK: Final = 20
"""Days of a kind before that set the expectation (about a month of working days)."""

PRIOR_DAYS: Final = 5
"""The look-back counts as much as this many days of the month itself, so that it soon fades."""

EIGHTY_PERCENT: Final = 1.28
"""Standard deviations either side that hold four cases in five, if days were independent."""

NINETY_FIVE_PERCENT: Final = 1.96
"""Those that hold nineteen cases in twenty: what a stated number's range promises."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Impressions on one kind of day: the mean, how much days differ, and on how many it rests."""

    mean: float
    deviation: float
    weight: float

    @classmethod
    def of(cls, month: Sequence[float], before: Sequence[float]) -> Self:
        """Return the rate by the days of the `month` so far and those `before`, oldest first."""
        before = before[-LOOK_BACK:]
        weight_before = min(PRIOR_DAYS, len(before))
        weight = len(month) + weight_before
        if weight == 0:
            return cls(0.0, 0.0, 0.0)
        mean = (sum(month) + weight_before * (fmean(before) if before else 0.0)) / weight
        sample = [*month, *before]
        return cls(mean, stdev(sample) if len(sample) > 1 else mean, float(weight))

    def spread_over(self, days: int) -> float:
        """Return the standard deviation of the sum of `days` more days.

        Each day varies, and the mean itself is only known from `weight` days.
        """
        if self.weight == 0:
            return 0.0
        return self.deviation * sqrt(days + days * days / self.weight)
