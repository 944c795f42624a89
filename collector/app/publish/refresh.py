"""What must be published again when a day begins or the fleet file changes.

The ledger notes who answered for which place and which targets held when it was last published.
A changed fleet file, even one changed while the service was down, then moves exactly the days and
months it concerns.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol

from collector.app.month.months import A_YEAR
from collector.app.month.purchased import paper_refs
from collector.app.notes import PUBLISHED_DAY, PUBLISHED_FACTORS, PUBLISHED_FLEET
from collector.app.office_context import CurrentOffice
from collector.domain.cost.factors import Factors
from collector.domain.cost.purchased import quarters_between
from collector.domain.month.finished import based_on, history_months, rest_of_years, stale_months
from collector.domain.office.fleet import (
    WHOLE_OFFICE,
    DepartmentId,
    Fleet,
    Place,
    Tree,
)
from collector.domain.office.headcount import Headcount
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, TargetPlan
from collector.ports import BEGINNING, Clock, Counting, LogRef, Notes, PublishLog

_LONGEST_STOP = timedelta(days=400)
"""Days further back than this are not published again: more likely the clock was wrong."""


class RefreshLedger(Counting, PublishLog, Notes, Protocol):
    """What was published last, what may differ from it now, and where that is to be told."""


class Refresh:
    """Appends to the log what the calendar or a new fleet file made stale."""

    def __init__(self, ledger: RefreshLedger, current: CurrentOffice, clock: Clock) -> None:
        """Work on the fleet and office of `current`."""
        self._ledger = ledger
        self._current = current
        self._clock = clock

    async def new_day(self, day: date) -> None:
        """Publish the day that begins, every day since the one told last, and their months.

        At a roll-over every department gets a row of the new month at once, with 0 pages; a month
        that ended while the service was down gets its last figures.
        """
        office = self._current.context.office
        noted = await PUBLISHED_DAY.get(self._ledger)
        last = noted or day
        first = max(min(last, day - ONE_DAY), day - _LONGEST_STOP)
        days = [first + ONE_DAY * n for n in range((day - first).days + 1)]
        months = dict.fromkeys(office.period_of(one).name for one in days)
        await self._ledger.touch(
            [
                *(LogRef("office_day", one.isoformat()) for one in days),
                *(LogRef("month", name) for name in months),
                *await self._paper(day),
            ]
        )
        if noted != day:
            await PUBLISHED_DAY.put(self._ledger, day)

    async def _paper(self, day: date) -> Sequence[LogRef]:
        """Return the quarter of `day` and the one before: a month may change after its end."""
        office = self._current.context.office
        (running,) = quarters_between(day, day, office)
        return await paper_refs(self._ledger, office, running.start - ONE_DAY, day)

    async def fleet(self) -> int:
        """Publish what the present fleet and factors state differently from those noted last.

        Returns how many days and months that is; unchanged ones touch nothing.
        """
        return await self._fleet() + await self._factors()

    async def _fleet(self) -> int:
        context = self._current.context
        before, written = await PUBLISHED_FLEET.get(self._ledger), PUBLISHED_FLEET.written
        if before is not None and written(before) == written(context.fleet):
            return 0
        first = await self._begun()
        refs: dict[LogRef, None] = {}
        today = context.office.local_day(self._clock.now())
        if before is not None and first is not None:
            refs = dict.fromkeys(_moved(before, context.fleet, context.office, first, today))
        if before is not None:
            refs |= dict.fromkeys(await self._sheets(before, first or today, today))
        refs[LogRef("month", context.office.period_of(today).name)] = None
        await self._ledger.touch(list(refs))
        await PUBLISHED_FLEET.put(self._ledger, context.fleet)
        return len(refs)

    async def _begun(self) -> date | None:
        """Return the first day of which anything was stated: counted, or only heard."""
        office = self._current.context.office
        heard = await self._ledger.heard_between(BEGINNING, self._clock.now())
        days = [office.local_day(first) for first, _ in heard.values()]
        counted = await self._ledger.first_day()
        return min((*days, *(() if counted is None else (counted,))), default=None)

    async def _sheets(self, before: Fleet, first: date, today: date) -> list[LogRef]:
        """Return the months that old sheets state differently now, and what rests on them."""
        fleet, office = self._current.context.fleet, self._current.context.office
        entries = await self._ledger.entries()
        was, now = (history_months(entries, one, office) for one in (before, fleet))
        moved = {
            month
            for department, month in was.keys() | now.keys()
            if was.get((department, month)) != now.get((department, month))
            or _stated_of(before, department, month) != _stated_of(fleet, department, month)
            or before.department(department) != fleet.department(department)
        }
        days = (first + ONE_DAY * n for n in range((today - first).days + 1))
        known = {month for _, month in was} | {office.period_of(day).name for day in days}
        return [LogRef("month", name) for name in sorted(stale_months(moved, fleet, known, office))]

    async def _factors(self) -> int:
        """Publish the months since the first day on which another factor holds than before."""
        office = self._current.context.office
        now = _stated_factors(self._current.context.factors)
        noted = await PUBLISHED_FACTORS.get(self._ledger) or frozenset()
        if noted == now:
            return 0
        first = await self._ledger.first_day()
        today = office.local_day(self._clock.now())
        since = date.fromisoformat(min(start for start, _ in noted ^ now))
        months = () if first is None else office.periods(max(since, first), today)
        refs = [LogRef("month", one.name) for one in months]
        await self._ledger.touch(refs)
        await PUBLISHED_FACTORS.put(self._ledger, now)
        return len(refs)


def _moved(
    before: Fleet, after: Fleet, office: Office, first: date, today: date
) -> Iterator[LogRef]:
    """Yield the days and months from `first` to `today` that the change concerns."""
    days = [first + ONE_DAY * n for n in range((today - first).days + 1)]
    touched: set[date] = set()
    regrouped = _regrouped(before.tree, after.tree, days)
    for place in sorted({one.id for one in (*before.places, *after.places)}):
        moved = _moved_days(before.place(place), after.place(place), office, days)
        touched.update(moved)
        told = {*moved, *_counts_elsewhere(after.place(place), before.tree, after.tree, regrouped)}
        yield from (LogRef("day", f"{place}|{day.isoformat()}") for day in sorted(told))
    touched.update(regrouped)
    months = dict.fromkeys(office.period_of(day).name for day in days)
    names = _names(before) != _names(after)  # their order gives the numbers before them
    for day in sorted(touched):
        yield LogRef("office_day", day.isoformat())
    moved_months = {office.period_of(day).name for day in touched}
    departments = {one.id for one in (*before.departments, *after.departments)} | {WHOLE_OFFICE}
    retargeted = {
        month
        for month in months
        for one in departments
        if _stated_of(before, one, month) != _stated_of(after, one, month)
    }
    stale = rest_of_years(moved_months | retargeted, months, office)
    stale |= {office.before(office.period(name), -A_YEAR).name for name in moved_months}
    stale |= based_on(moved_months, after, months, office)
    stale |= {month for month in months if office.period(month).end >= _ended(before, after)}
    for month in months:
        if names or month in stale:
            yield LogRef("month", month)
        if month in retargeted:  # what it allows by the end of each of its days
            start = max(first, office.period(month).start)
            yield LogRef("office_day", start.isoformat())


def _regrouped(before: Tree, after: Tree, days: Sequence[date]) -> set[date]:
    """Return those of `days` (in order) on which any department is a part of another than before.

    Between two days on which something begins nothing changes.
    """
    departments = {*before.under, *after.under}
    begins = {before.starts, after.starts}
    moved: set[date] = set()
    differs = False
    for number, day in enumerate(days):
        if number == 0 or any(day in starts for starts in begins):
            differs = any(
                before.parent_of(one, day) != after.parent_of(one, day) for one in departments
            )
        if differs:
            moved.add(day)
    return moved


def _counts_elsewhere(
    place: Place | None, before: Tree, after: Tree, regrouped: Iterable[date]
) -> set[date]:
    """Return those of the `regrouped` days on which pages of `place` count in other departments."""
    if place is None:
        return set()
    return {
        day
        for day in regrouped
        for one in place.shares_on(day)
        if before.line(one, day) != after.line(one, day)
    }


def _ended(before: Fleet, after: Fleet) -> date:
    """Return the first day from which another place ends: months since have other places."""
    places = {one.id for one in (*before.places, *after.places)}
    ends = [(before.last_day(one), after.last_day(one)) for one in places]
    return min((min(was, now) for was, now in ends if was != now), default=date.max)


def _moved_days(
    old: Place | None, new: Place | None, office: Office, days: Iterable[date]
) -> list[date]:
    """Return those of `days` (in order) whose pages another split may concern.

    That is every day with other shares, and what follows it in the same closing month: whole
    pages are shared out over the month, so a page may go to another department there too.
    """
    nobody = Place(PlaceId(""), "", "")
    old, new = old or nobody, new or nobody
    if old.assignments == new.assignments:
        return []
    moved: list[date] = []
    period: Period | None = None
    for day in days:
        if old.shares_on(day) != new.shares_on(day):
            period = office.period_of(day)
        if period is not None and day in period:
            moved.append(day)
    return moved


def _names(fleet: Fleet) -> list[tuple[str, ...]]:
    every = (*fleet.departments, *fleet.former)
    return [(one.id, one.name, one.name_en or "") for one in every]


def _stated_of(
    fleet: Fleet, department: DepartmentId, month: str
) -> tuple[int | TargetPlan | None, Measure, bool, tuple[Headcount, ...]]:
    """Return the target of `department` in `month`, what that counts, and how many people are."""
    targets = fleet.targets_of(department)
    counted = (targets.measure, targets.with_excluded)
    return targets.of(month), *counted, fleet.staff.get(department, ())


def _stated_factors(factors: Factors) -> frozenset[tuple[str, str]]:
    """Return every factor as the day from which it holds and all that it says."""
    prices = [
        (price.start.isoformat(), repr((one.id, _places(one.places), one.pooled, price)))
        for one in factors.contracts
        for price in one.prices
    ]
    kinds = (("s", factors.seconds), ("g", factors.co2_g), ("yen", factors.paper_yen))
    others = [
        (one.start.isoformat(), repr((kind, one.value, _places(one.places))))
        for kind, ones in kinds
        for one in ones
    ]
    shares = [
        (
            one.start.isoformat(),
            repr((kind, one.value, _places(one.places), one.margin, one.source)),
        )
        for kind, ones in (("duplex", factors.duplex), ("large", factors.large))
        for one in ones
    ]
    return frozenset(prices + others + shares)


def _places(named: frozenset[PlaceId] | None) -> list[PlaceId] | None:
    return None if named is None else sorted(named)
