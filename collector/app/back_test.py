"""Replay the forecasts of the finished months that the ledger holds."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from collector.app.ground import Ground
from collector.domain.back_test import Said, replay
from collector.domain.fleet import EVERYBODY, NOBODY, Department, DepartmentId
from collector.domain.history import past_month
from collector.domain.office import Period
from collector.ports import Ledger


@dataclass(frozen=True, slots=True)
class BackTested:
    """What would have been said of one department, or of the whole office."""

    department: Department
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The closing months that are over. `begun` is one that the ledger holds from mid-month on."""

    whole: tuple[Period, ...]
    begun: tuple[Period, ...]


async def ended_months(ledger: Ledger, ground: Ground, now: datetime) -> Ended:
    """Return the months that are over and that `ledger` knows, oldest first."""
    first_day = await ledger.first_day()
    if first_day is None:
        return Ended((), ())
    whole, office = list[Period](), ground.office
    period = office.before(office.period_of(office.local_day(now)))
    while period.start >= first_day:
        whole.append(period)
        period = office.before(period)
    return Ended(tuple(reversed(whole)), (period,) if first_day in period else ())


async def back_test(
    ledger: Ledger,
    ground: Ground,
    ended: Ended,
    since: str,
    advance: Callable[[], None] = lambda: None,
) -> Sequence[BackTested]:
    """Return what would have been forecast in the months of `ended` from `since` on.

    One for every department, for nobody's pages where there are any, and for the whole office at
    last. `advance` is called after each month that was read and each department.
    """
    daily: dict[DepartmentId, dict[date, int]] = defaultdict(dict)
    months: dict[DepartmentId, dict[str, int]] = defaultdict(dict)
    for period in (*ended.begun, *ended.whole):
        days = await ledger.days(period.start, period.end)
        month = past_month(days, ground.fleet, ground.office, period)
        for name, own in month.daily.items():
            daily[name].update(own)
        if period in ended.whole:
            for name, pages in month.pages.items():
                months[name][period.name] = pages
        advance()
    found = []
    for department in (*ground.fleet.with_former(daily), NOBODY, EVERYBODY):
        said = [
            one
            for period in ended.whole
            if period.name >= since
            for one in replay(daily[department.id], ground.office, period, months[department.id])
        ]
        if said or department is not NOBODY:
            found.append(BackTested(department, tuple(said)))
        advance()
    return found
