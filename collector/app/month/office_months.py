"""State a closing month of every department from the ledger."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from collector.app.month.begun_and_open import begun, open_questions, stretches_in
from collector.app.month.past_months import PastMonths, history_shares, latest_statement
from collector.app.office_context import OfficeContext
from collector.domain.cost.charges import Machines
from collector.domain.cost.factors import NO_FACTORS
from collector.domain.month.month import (
    DepartmentMonth,
    MonthFacts,
    OfficeMonth,
    history_start,
    stated_month,
)
from collector.domain.office.fleet import Department
from collector.domain.office.office_calendar import Period
from collector.ports import Ledger

A_YEAR: Final = 12
"""Closing months."""


async def month_facts(
    ledger: Ledger,
    context: OfficeContext,
    period: Period,
    now: datetime,
    past: PastMonths | None = None,
) -> MonthFacts:
    """Gather from `ledger` all that is needed to state `period` as known at `now`.

    `past` remembers finished months from one call to the next.
    """
    office = context.office
    recalled = await (past or PastMonths(ledger)).before(context, period)
    statement = await latest_statement(ledger, period.name)
    is_open_past = statement is None and period.end < office.local_day(now)
    return MonthFacts(
        fleet=context.fleet,
        office=office,
        period=period,
        now=now,
        days=await ledger.days(history_start(office, period), period.end),
        heard=await ledger.heard_between(office.midnight(period.start), now),
        past=recalled.past,
        earlier=recalled.earlier,
        factors=context.factors,
        machines={} if context.factors == NO_FACTORS else await _machines(ledger),
        statement=statement,
        sheets=await history_shares(ledger, context, period) if is_open_past else (),
        begun=await begun(ledger, office),
        stretches=() if statement is not None else await stretches_in(ledger, context, period),
        questions=await open_questions(ledger, office, period),
    )


async def whole_month(
    ledger: Ledger,
    context: OfficeContext,
    period: Period,
    now: datetime,
    also: Iterable[Department] = (),
    past: PastMonths | None = None,
) -> OfficeMonth:
    """Return the month `period` of the office and every department, and of `also`.

    A closed month is as its latest statement has it.
    """
    return stated_month(await month_facts(ledger, context, period, now, past), also)


async def office_month(
    ledger: Ledger,
    context: OfficeContext,
    period: Period,
    now: datetime,
    also: Iterable[Department] = (),
) -> tuple[DepartmentMonth, ...]:
    """Return every department's month `period` as known at `now`, and that of `also`."""
    return (await whole_month(ledger, context, period, now, also)).departments


async def _machines(ledger: Ledger) -> Machines:
    """Return which meters the machine at each place has, by its last reading."""
    return {
        state.place: frozenset(state.last.answer.meters)
        for state in await ledger.states()
        if state.last is not None
    }
