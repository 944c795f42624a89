"""What an office came to in a fiscal year, to stand beside other offices."""

from datetime import datetime

from collector.app.environment import months_known
from collector.app.month.months import MonthLedger
from collector.app.office_context import OfficeContext
from collector.domain.office.office_calendar import fiscal_months, fiscal_year, same_month
from collector.domain.report.comparison import ComparedOffice, office_year


async def compared_office(
    ledger: MonthLedger, context: OfficeContext, last: str, base_year: int, now: datetime
) -> ComparedOffice:
    """Return the fiscal year of the month `last`, up to this month, beside `base_year`."""
    begins = context.office.year_begins
    year = fiscal_year(last, begins)
    months = [one for one in fiscal_months(year, begins) if one <= last]
    base = [same_month(one, base_year, begins) for one in months]
    known = (await months_known(ledger, context, [*base, *months], now)).whole
    offices = {name: one.office for name, one in known.items()}
    return ComparedOffice(
        context.office.site, office_year(months, offices), office_year(base, offices)
    )
