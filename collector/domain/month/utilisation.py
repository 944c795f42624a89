"""How much a copier is used, by weekday and hour, and what its pages would mean for its neighbours.

Every figure is a mean over the working days of a span, by the calendar of the copier's place. Where
readings lie more than an hour apart, nobody knows the hour: such pages count for their day alone.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from collector.domain.counting.usage import CLOSE_ENOUGH, DayUsage, Quality, Usage
from collector.domain.meters import TOTAL, TOTAL_COLOR
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.spelling import fold

FEWEST_DAYS: Final = 20
"""Working days that a copier must have been counted on before it is said that it could go."""

_MINUTES: Final = 60
_HOUR: Final = timedelta(hours=1)

WeekHour = tuple[int, int]
"""A weekday, 0 for Monday, and an hour of its day, 0 to 23."""

Load = Mapping[WeekHour, float]
"""Impressions in that hour of a working day, on average."""


@dataclass(frozen=True, slots=True)
class CopierUse:
    """What the copier at `place` did on `working_days` of a span, on `idle` of them nothing.

    `pages` are impressions on working days, `color` those in colour, `unplaced` those of which no
    hour is known. `open_minutes` is its working time. What it does at most in a minute is
    `rated_ipm`, None where no profile states it. `has_color` says whether it tells colours.
    """

    place: PlaceId
    working_days: int
    idle: int
    pages: int
    color: int = 0
    unplaced: int = 0
    hours: Load = field(default_factory=dict)
    open_minutes: float = 0.0
    rated_ipm: int | None = None
    has_color: bool = False

    @property
    def pages_a_day(self) -> float:
        """Impressions on a working day."""
        return self.pages / self.working_days if self.working_days else 0.0

    @property
    def share(self) -> float | None:
        """How much of what it could print in working time it did."""
        if not self.rated_ipm or not self.open_minutes:
            return None
        return self.pages / (self.rated_ipm * self.open_minutes)

    @property
    def busiest(self) -> WeekHour | None:
        """The weekday and hour in which it prints most; None where the hours are not known."""
        if not self.is_known_by_hour:
            return None
        return max(self.hours, key=lambda hour: (self.hours[hour], hour), default=None)

    @property
    def is_known_by_hour(self) -> bool:
        """Whether the hour of at least half of its pages is known."""
        return 2 * self.unplaced <= self.pages

    def busiest_with(self, more: Load) -> float | None:
        """Return how much of its capacity the busiest hour takes with `more` on top."""
        if not self.rated_ipm:
            return None
        hours = {*self.hours, *more}
        most = max((self.hours.get(one, 0.0) + more.get(one, 0.0) for one in hours), default=0.0)
        return most / (self.rated_ipm * _MINUTES)


def use_of(
    place: PlaceId,
    days: Iterable[DayUsage],
    usages: Iterable[Usage],
    office: Office,
    span: tuple[date, date],
    rated_ipm: int | None = None,
) -> CopierUse:
    """Return what the copier did from the first to the last day of `span`, both inclusive.

    `days` are its own; `usages` of its total, in that time. `office` has its calendar.
    """
    first, last = span
    whole = [first + ONE_DAY * n for n in range(max(0, (last - first).days + 1))]
    working = {day for day in whole if office.works_on(day)}
    printed = {one.day: one for one in days if one.day in working}
    pages = sum(one.pages.get(TOTAL, 0) for one in printed.values())
    hours, placed = _by_hour(usages, office, working)
    begin, end = office.midnight(first), office.midnight(last + ONE_DAY) - timedelta(seconds=1)
    return CopierUse(
        place,
        len(working),
        sum(not (day in printed and printed[day].pages.get(TOTAL)) for day in working),
        pages,
        sum(one.pages.get(TOTAL_COLOR, 0) for one in printed.values()),
        max(0, pages - round(placed)),
        hours,
        office.working_seconds(begin, max(begin, end)) / _MINUTES,
        rated_ipm,
        any(TOTAL_COLOR in one.pages for one in printed.values()),
    )


def _by_hour(usages: Iterable[Usage], office: Office, working: set[date]) -> tuple[Load, float]:
    """Return the mean by weekday and hour of `working` days, and how many impressions that is."""
    sums: dict[WeekHour, float] = defaultdict(float)
    for usage in usages:
        if usage.meter != TOTAL or not usage.pages or usage.quality is Quality.ESTIMATED:
            continue
        if usage.end - usage.start > CLOSE_ENOUGH:
            continue
        for at, pages in _pieces(usage):
            day = office.local_day(at)
            if day in working:
                sums[day.weekday(), at.astimezone(office.zone_on(day)).hour] += pages
    days = Counter(day.weekday() for day in working)
    means = {(day, hour): pages / days[day] for (day, hour), pages in sorted(sums.items())}
    return means, sum(sums.values())


def _pieces(usage: Usage) -> Iterable[tuple[datetime, float]]:
    """Yield a usage in pieces, none over the hour, in proportion to time; each at its begin."""
    lasted = (usage.end - usage.start).total_seconds()
    if lasted <= 0:
        yield usage.start, float(usage.pages)
        return
    at = usage.start
    while at < usage.end:
        until = min(usage.end, at.replace(minute=0, second=0, microsecond=0) + _HOUR)
        yield at, usage.pages * (until - at).total_seconds() / lasted
        at = until


# Which copiers stand near one another.


_FLOOR: Final = re.compile(r"^(.*?(?:地下|b)?\d+)(?:階|f(?![a-z]))")
"""A floor in a name or id: 本庁2階, 3F, 地下1階, b1f-souko. What stands before is a building."""


def floor_of(name: str) -> str | None:
    """Return building and floor as a place's name has them, folded; None where it has none."""
    found = _FLOOR.match(fold(name))
    return None if found is None else found[1]


def neighbours(fleet: Fleet, day: date) -> Mapping[PlaceId, tuple[PlaceId, ...]]:
    """Return by place the other ones on its floor; where there are none, those of its departments.

    Only places that stand on `day`. The floor is what the names say, else the ids.
    """
    standing = [one for one in fleet.places if one.stands_on(day)]
    floors = {one.id: floor_of(one.name) or floor_of(one.id) for one in standing}
    who = {one.id: one.shares_on(day).keys() for one in standing}
    found: dict[PlaceId, tuple[PlaceId, ...]] = {}
    for one, floor in floors.items():
        same = [other for other, its in floors.items() if other != one and its == floor]
        together = [other for other, its in who.items() if other != one and its & who[one]]
        found[one] = tuple(same if same and floor is not None else together)
    return found


# What the pages of one copier would mean for the others.


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What one copier that stays would print with its part of another's pages.

    `before` and `after` are how much of its capacity its busiest hour takes.
    """

    use: CopierUse
    pages_a_day: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class WithoutIt:
    """What it would mean if the copier of `use` went, its pages evenly among all that could print.

    `could_go` where the busiest hour of none of them would take more than the limit.
    """

    use: CopierUse
    others: tuple[TakenOver, ...]
    could_go: bool


def without_it(use: CopierUse, near: Sequence[CopierUse], limit: float) -> WithoutIt:
    """Return what the pages of `use` would mean for those `near` it, if it alone went.

    Those of unknown speed or hours take nothing over, nor do those without colour where it prints
    colour.
    """
    fast = (one for one in near if one.rated_ipm and one.is_known_by_hour)
    able = [one for one in fast if one.has_color or not use.color]
    others = []
    for one in able:
        part = {hour: pages / len(able) for hour, pages in use.hours.items()}
        before, after = one.busiest_with({}), one.busiest_with(part)
        if before is not None and after is not None:
            pages = one.pages_a_day + use.pages_a_day / len(able)
            others.append(TakenOver(one, pages, before, after))
    known = use.working_days >= FEWEST_DAYS and use.is_known_by_hour
    fits = bool(others) and all(one.after <= limit for one in others)
    return WithoutIt(use, tuple(others), could_go=known and fits)
