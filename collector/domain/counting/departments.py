"""From places' days to departments' days, by who answered for a place on each day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter, families_in
from collector.domain.office.fleet import UNASSIGNED, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office, Period
from collector.domain.office.shares import PlaceId, RunningShares

_ESTIMATED = Meter("estimated")
"""Rides along as if it were a meter, so that it is shared out like the pages it belongs to."""


@dataclass(frozen=True, slots=True)
class DepartmentDay:
    """Pages a department answers for on one local day, by meter; `estimated` of `total`."""

    department: DepartmentId
    day: date
    pages: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class PlaceShare:
    """Pages of one place on one local day that one department answers for."""

    place: PlaceId
    department: DepartmentId
    day: date
    pages: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0


def place_shares(
    days: Iterable[DayUsage], fleet: Fleet, office: Office, period: Period | None = None
) -> tuple[PlaceShare, ...]:
    """Return every place's days split among its departments, in whole pages, none lost.

    Shares run on from day to day within one closing month and one assignment, so that a month's
    sum is within a page of its exact share. `days` should begin where a closing month begins. A
    place no longer in the fleet file answers to `UNASSIGNED`: its pages stay visible. Where
    `period` is given, all of `days` are its own: it may have been closed by another closing day.
    """
    ordered = sorted(days, key=lambda one: (one.place, one.day))
    named = {one.place for one in ordered}
    places = {place.id: place for place in fleet.places if place.id in named}
    running: dict[Meter, RunningShares[DepartmentId]] = {}
    current: object = None
    shares: list[PlaceShare] = []
    for usage in ordered:
        place = places.get(usage.place) or Place(usage.place, usage.place, "")
        weights = place.shares_on(usage.day)
        if len(weights) == 1:
            (whole,) = weights
            current = None
            shares.append(_whole_day(usage, whole))
            continue
        month = (period or office.period_of(usage.day)).name
        span = (usage.place, month, tuple(sorted(weights.items())))
        if span != current:
            current, running = span, {}
        shares.extend(_split_day(usage, weights, running))
    return tuple(shares)


def shared_totals(
    days: Iterable[DayUsage], fleet: Fleet, office: Office, period: Period
) -> dict[tuple[date, DepartmentId], int]:
    """Return the impressions of `days`, all of `period`, by day and department, in that order.

    That is what `place_shares` and `department_days` say of `total`, without all other meters and
    without a value for each place that one department answers for all the time.
    """
    whole = {one.id: owner for one in fleet.places if (owner := _sole_owner(one, period))}
    found: dict[tuple[date, DepartmentId], int] = defaultdict(int)
    split: list[DayUsage] = []
    for usage in days:
        department = whole.get(usage.place)
        if department is None:
            split.append(usage)
        elif usage.pages:
            found[usage.day, department] += usage.pages.get(TOTAL, 0)
    for share in place_shares(split, fleet, office, period):
        if share.pages:
            found[share.day, share.department] += share.pages.get(TOTAL, 0)
    return dict(sorted(found.items()))


def _sole_owner(place: Place, period: Period) -> DepartmentId | None:
    """Return who answers for `place` alone and on every day of `period`, None where nobody does."""
    shares = place.shares_on(period.start)
    if len(shares) > 1 or any(one.start in period for one in place.assignments):
        return None
    return next(iter(shares))


def _whole_day(usage: DayUsage, department: DepartmentId) -> PlaceShare:
    return PlaceShare(usage.place, department, usage.day, usage.pages, usage.estimated)


def _split_day(
    usage: DayUsage,
    weights: Mapping[DepartmentId, int],
    running: dict[Meter, RunningShares[DepartmentId]],
) -> Iterable[PlaceShare]:
    ordered = dict(sorted(weights.items()))

    def of(meter: Meter) -> RunningShares[DepartmentId]:
        return running.setdefault(meter, RunningShares(ordered))

    pages = {**usage.pages, _ESTIMATED: usage.estimated}
    parts: dict[Meter, Mapping[DepartmentId, int]] = {}
    for whole, members in families_in(usage.pages):
        if whole not in parts:
            parts[whole] = of(whole).split(pages[whole])
        left = parts[whole]
        for member in members:
            parts[member] = of(member).split_of(pages[member], left)
            left = {one: left[one] - parts[member][one] for one in left}
    parts |= {meter: of(meter).split(pages[meter]) for meter in pages if meter not in parts}
    estimated = parts.pop(_ESTIMATED)
    for one in ordered:
        own = {meter: parts[meter][one] for meter in usage.pages}
        yield PlaceShare(usage.place, one, usage.day, own, estimated[one])


def in_groups(shares: Iterable[PlaceShare], fleet: Fleet) -> tuple[PlaceShare, ...]:
    """Return `shares` once for each department in which they count that day, by `groups_of`.

    Those of one department are then its own pages and those of all its parts; of several added up
    a page counts more than once.
    """
    if fleet.is_flat:
        return tuple(shares)
    return _renamed(shares, fleet.groups_of)


def in_pieces(shares: Iterable[PlaceShare], fleet: Fleet) -> tuple[PlaceShare, ...]:
    """Return each of `shares` under its `piece_of`: no page is in two pieces."""
    if fleet.is_flat:
        return tuple(shares)
    return _renamed(shares, lambda department, day: (fleet.piece_of(department, day),))


def pieces_in(
    fleet: Fleet, period: Period, departments: Iterable[DepartmentId]
) -> Mapping[DepartmentId, frozenset[DepartmentId]]:
    """Return the pieces of which each group of `departments` consists in `period`."""
    found: dict[DepartmentId, set[DepartmentId]] = defaultdict(set)
    begins = {period.start, *(day for day in fleet.tree.starts if day in period)}
    for department in departments:
        for day in begins:
            for group in fleet.groups_of(department, day):
                found[group].add(fleet.piece_of(department, day))
    return {group: frozenset(pieces) for group, pieces in found.items()}


def _renamed(
    shares: Iterable[PlaceShare],
    names: Callable[[DepartmentId, date], Iterable[DepartmentId]],
) -> tuple[PlaceShare, ...]:
    known: dict[tuple[DepartmentId, date], tuple[DepartmentId, ...]] = {}
    found: list[PlaceShare] = []
    for one in shares:
        key = (one.department, one.day)
        if key not in known:
            known[key] = tuple(names(*key))
        found += (
            PlaceShare(one.place, name, one.day, one.pages, one.estimated) for name in known[key]
        )
    return tuple(found)


def totals_in_groups(
    totals: Mapping[tuple[date, DepartmentId], int], fleet: Fleet
) -> dict[tuple[date, DepartmentId], int]:
    """Return impressions by day and department with those of all parts, like `in_groups`."""
    if fleet.is_flat:
        return dict(totals)
    found: dict[tuple[date, DepartmentId], int] = defaultdict(int)
    for (day, department), pages in totals.items():
        for group in fleet.groups_of(department, day):
            found[day, group] += pages
    return dict(sorted(found.items()))


def department_days(shares: Iterable[PlaceShare]) -> tuple[DepartmentDay, ...]:
    """Return `shares` added up by department and day, in order of day then department."""
    pages: dict[tuple[date, DepartmentId], dict[Meter, int]] = defaultdict(dict)
    estimated: dict[tuple[date, DepartmentId], int] = defaultdict(int)
    for share in shares:
        key = (share.day, share.department)
        for meter, count in share.pages.items():
            pages[key][meter] = pages[key].get(meter, 0) + count
        estimated[key] += share.estimated
    return tuple(
        DepartmentDay(department, day, meters, estimated[day, department])
        for (day, department), meters in sorted(pages.items())
    )


def places_answered(
    fleet: Fleet, period: Period, until: date, shares: Iterable[PlaceShare]
) -> dict[DepartmentId, frozenset[PlaceId]]:
    """Return which places each department answered for on any day of `period` up to `until`."""
    places: dict[DepartmentId, set[PlaceId]] = defaultdict(set)
    for place in fleet.places:
        for day in period.days:
            if day <= until and place.stands_on(day):
                for department in place.shares_on(day):
                    places[department].add(place.id)
    for share in shares:
        if share.day in period and share.department == UNASSIGNED:
            places[UNASSIGNED].add(share.place)
    return {department: frozenset(one) for department, one in places.items()}
