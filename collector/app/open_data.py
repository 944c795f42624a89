"""Gathers what a town publishes as open data: closed months as sealed, open ones where wanted."""

from collections.abc import Sequence
from datetime import datetime

from collector.app.close.close_month import CloseMonth
from collector.app.close.closing_accounts import Advance
from collector.app.month.months import Months, latest_statement
from collector.app.month_report import provisional
from collector.app.office_context import OfficeContext
from collector.domain.month.finished import departments_of
from collector.domain.office.office_calendar import Period
from collector.domain.report.open_data import OpenDataRow, published
from collector.ports import Ledger


async def published_months(
    ledger: Ledger,
    context: OfficeContext,
    now: datetime,
    *,
    since: str | None = None,
    until: str | None = None,
    is_provisional: bool = False,
    advance: Advance = lambda: None,
) -> Sequence[OpenDataRow]:
    """Return the rows of all closed months from `since` to `until`, the oldest first.

    With `is_provisional` those that are over and not closed follow, and the running one, as of
    `now`. Raises LedgerError where a statement was changed after it was sealed.
    """

    def is_wanted(name: str) -> bool:
        return (since or "") <= name and (until is None or name <= until)

    closing = CloseMonth(ledger, context, now)
    found: list[OpenDataRow] = []
    closed = sorted({one.period.name for one in await closing.chain()})
    for name in filter(is_wanted, closed):
        statement = await latest_statement(ledger, name)
        if statement is not None:
            named = departments_of(statement, context.fleet)
            found += published(statement, named, is_closed=True)
    running = context.office.period_of(context.office.local_day(now))
    open_months: tuple[Period, ...] = ()
    if is_provisional and await ledger.first_day() is not None:
        open_months = (*await closing.open_months(), running)
    months = Months(ledger, context, now)
    for period in open_months:
        if is_wanted(period.name):
            whole = (await months.came_to(period)).office
            drawn = await provisional(ledger, context, period, whole, now, advance)
            found += published(drawn, departments_of(drawn, context.fleet), is_closed=False)
    return found
