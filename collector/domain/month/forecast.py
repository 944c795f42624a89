"""Where a department's month will end, with an honest range, from its own working days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil, hypot, sqrt
from statistics import median
from typing import Final

from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL
from collector.domain.month.habits import Habits, Usable, every_month, learn
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.season import EIGHTY_PERCENT, NINETY_FIVE_PERCENT, Rate
from collector.domain.office.shares import PlaceId

_REMEMBERED: Final = 60
"""How far days strayed before counts as much as so many days of the month itself, at most."""

_BURST: Final = 2.0
_CALM: Final = 0.15
_FEW: Final = 3
"""A day so many times the usual stray above the middle of at least three is a burst. Days are
taken to stray by so much at least; where nothing is known of that, nothing is a burst."""

_LIGHT: Final = 2.0
_HEAVY: Final = 20.0
"""What was expected of the month weighs as much as this many of its days, at least and at most."""

_DISSENT: Final = 0.6
"""Where the month's own days pull away from what was expected, that much of it widens the range."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected impressions at the end of the period; four in five ends lie in low..high."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Unheard:
    """What silent copiers have probably printed, by day: counted as soon as they are heard again.

    Four in five true sums lie within `spread` of the days' own.
    """

    days: Mapping[date, float] = field(default_factory=dict)
    spread: float = 0.0

    @property
    def forecast(self) -> Forecast:
        """The sum as a range."""
        expected = sum(self.days.values())
        return Forecast(expected, max(0.0, expected - self.spread), expected + self.spread)


# What a copier that is silent has probably printed since it was last heard: an honest guess.
#
# It is never added to a total. It stands beside the completeness of one, as what may be missing,
# and a forecast reckons with it: it will be counted when the copier is heard again.


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


NOTHING_UNHEARD: Final = Unheard()


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast and what it is made of.

    Counted and unheard pages so far, `today_left` and the days `ahead` (those after today that
    belong to the period) add up to what is expected.
    """

    forecast: Forecast
    today_left: float = 0.0
    ahead: Mapping[date, float] = field(default_factory=dict)


def elapsed_share(office: Office, period: Period, now: datetime) -> float:
    """Return how much of the period's working time is gone at `now`, 0.0 to 1.0."""
    start, end = office.midnight(period.start), office.midnight(period.end + ONE_DAY)
    whole = office.working_seconds(start, end - timedelta(seconds=1))
    if now >= end or whole == 0:
        return 1.0 if now >= end else 0.0
    return office.working_seconds(start, max(start, now)) / whole


def day_left(office: Office, now: datetime) -> float:
    """Return how much of today's working time is still to come, 0.0 to 1.0."""
    today = office.local_day(now)
    start, end = office.midnight(today), office.midnight(today + ONE_DAY)
    whole = office.working_seconds(start, end - timedelta(seconds=1))
    if whole == 0:
        return (end - now).total_seconds() / (end - start).total_seconds()
    return office.working_seconds(now, end - timedelta(seconds=1)) / whole


def forecast(
    daily: Mapping[date, int],
    office: Office,
    period: Period,
    now: datetime,
    months: Mapping[str, int] | None = None,
) -> Forecast | None:
    """Return where the month ends, as `outlook` does, without what it is made of."""
    found = outlook(daily, office, period, now, months=months)
    return None if found is None else found.forecast


def outlook(  # noqa: PLR0913 - each by its name
    daily: Mapping[date, int],
    office: Office,
    period: Period,
    now: datetime,
    *,
    months: Mapping[str, int] | None = None,
    usable: Usable = every_month,
    unheard: Unheard = NOTHING_UNHEARD,
    habits: Habits | None = None,
) -> Outlook | None:
    """Return where the month ends, judged at `now`, or None without anything to go by.

    `daily` is impressions by local day, up to now, before and within the period; a day from the
    first one on that is missing counts as 0. `months` are impressions of whole months by name; of
    these and of the days only `usable` months are a season or a last year: see `learn`.
    A working day is expected to bring the level of the month (see `_Level`), times what its weekday
    and its part of the month are used to. Days off go on as they have been. `unheard` joins what
    was counted. A finished period is its own forecast. `habits` saves learning them again.
    """
    today, counted = office.local_day(now), sum(daily.get(day, 0) for day in period.days)
    so_far = counted + sum(pages for day, pages in unheard.days.items() if day in period)
    if today > period.end:
        return Outlook(_within(so_far, unheard.spread, counted))
    first = min((*daily, *unheard.days), default=today)
    if habits is None:
        habits = _kept(_filled(daily, unheard, first, today), office, period, today, months, usable)
    if first >= today and habits.level is None:
        return None
    filled = _filled(daily, unheard, max(first, period.start), today)
    level, rest = _Level.of(habits, filled, office, period), _rests(filled, office, habits.idle)
    usual = _usual(level, rest, office, period)
    ahead = {day: usual[day] for day in period.days if day > today}
    left = 0.0  # a period that has not begun has no part of today
    if today in period:
        left = max(0.0, usual[today] - daily.get(today, 0)) * day_left(office, now)
    days = [*ahead, *([today] if left > 0 else [])]
    off = [day in office.breaks for day in ahead if day not in level.shares]
    spread = hypot(EIGHTY_PERCENT * _stray(level, rest, days, off), unheard.spread)
    return Outlook(_within(so_far + left + sum(ahead.values()), spread, counted), left, ahead)


def _kept(
    filled: Mapping[date, float],
    office: Office,
    period: Period,
    today: date,
    months: Mapping[str, int] | None,
    usable: Usable,
) -> Habits:
    """Return what `filled` teaches of `period`: only the days before it and before today do."""
    until = min(period.start, today)
    before = tuple((day, pages) for day, pages in filled.items() if day < until)
    return _learnt(before, office, period, until, tuple((months or {}).items()), usable)


@lru_cache(maxsize=256)
def _learnt(
    before: tuple[tuple[date, float], ...],
    office: Office,
    period: Period,
    today: date,
    months: tuple[tuple[str, int], ...],
    usable: Usable,
) -> Habits:
    """Return the habits known before `period`: the same until something before it changes.

    The running month is stated again after every round of polls, by habits that no poll moves.
    """
    return learn(dict(before), office, period, today, dict(months), usable)


def _usual(
    level: "_Level", rest: Mapping[bool, Rate], office: Office, period: Period
) -> Mapping[date, float]:
    """Return what each day of `period` usually brings."""
    off = {day: rest[day in office.breaks].mean for day in period.days if day not in level.shares}
    return off | {day: level.level * share for day, share in level.shares.items()}


def _stray(
    level: "_Level", rest: Mapping[bool, Rate], days: Iterable[date], off: Sequence[bool]
) -> float:
    """Return how far `days` to come stray; `off` says of those off whether they are in a break.

    Working days and days off add up whole: busy times are busy on both.
    """
    busy = level.deviation([level.shares[day] for day in days if day in level.shares])
    return busy + sum(rate.spread_over(off.count(kind)) for kind, rate in rest.items())


def _within(expected: float, spread: float, counted: int) -> Forecast:
    """Return a range around `expected` that does not begin below what was counted already."""
    return Forecast(float(expected), max(float(counted), expected - spread), expected + spread)


def _filled(
    daily: Mapping[date, int], unheard: Unheard, first: date, today: date
) -> dict[date, float]:
    """Return every finished day from `first` on; silence in between is 0."""
    days = map(date.fromordinal, range(first.toordinal(), today.toordinal()))
    return {day: daily.get(day, 0) + unheard.days.get(day, 0.0) for day in days}


def _rests(
    filled: Mapping[date, float], office: Office, before: Mapping[bool, Sequence[float]]
) -> Mapping[bool, Rate]:
    """Return what a day off brings: one in a school's breaks (True), and any other.

    `filled` are the month's own days, `before` is what days off brought before it.
    """
    month: dict[bool, list[float]] = {True: [], False: []}
    for day, pages in filled.items():
        if not office.works_on(day):
            month[day in office.breaks].append(pages)
    return {kind: Rate.of(month[kind], before.get(kind, ())) for kind in month}


@dataclass(frozen=True, slots=True)
class _Level:
    """Impressions on a usual working day of the month, from habits and from its own days.

    `level` is what the months before and the same month of the years before say, and the more of
    its own days the month has, what these say.
    `shares` are the month's working days as shares of a usual one. `stray` is how far the level,
    `noise` how far a single day may be off, as a share of the level.
    """

    level: float
    shares: Mapping[date, float]
    stray: float
    noise: float
    certainty: int

    @classmethod
    def of(
        cls, habits: Habits, filled: Mapping[date, float], office: Office, period: Period
    ) -> "_Level":
        shares = habits.shares(office, period)
        done = [(shares[day], filled[day]) for day in shares if day in filled]
        kept = _without_bursts(done, habits.noise)
        usual, pages = sum(share for share, _ in kept), sum(one for _, one in kept)
        own = pages / usual if usual else None
        noise, certainty = _noise(habits, done, own)
        if own is None:
            return cls(habits.level or 0.0, shares, habits.stray, noise, certainty)
        weight = 0.0
        if habits.level is not None:
            weight = min(_HEAVY, max(_LIGHT, (noise / habits.stray) ** 2))
        level = (pages + weight * (habits.level or 0.0)) / (usual + weight)
        dissent = (own - level) / level if level else 0.0
        stray = sqrt(noise**2 / (usual + weight) + _DISSENT * dissent**2)
        return cls(level, shares, stray, noise, certainty)

    def deviation(self, days: Iterable[float]) -> float:
        """Return how far the sum of working days to come, given as shares, may be off.

        Each day strays on its own, and the level for all of them together. The fewer days say how
        far days stray, the less is that known itself.
        """
        shares = list(days)
        alone = self.noise * sqrt(sum(share * share for share in shares))
        together = self.stray * sum(shares)
        doubt = 1 + 1 / self.certainty if self.certainty else 2.0
        return self.level * hypot(alone, together) * doubt


def _without_bursts(
    done: Sequence[tuple[float, float]], noise: float
) -> Sequence[tuple[float, float]]:
    """Return days, as shares and pages, none far above the middle one: a burst is soon over."""
    middle = median(pages / share for share, pages in done) if noise and len(done) >= _FEW else 0.0
    most = middle * (1 + _BURST * max(noise, _CALM))
    return [(share, min(pages, share * most)) for share, pages in done] if most else done


def _noise(
    habits: Habits, done: Sequence[tuple[float, float]], own: float | None
) -> tuple[float, int]:
    """Return how far a working day strays, by the days of months before and of this one."""
    days = min(_REMEMBERED, habits.noise_days)
    squares = habits.noise**2 * days
    if own and len(done) > 1:
        squares += sum((pages / own - share) ** 2 for share, pages in done)
        days += len(done) - 1
    return (habits.runs * sqrt(squares / days), days) if days else (1.0, 0)
