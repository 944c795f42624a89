"""Pages that no department should answer for: declared with ground and source, beside the total.

A goal is stated with and without what law or outside parties require: 選挙, 法定通知,
市民有料コピー, 保守点検テスト印刷. A person says how many impressions of a place, or of a
department with its parts, were such in some days of one closing month. They stay in every total;
beside it stands the total without them. They are taken, in whole pages, from what was counted on
those days: never more than that, so that nothing becomes negative. What was declared and is not
there is `missing`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from collector.domain.counting.departments import PlaceShare
from collector.domain.counting.entries import Entry, Exclusion, in_force
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import DepartmentId, Fleet
from collector.domain.office.office_calendar import Office, Period
from collector.domain.office.shares import PlaceId, apportion

EXCLUDED: Final = Meter("excluded")
"""Rides along as if it were a meter: impressions among `total` that are declared excluded."""


class BothTotals:
    """What states `pages`, impressions, and among its `meters` how many of them are excluded."""

    __slots__ = ()

    pages: int
    meters: Mapping[Meter, int]

    @property
    def excluded(self) -> int:
        """Impressions among `pages` that were declared excluded: no target need count them."""
        return self.meters.get(EXCLUDED, 0)

    @property
    def without(self) -> int:
        """Impressions without those that are excluded."""
        return self.pages - self.excluded


@dataclass(frozen=True, slots=True)
class Taken:
    """What `exclusion` takes of the pages that were counted: `pages` of those it declares."""

    exclusion: Exclusion
    pages: int

    @property
    def missing(self) -> int:
        """Declared impressions that were not counted, or that another exclusion has taken."""
        return self.exclusion.pages - self.pages


@dataclass(frozen=True, slots=True)
class Excluding:
    """What exclusions take from shares of places: `of` by share, `taken` by exclusion."""

    of: Mapping[tuple[PlaceId, DepartmentId, date], int] = field(default_factory=dict)
    taken: tuple[Taken, ...] = ()


def exclusions_in(entries: Iterable[Entry], office: Office, period: Period) -> list[Exclusion]:
    """Return the exclusions in force of days of `period`, in the order they were entered."""
    return [
        one
        for one in in_force(entries)
        if isinstance(one, Exclusion) and office.period_of(one.first).name == period.name
    ]


def excluding(
    shares: Iterable[PlaceShare], exclusions: Iterable[Exclusion], fleet: Fleet
) -> Excluding:
    """Return what `exclusions`, one after another, take from `shares`.

    Each takes from the shares that it is about in proportion to what is left of them: from places
    and departments first, then from their days.
    """
    left: dict[tuple[PlaceId, DepartmentId, date], int] = defaultdict(int)
    for share in shares:
        left[share.place, share.department, share.day] += max(0, share.pages.get(TOTAL, 0))
    found: dict[tuple[PlaceId, DepartmentId, date], int] = defaultdict(int)
    taken: list[Taken] = []
    for one in exclusions:
        own = {key: n for key, n in sorted(left.items()) if n and _is_about(one, key, fleet)}
        pages = min(one.pages, sum(own.values()))
        for key, count in _shared(pages, own).items():
            left[key] -= count
            found[key] += count
        taken.append(Taken(one, pages))
    return Excluding({key: n for key, n in found.items() if n}, tuple(taken))


_Key = tuple[PlaceId, DepartmentId, date]


def _shared(pages: int, own: Mapping[_Key, int]) -> Mapping[_Key, int]:
    """Return `pages`, no more than all of `own`, taken from them; from none more than it has."""
    if not pages:
        return {}
    sums: dict[tuple[PlaceId, DepartmentId], dict[_Key, int]] = defaultdict(dict)
    for key, count in own.items():
        sums[key[0], key[1]][key] = count
    parts = apportion(pages, {key: sum(days.values()) for key, days in sums.items()})
    return {
        key: count
        for owner, part in parts.items()
        for key, count in apportion(part, sums[owner]).items()
    }


def _is_about(one: Exclusion, key: tuple[PlaceId, DepartmentId, date], fleet: Fleet) -> bool:
    place, department, day = key
    if not one.first <= day <= one.last:
        return False
    if one.department is None:
        return place == one.place
    return one.department in fleet.tree.line(department, day)


def with_excluded_apart(
    shares: Sequence[PlaceShare], exclusions: Iterable[Exclusion], fleet: Fleet, office: Office
) -> tuple[PlaceShare, ...]:
    """Return `shares` with what is excluded of each as one more meter, by closing months."""
    months: dict[str, list[Exclusion]] = defaultdict(list)
    for one in exclusions:
        months[office.period_of(one.first).name].append(one)
    if not months:
        return tuple(shares)
    by_month: dict[str, list[PlaceShare]] = defaultdict(list)
    names = {day: office.period_of(day).name for day in {one.day for one in shares}}
    for share in shares:
        by_month[names[share.day]].append(share)
    marked: dict[tuple[PlaceId, DepartmentId, date], int] = {}
    for name, own in months.items():
        marked |= excluding(by_month.get(name, ()), own, fleet).of
    return tuple(_marked(share, marked) for share in shares)


def _marked(
    share: PlaceShare, marked: Mapping[tuple[PlaceId, DepartmentId, date], int]
) -> PlaceShare:
    count = marked.get((share.place, share.department, share.day), 0)
    if not count:
        return share
    pages = {**share.pages, EXCLUDED: count}
    return PlaceShare(share.place, share.department, share.day, pages, share.estimated)


def left_of(amount: int, pages: int, excluded: int) -> int:
    """Return what is left of an `amount` of `pages` when `excluded` of these do not count.

    Of sheets and of colour the same share is excluded as of impressions, in whole ones.
    """
    if pages <= 0 or not excluded:
        return amount
    return amount - round(amount * excluded / pages)
