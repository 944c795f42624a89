"""How far a month's pages may be off: what stretches over its border, or estimates, leave open.

The pages of a stretch are known as a whole, or within its own range; on which of its days, and so
in which month and for which department, they were printed is not. A month's pages are the sum of
its days' parts, and its margin is what the truth may lie below and above that. The margins of
places add up: nothing is supposed to cancel out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from collector.domain.fleet import WHOLE, WHOLE_OFFICE, DepartmentId, Fleet, Place
from collector.domain.office import Period
from collector.domain.reading import PlaceId
from collector.domain.usage import Stretch


@dataclass(frozen=True, slots=True)
class Margin:
    """The true impressions are at most `less` fewer, and at most `more` more, than those stated."""

    less: int = 0
    more: int = 0

    def __add__(self, other: "Margin") -> "Margin":
        """Return both together."""
        return Margin(self.less + other.less, self.more + other.more)

    def __sub__(self, other: "Margin") -> "Margin":
        """Return what this one has beyond `other`; may be negative."""
        return Margin(self.less - other.less, self.more - other.more)

    def __bool__(self) -> bool:
        """Say whether the impressions are not known exactly."""
        return bool(self.less or self.more)


EXACT: Final = Margin()

Margins = Mapping[PlaceId, Mapping[DepartmentId, Margin]]
"""Place -> department that answers for it, and `WHOLE_OFFICE` for all of it -> margin."""


def all_of(several: Iterable[Margin]) -> Margin:
    """Return the sum."""
    return sum(several, EXACT)


def margins(stretches: Iterable[Stretch], fleet: Fleet, period: Period) -> Margins:
    """Return by how much the pages of `period` may be off, without what is exact.

    A stretch within the period leaves open what lies between its low and its high. One that
    reaches over the period's border may lie inside it with none of its pages, or with all. The
    same holds between departments where another one answers from a day within it on.
    """
    found: dict[PlaceId, dict[DepartmentId, Margin]] = defaultdict(dict)
    for one in stretches:
        place = fleet.place(one.place) or Place(one.place, one.place, "")
        for department, weights in _weights(place, one, period).items():
            margin = _margin(one, weights)
            if margin:
                own = found[one.place]
                own[department] = own.get(department, EXACT) + margin
    return dict(found)


def estimated_parts(
    stretches: Iterable[Stretch], period: Period
) -> Mapping[PlaceId, dict[date, int]]:
    """Return the impressions by place and day of `period` that lie in it by estimate.

    Between its own days nothing is at stake: only stretches over its border and those that are no
    plain difference of counters count.
    """
    found: dict[PlaceId, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for one in stretches:
        inside = {day: pages for day, pages in one.parts.items() if day in period}
        if inside and (len(inside) < len(one.parts) or one.low < one.high):
            for day, pages in inside.items():
                found[one.place][day] += pages
    return found


def _weights(
    place: Place, stretch: Stretch, period: Period
) -> Mapping[DepartmentId, Mapping[date, Fraction]]:
    """Return the share of each of the stretch's days that counts for whom, outside it 0."""
    days = {day: place.shares_on(day) for day in stretch.parts if day in period}
    who = sorted({department for shares in days.values() for department in shares})
    found = {
        one: {
            day: Fraction(days[day].get(one, 0), WHOLE) if day in days else Fraction(0)
            for day in stretch.parts
        }
        for one in who
    }
    return found | {WHOLE_OFFICE: {day: Fraction(day in days) for day in stretch.parts}}


def _margin(stretch: Stretch, weights: Mapping[date, Fraction]) -> Margin:
    stated = sum((pages * weights[day] for day, pages in stretch.parts.items()), Fraction(0))
    low, high = stretch.low * min(weights.values()), stretch.high * max(weights.values())
    return Margin(max(0, ceil(stated - low)), max(0, ceil(high - stated)))
