"""Replay the forecasts of the finished months that the ledger holds."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from collector.app.month.months import HABIT_MONTHS, FinishedMonths, MonthLedger
from collector.app.office_context import OfficeContext
from collector.domain.month.back_test import PastForecast, replay
from collector.domain.office.fleet import EVERYBODY, NOBODY, Department, DepartmentId
from collector.domain.office.office_calendar import Period, months_later
from collector.ports import Counting


@dataclass(frozen=True, slots=True)
class BackTested:
    """What would have been said of one department, or of the whole office."""

    department: Department
    said: tuple[PastForecast, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The closing months that are over. `begun` is one that the ledger holds from mid-month on."""

    whole: tuple[Period, ...]
    begun: tuple[Period, ...]


async def ended_months(ledger: Counting, context: OfficeContext, now: datetime) -> Ended:
    """Return the months that are over and that `ledger` knows, oldest first."""
    first_day = await ledger.first_day()
    if first_day is None:
        return Ended((), ())
    today = context.office.local_day(now)
    over = [one for one in context.office.periods(first_day, today) if one.end < today]
    begun = tuple(one for one in over if one.start < first_day)
    return Ended(tuple(over[len(begun) :]), begun)


async def back_test(
    ledger: MonthLedger,
    context: OfficeContext,
    ended: Ended,
    since: str,
    advance: Callable[[], None] = lambda: None,
) -> Sequence[BackTested]:
    """Return what would have been forecast in the months of `ended` from `since` on.

    Old sheets tell of the months before the ledger's first, as they do to every forecast.
    One for every department, for nobody's pages where there are any, and for the whole office at
    last. `advance` is called after each month that was read and each department.
    """
    daily: dict[DepartmentId, dict[date, int]] = defaultdict(dict)
    months: dict[DepartmentId, dict[str, int]] = defaultdict(dict)
    periods = (*_before(context, ended), *ended.begun, *ended.whole)
    finished = await FinishedMonths(ledger).of(context, periods)
    for period in periods:
        month = finished[period.name]
        if month.is_settled or period in ended.whole:
            for name, pages in month.pages.items():
                months[name][period.name] = pages
        for name, own in month.daily.items():
            daily[name].update(own)
    for _ in (*ended.begun, *ended.whole):
        advance()
    found = []
    for department in (*context.fleet.with_former(daily), NOBODY, EVERYBODY):
        said = [
            one
            for period in ended.whole
            if period.name >= since
            for one in _replayed(department.id, context, period, (daily, months))
        ]
        if said or department is not NOBODY:
            found.append(BackTested(department, tuple(said)))
        advance()
    return found


def _before(context: OfficeContext, ended: Ended) -> Sequence[Period]:
    """Return the months before the first that the ledger holds whole, without the begun one."""
    if not ended.whole:
        return ()
    first = ended.whole[0].name
    names = (months_later(first, -back) for back in range(1, HABIT_MONTHS + 1))
    return [one for one in map(context.office.period, names) if one not in ended.begun]


def _replayed(
    department: DepartmentId,
    context: OfficeContext,
    period: Period,
    known: tuple[Mapping[DepartmentId, dict[date, int]], Mapping[DepartmentId, dict[str, int]]],
) -> Iterator[PastForecast]:
    """Yield the forecasts of one department in `period`, by its own calendar then."""
    daily, months = known
    office = context.fleet.office_of(department, context.office, period.end)
    return replay(daily.get(department, {}), office, period, months.get(department, {}))
