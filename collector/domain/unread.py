"""What a copier that is silent has probably printed since it was last heard: an honest guess.

It is never added to a total. It stands beside the completeness of one, as what may be missing,
and a forecast reckons with it: it will be counted when the copier is heard again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from math import ceil

from collector.domain.fleet import Fleet
from collector.domain.forecast import Unheard
from collector.domain.meters import TOTAL
from collector.domain.office import ONE_DAY, Office, Period
from collector.domain.rates import EIGHTY_PERCENT, NINETY_FIVE_PERCENT, Rate
from collector.domain.reading import PlaceId
from collector.domain.usage import DayUsage


def is_read(
    office: Office, period: Period, now: datetime, heard_at: datetime, until: date = date.max
) -> bool:
    """Say whether a place last heard within `period` at `heard_at` has a figure to be trusted.

    In a running month: since the begin of the working day before today (a copier may sleep over
    a weekend). In a finished one: since the begin of its last working day, or any time after. A
    place that ended in the period is asked up to `until`, its last day.
    """
    day = min(period.end, office.local_day(now) - ONE_DAY, until)
    while not office.works_on(day) and day > period.start:
        day -= ONE_DAY
    return heard_at >= office.midnight(max(day, period.start))


def unread_pages(
    daily: Mapping[date, int], office: Office, first: date, last: date
) -> Unheard | None:
    """Return what was probably printed from `first` to `last` (inclusive), from the days before.

    `daily` is the copier's own impressions by local day; a missing day from its first one on is
    0. None where nothing is known from before `first`.
    """
    begin = min((day for day in daily if day < first), default=None)
    if begin is None:
        return None
    past = [begin + ONE_DAY * n for n in range((first - begin).days)]
    gap = [first + ONE_DAY * n for n in range(max(0, (last - first).days + 1))]
    days: dict[date, float] = {}
    variance = 0.0
    for working in (True, False):
        rate = Rate.of([], [daily.get(day, 0) for day in past if office.works_on(day) == working])
        same = [day for day in gap if office.works_on(day) == working]
        days |= dict.fromkeys(same, rate.mean)
        variance += rate.spread_over(len(same)) ** 2
    return Unheard(days, EIGHTY_PERCENT * variance**0.5)


def unheard_places(
    days: Iterable[DayUsage],
    fleet: Fleet,
    office: Office,
    within: tuple[Period, datetime],
    unread: Mapping[PlaceId, tuple[datetime, datetime] | None],
) -> dict[PlaceId, Unheard]:
    """Return what each place that is `unread` has probably printed, where that can be guessed.

    It was heard first and last at the given times, or never `within` the period that is stated as
    of an instant. Where it ended, so does its guess.
    """
    period, now = within
    last = min(period.end, office.local_day(now) - ONE_DAY)
    daily: dict[PlaceId, dict[date, int]] = defaultdict(dict)
    for one in days:
        if one.place in unread:
            daily[one.place][one.day] = one.pages.get(TOTAL, 0)
    found = {}
    for place, own in daily.items():
        heard, first = unread[place], period.start
        if heard is not None:
            first = max(first, office.local_day(heard[1]) + ONE_DAY)
        end = min(last, fleet.last_day(place))
        guess = unread_pages(own, fleet.office_at(place, office, last), first, end)
        if guess is not None:
            found[place] = guess
    return found


def most(guess: Unheard) -> int:
    """Return below which number the truth lies in 95 of 100 cases, in whole impressions."""
    return ceil(guess.forecast.expected + guess.spread * NINETY_FIVE_PERCENT / EIGHTY_PERCENT)


def together(guesses: Mapping[str, Unheard], weights: Mapping[str, float]) -> Unheard | None:
    """Return the sum of independent guesses, each times its weight; None where there is none."""
    if not guesses:
        return None
    days: dict[date, float] = defaultdict(float)
    for key, one in guesses.items():
        for day, pages in one.days.items():
            days[day] += pages * weights[key]
    spread = sum((one.spread * weights[key]) ** 2 for key, one in guesses.items()) ** 0.5
    return Unheard(dict(days), spread)
