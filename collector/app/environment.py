"""Gathers the sheet of the environmental plan: months of this fiscal year and of the base year."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from collector.app.month.months import MonthLedger, Months, latest_statement, sheet_names
from collector.app.office_context import OfficeContext
from collector.domain.month.department_month import OfficeMonth
from collector.domain.office.office_calendar import Period, fiscal_months, fiscal_year, same_month
from collector.domain.report.environment import (
    EnvironmentSheet,
    PlanMonths,
    environment_lines,
)


async def environment_sheet(
    ledger: MonthLedger, context: OfficeContext, last: Period, base_year: int, now: datetime
) -> EnvironmentSheet:
    """Return the sheet of the fiscal year of `last`, up to this month, against `base_year`."""
    begins = context.office.year_begins
    year = fiscal_year(last.name, begins)
    months = [one for one in fiscal_months(year, begins) if one <= last.name]
    wanted = [*(same_month(one, base_year, begins) for one in months), *months]
    known = await months_known(ledger, context, wanted, now)
    lines = environment_lines(months, base_year, begins, known)
    return EnvironmentSheet(context.office.site, year, last.name, base_year, lines)


async def months_known(
    ledger: MonthLedger, context: OfficeContext, wanted: Iterable[str], now: datetime
) -> PlanMonths:
    """Return those of the months called `wanted` of which all is known, and those known partly."""
    months, sheets = Months(ledger, context, now), await sheet_names(ledger)
    whole: dict[str, OfficeMonth] = {}
    partly: set[str] = set()
    for name in dict.fromkeys(wanted):
        period = context.office.period(name)
        is_counted = await _is_counted(ledger, period)
        if not is_counted and name not in sheets:
            continue
        found = await months.came_to(period)
        if is_counted and found.office.since is not None:
            partly.add(name)
        else:
            whole[name] = found if is_counted else _stated(found)
    return PlanMonths(whole, frozenset(partly))


async def _is_counted(ledger: MonthLedger, period: Period) -> bool:
    """Say whether `period` was closed, or counted on any of its days."""
    if await latest_statement(ledger, period.name) is not None:
        return True
    first_day = await ledger.first_day()
    return first_day is not None and first_day <= period.end


def _stated(month: OfficeMonth) -> OfficeMonth:
    """Return a month of an old sheet: a department of which the sheet says nothing was not 0."""
    return replace(month, departments=tuple(one for one in month.departments if one.pages))
