"""State a closing month of every department from the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from collector.app.ground import Ground
from collector.app.settled_months import latest_statement, settled_months
from collector.domain.closed_months import as_sealed, departments_of
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
    """Return every department's month `period` as known at `now`, and that of `also`.

    A closed month is as its latest statement has it.
    """
    statement = await latest_statement(ledger, period.name)
    named = () if statement is None else departments_of(statement, ground.fleet)
    facts = await month_facts(ledger, ground, period, now)
    months = department_months(facts, {one.id: one for one in (*named, *also)}.values())
    if statement is not None:
        months = tuple(as_sealed(month, statement) for month in months)
    year_ago = ground.office.before(period, A_YEAR).name
    settled = await settled_months(ledger, ground, [year_ago])
    if not settled:
        return months
    return tuple(
        replace(one, last_year=settled.get((one.department.id, year_ago), 0)) for one in months
    )
