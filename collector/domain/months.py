"""A department's month: pages against target, where it will end, and how complete it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from collector.domain.departments import DepartmentDay, PlaceShare, department_days, place_shares
from collector.domain.fleet import (
    NOBODY,
    UNASSIGNED,
    WHOLE,
    Department,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.forecast import Forecast, elapsed_share, forecast
from collector.domain.meters import TOTAL, Meter
from collector.domain.office import ONE_DAY, Office, Period
from collector.domain.reading import PlaceId
from collector.domain.unread import together, unread_pages
from collector.domain.usage import DayUsage

HISTORY = timedelta(days=62)
"""How far before a month its forecast looks."""

Heard = Mapping[PlaceId, tuple[datetime, datetime]]
"""Place -> first and last time it was heard within a span."""


@dataclass(frozen=True, slots=True)
class DepartmentMonth:
    """What a department answers for in one closing month, in impressions unless named otherwise.

    `pages` is the `total` meter; `meters` holds all. `estimated` of `pages` lie in this month by
    estimate. Of the places `asked`, all but `missing` were heard recently enough. `target`,
    `last_year` and `forecast` are None where there is none. `elapsed` is the share of working time
    gone.
    `unread` is what the `missing` places have probably printed since they were last heard: no
    part of `pages`, None where no place is missing or nothing is known of its past.
    `final`: the month is closed, and these are the figures of `revision` of its statement.
    """

    department: Department
    period: Period
    pages: int
    meters: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0
    target: int | None = None
    last_year: int | None = None
    forecast: Forecast | None = None
    elapsed: float = 0.0
    asked: tuple[PlaceId, ...] = ()
    missing: tuple[PlaceId, ...] = ()
    unread: Forecast | None = None
    final: bool = False
    revision: int = 0

    @property
    def places(self) -> int:
        """How many places the department answered for on any day of the period so far."""
        return len(self.asked)

    @property
    def places_read(self) -> int:
        """How many of them were heard recently enough."""
        return len(self.asked) - len(self.missing)

    @property
    def ratio(self) -> float | None:
        """Pages over target, 1.0 = all used; None without a target. A target of 0 is all used."""
        if self.target is None:
            return None
        return self.pages / self.target if self.target else float(self.pages > 0)

    @property
    def remaining(self) -> int | None:
        """Impressions left until the target, negative when over; None without a target."""
        return None if self.target is None else self.target - self.pages


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """All that is needed to state a month, gathered beforehand.

    `days` reach from the begin of the closing month that holds `period.start - HISTORY` to the
    period's end, `last_year_days` cover the period a year earlier, and are None where the ledger
    does not reach back to its begin. `heard` spans from the begin of the period up to now.
    """

    fleet: Fleet
    office: Office
    period: Period
    now: datetime
    days: Sequence[DayUsage]
    last_year_days: Sequence[DayUsage] | None
    heard: Heard


def history_start(office: Office, period: Period) -> date:
    """Return the first day whose usage the facts of `period` should hold."""
    return office.period_of(period.start - HISTORY).start


def department_months(
    facts: MonthFacts, also: Iterable[Department] = ()
) -> tuple[DepartmentMonth, ...]:
    """Return every department's month, in the fleet file's order.

    Pages of places nobody answers for come last, as department `unassigned`, where there are any:
    the departments' pages add up to the places' pages exactly. `also` are departments that were
    stated before and must not keep an old figure; they follow where they are not there anyway.
    """
    shares = place_shares(facts.days, facts.fleet, facts.office)
    days = department_days(shares)
    by_department: dict[DepartmentId, list[DepartmentDay]] = defaultdict(list)
    for day in days:
        by_department[day.department].append(day)
    last_year = _last_year(facts)
    departments = [*facts.fleet.departments]
    if any(day.department == UNASSIGNED and day.day in facts.period for day in days):
        departments.append(NOBODY)
    stated = {department.id for department in departments}
    departments.extend(one for one in also if one.id not in stated)
    places = _places_of(facts, shares)
    return tuple(
        _month(
            facts,
            department,
            by_department[department.id],
            last_year,
            places.get(department.id, frozenset()),
        )
        for department in departments
    )


def _month(
    facts: MonthFacts,
    department: Department,
    own: Sequence[DepartmentDay],
    last_year: Mapping[DepartmentId, int] | None,
    places: frozenset[PlaceId],
) -> DepartmentMonth:
    inside = [day for day in own if day.day in facts.period]
    meters: dict[Meter, int] = defaultdict(int)
    for day in inside:
        for meter, pages in day.pages.items():
            meters[meter] += pages
    daily = _daily(facts, own)
    missing = tuple(sorted(place for place in places if not _is_read(facts, place)))
    return DepartmentMonth(
        department=department,
        period=facts.period,
        pages=meters.get(TOTAL, 0),
        meters=dict(meters),
        estimated=sum(day.estimated for day in inside),
        target=facts.fleet.target(department.id, facts.period.name),
        last_year=None if last_year is None else last_year.get(department.id, 0),
        forecast=forecast(daily, facts.office, facts.period, facts.now) if daily else None,
        elapsed=elapsed_share(facts.office, facts.period, facts.now),
        asked=tuple(sorted(places)),
        missing=missing,
        unread=_unread(facts, department.id, missing),
    )


def _unread(
    facts: MonthFacts, department: DepartmentId, missing: Iterable[PlaceId]
) -> Forecast | None:
    """Return what this department's share of the missing places' pages probably is."""
    last = min(facts.period.end, facts.office.local_day(facts.now) - ONE_DAY)
    guesses: dict[str, Forecast] = {}
    weights: dict[str, float] = {}
    for place in missing:
        daily = {one.day: one.pages.get(TOTAL, 0) for one in facts.days if one.place == place}
        heard = facts.heard.get(place)
        first = facts.period.start
        if heard is not None:
            first = max(first, facts.office.local_day(heard[1]) + ONE_DAY)
        guess = unread_pages(daily, facts.office, first, last)
        if guess is not None:
            shares = (facts.fleet.place(place) or Place(place, place, "")).shares_on(last)
            guesses[place] = guess
            weights[place] = shares.get(department, 0) / WHOLE
    return together(guesses, weights)


def _daily(facts: MonthFacts, own: Iterable[DepartmentDay]) -> dict[date, int]:
    """Return a department's impressions by day, from the first day on that anything is known.

    One that has printed nothing so far, or whose pages were all moved to another department, is
    expected to go on so from the first day of anybody's pages: without that its forecast would be
    absent, and one that was published before would stay as it was.
    """
    daily = {day.day: day.pages.get(TOTAL, 0) for day in own}
    today = facts.office.local_day(facts.now)
    if facts.days and not any(day < today for day in daily):
        return {min(day.day for day in facts.days): 0} | daily
    return daily


def _last_year(facts: MonthFacts) -> dict[DepartmentId, int] | None:
    """Return last year's pages by department, by who answered for the places then."""
    if facts.last_year_days is None:
        return None
    pages: dict[DepartmentId, int] = defaultdict(int)
    shares = place_shares(facts.last_year_days, facts.fleet, facts.office)
    for day in department_days(shares):
        pages[day.department] += day.pages.get(TOTAL, 0)
    return dict(pages)


def _places_of(
    facts: MonthFacts, shares: Iterable[PlaceShare]
) -> dict[DepartmentId, frozenset[PlaceId]]:
    """Return which places each department answered for on any day of the period so far."""
    until = min(facts.period.end, facts.office.local_day(facts.now))
    places: dict[DepartmentId, set[PlaceId]] = defaultdict(set)
    for place in facts.fleet.places:
        for day in facts.period.days:
            if day <= until:
                for department in place.shares_on(day):
                    places[department].add(place.id)
    for share in shares:
        if share.day in facts.period and share.department == UNASSIGNED:
            places[UNASSIGNED].add(share.place)
    return {department: frozenset(one) for department, one in places.items()}


def _is_read(facts: MonthFacts, place: PlaceId) -> bool:
    """Say whether `place` was heard late enough for its figure to be trusted.

    In a running month: since the begin of the working day before today (a copier may sleep over
    a weekend). In a finished one: since the begin of its last working day, or any time after.
    """
    heard = facts.heard.get(place)
    if heard is None:
        return False
    today = facts.office.local_day(facts.now)
    day = min(facts.period.end, today - ONE_DAY)
    while not facts.office.works_on(day) and day > facts.period.start:
        day -= ONE_DAY
    return heard[1] >= facts.office.midnight(max(day, facts.period.start))
