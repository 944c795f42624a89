"""State a closing month of every department from the ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from collector.app.ground import Ground
from collector.app.history_months import with_history
from collector.domain.fleet import Department
from collector.domain.months import (
    DepartmentMonth,
    MonthFacts,
    department_months,
    history_start,
)
from collector.domain.office import Period
from collector.domain.usage import DayUsage
from collector.ports import Ledger

A_YEAR: Final = 12
"""Closing months."""


async def month_facts(ledger: Ledger, ground: Ground, period: Period, now: datetime) -> MonthFacts:
    """Gather from `ledger` all that is needed to state `period` as known at `now`."""
    office = ground.office
    year_ago = office.before(period, A_YEAR)
    first_day = await ledger.first_day()
    last_year: Sequence[DayUsage] | None = None
    if first_day is not None and first_day <= year_ago.start:
        last_year = await ledger.days(year_ago.start, year_ago.end)
    return MonthFacts(
        fleet=ground.fleet,
        office=office,
        period=period,
        now=now,
        days=await ledger.days(history_start(office, period), period.end),
        last_year_days=last_year,
        heard=await ledger.heard_between(office.midnight(period.start), now),
    )


async def office_month(
    ledger: Ledger,
    ground: Ground,
    period: Period,
    now: datetime,
    also: Iterable[Department] = (),
) -> tuple[DepartmentMonth, ...]:
    """Return every department's month `period` as known at `now`, and that of `also`."""
    months = department_months(await month_facts(ledger, ground, period, now), also)
    return await with_history(ledger, ground, period, months)
