"""The year's round: how a month differs from the months before it, every year again.

Forecasts take a department's level on from the last months by it; yearly budgets are spread by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt
from statistics import fmean
from typing import Final

from collector.domain.shares import apportion

_YEAR: Final = 12
_YEARS_BACK: Final = (1, 2)

_RECENT: Final = (1.0, 0.6, 0.36)
"""Weights of the three months before."""

_RUNS: Final = 1.3
"""Busy days come in runs: a mean of days strays this much further than if they did not."""

_REPEATS: Final = 0.85
"""How much of a month's difference comes back a year later, at most."""

_FEW_MONTHS: Final = 3.0
"""The round counts half when it is known for this many months only."""

_DAYS: Final = 20
"""Working days of a usual month."""

_STRAY: Final = 0.08
_STRAY_UNKNOWN: Final = 0.11
_STRAY_MONTHS: Final = 6.0
"""How far a month strays from what was expected, with the same month of a year before known and
without. Counts as so many months of evidence."""

_EXPLAINED: Final = 0.7
"""How much of past surprises a round that is fully trusted would have taken away."""


@dataclass(frozen=True, slots=True)
class YearRound:
    """What past months say of months to come.

    `levels` are impressions on a usual working day by month number (`years.month_index`).
    `seasons` tells of a month by how much (as a logarithm) the same month stood above the months
    before it in earlier years; `trust` is how much of that is worth repeating, 0.0 to 1.0.
    """

    levels: Mapping[int, float]
    seasons: Mapping[int, float]
    trust: float

    @classmethod
    def of(cls, levels: Mapping[int, float], noise: float) -> "YearRound":
        """Return the round that `levels` show; working days stray by `noise` (a share)."""
        steps = {
            month: log(level / before)
            for month, level in levels.items()
            if level > 0 and (before := _recent(levels, month))
        }
        seasons = {}
        for month in {step + _YEAR * back for step in steps for back in _YEARS_BACK}:
            same = (month - _YEAR * back for back in _YEARS_BACK)
            seasons[month] = fmean(steps[one] for one in same if one in steps)
        return cls(levels, seasons, _trust(list(steps.values()), noise))

    def expected(self, month: int) -> float | None:
        """Return the level to expect of `month`: the recent one, changed as the season does.

        Without any of the three months before, it is that of the same month a year before.
        """
        before = _recent(self.levels, month)
        if before is not None:
            return before * exp(self.trust * self.seasons.get(month, 0.0))
        same = (self.levels.get(month - _YEAR * back) for back in _YEARS_BACK)
        return next((level for level in same if level is not None), None)

    def stray(self, month: int) -> float:
        """Return how far the level of `month` may stray from the expected one, as a share of it."""
        seasonal = month in self.seasons
        squares = []
        for past, level in self.levels.items():
            expected = self.expected(past) if _recent(self.levels, past) else None
            if expected and level > 0:
                unexplained = 1 - _EXPLAINED * self.trust * (seasonal and past not in self.seasons)
                squares.append((log(level / expected) * unexplained) ** 2)
        usual = _STRAY if seasonal else _STRAY_UNKNOWN
        weight = len(squares) + _STRAY_MONTHS
        return sqrt((sum(squares) + _STRAY_MONTHS * usual**2) / weight)


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
    chance = (noise * _RUNS) ** 2 / _DAYS * both_ends
    known = len(steps) / (len(steps) + _FEW_MONTHS)
    return _REPEATS * known * max(0.0, 1 - chance / seen)
