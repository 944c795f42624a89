"""What a department is used to: its weekdays, the ends of its months, its year.

All of it is learnt from closing months before the one in question, and as shares of each month's
own level: a department that grows or shrinks keeps its habits.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from statistics import fmean, median
from typing import Final, TypeVar

from collector.domain.office.office_calendar import Office, Period, month_index, month_name
from collector.domain.office.season import RUNS, YearRound

ENOUGH_DAYS: Final = 10
"""Working days that a month must be known for before its level says anything about the year."""

_HABIT: Final = 0.12
"""A usual habit changes a day by so much. Where days stray further than that, it takes more of them
to tell a habit from chance."""

_LEAST: Final = 0.02
"""No habit makes a working day vanish: a day that never brought a page may bring one yet."""

_MANY: Final = 20.0
"""As many where there are too few days to say how far they stray."""

_EDGE: Final = 2
_NEAR: Final = 5
"""Working days from either end of a month that are its edge, and that are near it."""

_NOISE_MONTHS: Final = 12
_ODD: Final = 4.0
"""So many months back, days tell how far days stray; a month in which they do so by that many times
more than in others was of another kind, half a holiday perhaps."""

_FIFTHS: Final = 5
_SURE: Final = 2.5
"""The fifths of a month differ by more than chance where they do so by so many times as much."""

_YEAR: Final = 12

_RUN_DAYS: Final = 20.0
_MOST_ALIKE: Final = 0.5
"""Days say how alike two that follow one another are; so many that are not come on top."""

Key = TypeVar("Key", bound=Hashable)


Usable = Callable[[str], bool]
"""Says of a closing month by name whether it was measured from its beginning."""


def every_month(_: str) -> bool:
    """Take every month for usable."""
    return True


class MonthPart(StrEnum):
    """Where in a closing month a working day lies."""

    FIRST = "first"
    EARLY = "early"
    MIDDLE = "middle"
    LATE = "late"
    LAST = "last"


@lru_cache(maxsize=1024)
def working_parts(office: Office, period: Period) -> Mapping[date, MonthPart]:
    """Return the working days of `period`, in order, each with the part of the month it is in."""
    days = [day for day in period.days if office.works_on(day)]
    return {day: _part(number, len(days)) for number, day in enumerate(days)}


def _part(number: int, of: int) -> MonthPart:
    left = of - number - 1
    if left < _EDGE:
        return MonthPart.LAST
    if left < _NEAR:
        return MonthPart.LATE
    if number < _EDGE:
        return MonthPart.FIRST
    return MonthPart.EARLY if number < _NEAR else MonthPart.MIDDLE


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a working day differs from a usual one: by weekday, and by its part of the month."""

    weekdays: Mapping[int, float]
    parts: Mapping[MonthPart, float]

    def of(self, day: date, part: MonthPart) -> float:
        """Return the day as a share of a usual working day; 1.0 where nothing is known."""
        return self.weekdays.get(day.weekday(), 1.0) * self.parts.get(part, 1.0)


@dataclass(frozen=True, slots=True)
class Habits:
    """What is expected of a month before any of its days is known.

    `level` is impressions on a usual working day, None where nothing is known of months before;
    `stray` is how far a month may stray from that, as a share of it. `noise` is how far a working
    day strays from the pattern, likewise, judged by `noise_days` days; a sum of days strays `runs`
    times further than if busy days did not come in runs. `shape` is how the same month of the year
    before went from its first fifth to its last, where that was more than chance; empty otherwise.
    `idle` is what days off before the month brought: in a school's breaks (True), and all others.
    """

    pattern: Pattern
    level: float | None
    stray: float
    noise: float
    noise_days: int
    runs: float = 1.0
    shape: Sequence[float] = ()
    idle: Mapping[bool, Sequence[float]] = field(default_factory=dict)

    def shares(self, office: Office, period: Period) -> dict[date, float]:
        """Return the working days of `period`, each as a share of a usual one."""
        parts = working_parts(office, period)
        shape = self.shape or (1.0,)
        return {
            day: self.pattern.of(day, part) * shape[number * len(shape) // len(parts)]
            for number, (day, part) in enumerate(parts.items())
        }


def learn(
    daily: Mapping[date, float],
    office: Office,
    period: Period,
    today: date,
    months: Mapping[str, int] | None = None,
    usable: Usable = every_month,
) -> Habits:
    """Return the habits known before `period`, judged on `today`.

    `daily` is impressions by local day; a day from the first one on that is missing counts as 0.
    Days from `today` on and those of `period` are left aside. `months` are impressions of whole
    closing months by name, of use for those whose days are not known; one that is not over by
    `today` is no whole month yet. A month that began before the first day, or is not `usable`,
    tells of its days, but is no season and no last year.
    """
    return KnownMonths.of(daily, office, period, today, months, usable).habits(period)


@dataclass(frozen=True, slots=True)
class KnownMonths:
    """What is known of the months before one, and what it says of that month and of later ones.

    Of `known` working days are known, newest month first; those that had `begun` before tell of
    their days, but are no season. `idle` is as in `Habits`.
    """

    known: Mapping[int, "_Days"]
    pattern: Pattern
    noise: "_Noise"
    begun: Collection[int]
    year: YearRound
    idle: Mapping[bool, Sequence[float]]

    @classmethod
    def of(
        cls,
        daily: Mapping[date, float],
        office: Office,
        period: Period,
        today: date,
        months: Mapping[str, int] | None = None,
        usable: Usable = every_month,
    ) -> "KnownMonths":
        """Return what is known before `period`, judged on `today`: see `learn`."""
        known = _known_months(daily, office, period, today)
        pattern = _pattern(known.values())
        levels = {month: _level(days, pattern) for month, days in known.items()}
        noise, index = _Noise.of(known, pattern, levels), month_index(period.name)
        begun = {
            month for month, days in known.items() if not _is_whole(month, days, office, usable)
        }
        over = [name for name in months or {} if usable(name) and office.period(name).end < today]
        told = {month_index(name): (months or {})[name] for name in over}
        unknown = {
            month: pages for month, pages in told.items() if month not in known.keys() - begun
        }
        sheets = _levels_of(unknown, pattern, office)
        whole = {month: levels[month] for month in known if len(known[month]) >= ENOUGH_DAYS}
        whole |= {month: level for month, level in sheets.items() if month < index}
        year = YearRound.of(whole or levels, noise.share, begun - sheets.keys())
        return cls(
            known, pattern, noise, begun, year, _idle(daily, office, min(period.start, today))
        )

    def carried_on(self, period: Period) -> "KnownMonths":
        """Return the same with every month up to `period` as expected: nothing later is known."""
        return replace(self, year=self.year.carried_on(month_index(period.name)))

    def habits(self, period: Period) -> Habits:
        """Return what is expected of `period`."""
        index = month_index(period.name)
        last_year = index - _YEAR
        days = {} if last_year in self.begun else self.known.get(last_year, {})
        return Habits(
            self.pattern,
            self.year.expected(index),
            self.year.stray(index),
            self.noise.share,
            self.noise.days,
            self.noise.runs,
            _shape(days, self.pattern, self.noise),
            self.idle,
        )


def _idle(
    daily: Mapping[date, float], office: Office, until: date
) -> Mapping[bool, Sequence[float]]:
    """Return what each day off before `until` brought, by whether it lay in a school's breaks."""
    found: dict[bool, list[float]] = {True: [], False: []}
    first = min(daily, default=until)
    for day in map(date.fromordinal, range(first.toordinal(), until.toordinal())):
        if not office.works_on(day):
            found[day in office.breaks].append(daily.get(day, 0) + 0.0)
    return found


def _is_whole(month: int, days: Mapping[date, object], office: Office, usable: Usable) -> bool:
    """Say whether all working days of `month` are among `days`, and it may be used."""
    name = month_name(month)
    return usable(name) and len(days) == len(working_parts(office, office.period(name)))


_Days = Mapping[date, tuple[MonthPart, float]]
"""Working days of one month: the part each lies in, and its impressions."""


def _known_months(
    daily: Mapping[date, float], office: Office, period: Period, today: date
) -> Mapping[int, _Days]:
    """Return the working days before `period` and `today`, by month number, newest month first."""
    first = min(daily, default=period.start)
    months = {}
    while period.start > first:
        period = office.before(period)
        days = {
            day: (part, daily.get(day, 0.0))
            for day, part in working_parts(office, period).items()
            if first <= day < today
        }
        if days:
            months[month_index(period.name)] = days
    return months


def _level(days: _Days, pattern: Pattern) -> float:
    usual = sum(pattern.of(day, part) for day, (part, _) in days.items())
    return sum(pages for _, pages in days.values()) / usual


def _levels_of(months: Mapping[int, int], pattern: Pattern, office: Office) -> Mapping[int, float]:
    """Return the level of whole months by their pages alone; those of few working days aside."""
    parts = {month: working_parts(office, office.period(month_name(month))) for month in months}
    return {
        month: pages / sum(pattern.of(day, part) for day, part in parts[month].items())
        for month, pages in months.items()
        if len(parts[month]) >= ENOUGH_DAYS
    }


def _pattern(months: Iterable[_Days]) -> Pattern:
    """Return weekdays and parts, each with the other taken out; two rounds are enough for that."""
    months = [days for days in months if len(days) >= ENOUGH_DAYS]
    pattern = Pattern({}, {})
    for _ in range(2):
        shares = list(_shares(months, pattern))
        weekdays = [
            (day.weekday(), one / pattern.parts.get(part, 1.0)) for day, part, one in shares
        ]
        parts = [
            (part, one / pattern.weekdays.get(day.weekday(), 1.0)) for day, part, one in shares
        ]
        middle = [one for part, one in parts if part is MonthPart.MIDDLE]
        usual = (fmean(middle) if middle else 0.0) or 1.0
        edges = [(part, one / usual) for part, one in parts if part is not MonthPart.MIDDLE]
        pattern = Pattern(_shrunk(weekdays), _shrunk(edges))
    return pattern


def _shares(months: Iterable[_Days], pattern: Pattern) -> Iterable[tuple[date, MonthPart, float]]:
    """Yield every day as a share of its month's level."""
    for days in months:
        level = _level(days, pattern)
        if level > 0:
            for day, (part, pages) in days.items():
                yield day, part, pages / level


def _shrunk(shares: Sequence[tuple[Key, float]]) -> dict[Key, float]:
    """Return the mean share by key, drawn towards 1.0 where chance may have made it.

    Each counts as some days without any habit more: as many as it takes for the days of one key,
    straying as they do, to tell a usual habit from chance.
    """
    found: dict[Key, list[float]] = defaultdict(list)
    for key, share in shares:
        found[key].append(share)
    means = {key: fmean(ones) for key, ones in found.items()}
    squares = sum((share - means[key]) ** 2 for key, share in shares)
    free = len(shares) - len(found)
    plain = squares / free / _HABIT**2 if free > 0 else _MANY
    return {
        key: max(_LEAST, (sum(ones) + plain) / (len(ones) + plain)) for key, ones in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Noise:
    """How far days stray from the pattern, as a share of a usual one: on so many days, in runs."""

    share: float = 0.0
    days: int = 0
    runs: float = 1.0

    @classmethod
    def of(
        cls, known: Mapping[int, _Days], pattern: Pattern, levels: Mapping[int, float]
    ) -> "_Noise":
        """Return the noise of the last months, those aside that are out of all proportion."""
        strays = {
            month: [pages / level - pattern.of(day, part) for day, (part, pages) in days.items()]
            for month, days in list(known.items())[:_NOISE_MONTHS]
            if (level := levels[month]) > 0
        }
        squares = {month: fmean(one * one for one in ones) for month, ones in strays.items()}
        most = _ODD * median(squares.values()) if squares else 0.0
        usual = [ones for month, ones in strays.items() if squares[month] <= most]
        total = sum(one * one for ones in usual for one in ones)
        free = sum(map(len, usual)) - len(usual)
        if free <= 0 or total == 0:
            return cls(days=max(0, free))
        return cls(sqrt(total / free), free, _runs(usual, total, free))


def _runs(months: Sequence[Sequence[float]], squares: float, free: int) -> float:
    """Return how much further a sum of days strays than if each strayed on its own.

    Taking a month's own level out makes its days look less alike than they are.
    """
    followed = sum(one * two for month in months for one, two in pairwise(month))
    alike = followed / squares + len(months) / (free + len(months))
    likeness = min(_MOST_ALIKE, max(0.0, alike * free / (free + _RUN_DAYS)))
    return sqrt((1 + likeness) / (1 - likeness))


def _shape(days: _Days, pattern: Pattern, noise: _Noise) -> tuple[float, ...]:
    """Return the fifths of a month as shares of what its pattern says, as far as not by chance."""
    level = _level(days, pattern) if len(days) >= ENOUGH_DAYS else 0.0
    if level <= 0:
        return ()
    usual, pages = [0.0] * _FIFTHS, [0.0] * _FIFTHS
    for number, (day, (part, count)) in enumerate(days.items()):
        fifth = number * _FIFTHS // len(days)
        usual[fifth] += level * pattern.of(day, part)
        pages[fifth] += count
    strays = [count / expected - 1 for count, expected in zip(pages, usual, strict=True)]
    seen = fmean(one * one for one in strays)
    chance = (noise.share * RUNS) ** 2 * _FIFTHS / len(days)
    if seen <= _SURE * chance:
        return ()
    return tuple(max(_LEAST, 1 + (1 - chance / seen) * one) for one in strays)
