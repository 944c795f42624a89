"""What a copier silent at a closing has probably printed, by meter and department, in whole pages.

The rate is that of its own days before it fell silent, working days and days off apart; the
meters follow its own recent mix. It enters the total marked, with its range, and an adjustment
takes it out again when the copier is heard (see `adjustments.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor, sqrt
from typing import Final

from collector.domain.closing.accounts import added
from collector.domain.closing.statement import Guess
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import DepartmentId, Place
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.season import NINETY_FIVE_PERCENT, Rate
from collector.domain.office.shares import apportion, apportion_together, by_mix

ASKED_AFTER: Final = timedelta(days=14)
"""How long a counted copier may be silent until it is asked whether it still stands there."""

LOOK_BACK: Final = timedelta(days=62)
"""How far before the silence a copier's own days say what it usually prints."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The part of a period in which a place was silent: local days, each with its share.

    1.0 is a whole day; the day on which the copier was heard last counts by what was left of it.
    """

    days: Mapping[date, float]
    known_until: date
    """The first day that is not known whole."""


def silence_in(
    office: Office, period: Period, heard_at: datetime, until: date | None = None
) -> Silence:
    """Return the days of `period` after `heard_at`, when the copier was heard last.

    They end with the place's last day, `until`; heard on it or later, it was heard to its end.
    """
    heard_day = office.local_day(heard_at)
    left = _day_left(office, heard_at) if heard_day < (until or date.max) else 0.0
    known_until = heard_day if left else heard_day + ONE_DAY
    last = period.end if until is None else until
    days = {day: 1.0 for day in period.days if heard_day < day <= last}
    if left and heard_day in period:
        days[heard_day] = left
    return Silence(days, known_until)


def _day_left(office: Office, at: datetime) -> float:
    """Return how much of the working time of its day is still to come at `at`, 0.0 to 1.0."""
    day = office.local_day(at)
    start, end = office.midnight(day), office.midnight(day + ONE_DAY)
    whole = office.working_seconds(start, end - timedelta(seconds=1))
    if whole == 0:
        return (end - at).total_seconds() / (end - start).total_seconds()
    return office.working_seconds(at, end - timedelta(seconds=1)) / whole


def guess_of(
    place: Place, history: Iterable[DayUsage], office: Office, silence: Silence
) -> Guess | None:
    """Return what `place` has probably printed in `silence`, or None where nothing is known.

    `history` is the place's own days. 95 of 100 true totals lie in the range.
    """
    past = [
        one for one in history if silence.known_until - LOOK_BACK <= one.day < silence.known_until
    ]
    if not past or not any(one.pages.get(TOTAL) for one in past):
        return None
    rates = _rates(past, office, silence.known_until)
    by_day = {day: part * rates[office.works_on(day)].mean for day, part in silence.days.items()}
    expected = sum(by_day.values())
    spread = _spread(rates, office, silence)
    total = round(expected)
    pages = by_mix(total, added(one.pages for one in past))
    return Guess(
        pages=pages,
        low=min(total, floor(max(0.0, expected - spread))),
        high=max(total, ceil(expected + spread)),
        shares=guess_shares(pages, _weights(place, by_day)) if total else {},
    )


def _rates(past: Sequence[DayUsage], office: Office, until: date) -> Mapping[bool, Rate]:
    """Return the rate of working days (True) and of days off; a day without a row is 0."""
    daily = {one.day: one.pages.get(TOTAL, 0) for one in past}
    begin = min(daily)
    days = [begin + ONE_DAY * number for number in range((until - begin).days)]
    return {
        works: Rate.of([], [daily.get(day, 0) for day in days if office.works_on(day) == works])
        for works in (True, False)
    }


def _spread(rates: Mapping[bool, Rate], office: Office, silence: Silence) -> float:
    variance = 0.0
    for works, rate in rates.items():
        days = sum(part for day, part in silence.days.items() if office.works_on(day) == works)
        if rate.weight:
            variance += rate.deviation**2 * (days + days * days / rate.weight)
    return NINETY_FIVE_PERCENT * sqrt(variance)


def _weights(place: Place, by_day: Mapping[date, float]) -> Mapping[DepartmentId, Fraction]:
    """Return who answers on the silent days, each day by what is expected of it."""
    weights: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    for day, pages in by_day.items():
        for department, share in place.shares_on(day).items():
            weights[department] += Fraction(pages) * share
    return weights


def guess_shares(
    pages: Mapping[Meter, int], weights: Mapping[DepartmentId, Fraction]
) -> Mapping[DepartmentId, Mapping[Meter, int]]:
    """Return `pages` by department in whole pages, none lost.

    Families that add up to the total do so within each department. Weights are not all 0.
    """
    totals = apportion(pages[TOTAL], dict(sorted(weights.items())))
    parts = apportion_together(pages, totals) if pages[TOTAL] else {}
    return {
        department: {meter: part[department] for meter, part in parts.items() if part[department]}
        for department, total in totals.items()
        if total
    }
