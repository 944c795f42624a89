"""What a copier that is silent has probably printed since it was last heard: an honest guess.

It is never added to a total. It stands beside the completeness of one, as what may be missing.
"""

from collections.abc import Mapping
from datetime import date

from collector.domain.forecast import Forecast
from collector.domain.office import ONE_DAY, Office
from collector.domain.rates import EIGHTY_PERCENT, Rate


def unread_pages(
    daily: Mapping[date, int], office: Office, first: date, last: date
) -> Forecast | None:
    """Return what was probably printed from `first` to `last` (inclusive), from the days before.

    `daily` is the copier's own impressions by local day; a missing day from its first one on is
    0. None where nothing is known from before `first`.
    """
    begin = min((day for day in daily if day < first), default=None)
    if begin is None:
        return None
    past = [begin + ONE_DAY * n for n in range((first - begin).days)]
    gap = [first + ONE_DAY * n for n in range(max(0, (last - first).days + 1))]
    expected, variance = 0.0, 0.0
    for working in (True, False):
        rate = Rate.of([], [daily.get(day, 0) for day in past if office.works_on(day) == working])
        days = sum(office.works_on(day) == working for day in gap)
        expected += days * rate.mean
        variance += rate.spread_over(days) ** 2
    spread = EIGHTY_PERCENT * variance**0.5
    return Forecast(expected, max(0.0, expected - spread), expected + spread)


def together(guesses: Mapping[str, Forecast], weights: Mapping[str, float]) -> Forecast | None:
    """Return the sum of independent guesses, each times its weight; None where there is none."""
    if not guesses:
        return None
    expected = sum(one.expected * weights[key] for key, one in guesses.items())
    above = sum(((one.high - one.expected) * weights[key]) ** 2 for key, one in guesses.items())
    spread = above**0.5
    return Forecast(expected, max(0.0, expected - spread), expected + spread)
