"""How many impressions a kind of day brings, from the days before: mean and spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Final, Self

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
