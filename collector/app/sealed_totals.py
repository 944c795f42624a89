"""Gathers what an office sealed, as totals without names, for a file that it hands to a centre."""

from datetime import datetime

from collector.app.close.close_month import CloseMonth
from collector.app.month.months import Months
from collector.app.office_context import OfficeContext
from collector.domain.report.sealed_totals import SiteTotals, sealed_total
from collector.ports import Ledger


async def sealed_totals(ledger: Ledger, context: OfficeContext, now: datetime) -> SiteTotals:
    """Return the totals of every sealed statement, in the order in which they were sealed.

    Raises LedgerError where a statement was changed after it was sealed.
    """
    await CloseMonth(ledger, context, now).chain()
    months, found = Months(ledger, context, now), []
    for one in await ledger.statements():
        office = (await months.came_to(one.statement.period)).office
        found.append(sealed_total(one, office.people, office.since))
    return SiteTotals(context.office.site, context.office.year_begins, tuple(found))
