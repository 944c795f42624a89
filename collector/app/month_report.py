"""Gathers a monthly report from the ledger: a closed month as sealed, any other as of now."""

from collections.abc import Mapping
from datetime import datetime

from collector.app.begun_and_open import begun
from collector.app.close_month import CloseMonth
from collector.app.closing_accounts import Advance
from collector.app.ground import Ground
from collector.app.office_months import whole_month
from collector.app.past_months import PastMonths
from collector.app.provisional import provisional
from collector.app.report_months import EarlierMonths
from collector.domain.identity import DeviceKey
from collector.domain.month_report import MonthReport, Stage
from collector.domain.office import Period
from collector.domain.reporting import ReportFacts, put_together
from collector.domain.statement import Sealed
from collector.domain.years import fiscal_months, fiscal_year
from collector.ports import Ledger


async def month_report(
    ledger: Ledger,
    ground: Ground,
    period: Period,
    now: datetime,
    version: str,
    advance: Advance = lambda: None,
) -> MonthReport:
    """Return the report of `period` as known at `now`, made by the program `version`.

    Raises LedgerError where a statement was changed after it was sealed: nothing is told from it.
    `advance` is called for each place of a month that is not closed.
    """
    office = ground.office
    chain = await CloseMonth(ledger, ground, now).chain()
    latest: Mapping[str, Sealed] = {one.statement.period.name: one for one in chain}
    sealed = latest.get(period.name)
    past = PastMonths(ledger)
    month = await whole_month(ledger, ground, period, now, past=past)
    if sealed is not None:
        statement, stage = sealed.statement, Stage.CLOSED
    else:
        is_over = period.end < office.local_day(now)
        stage = Stage.OPEN if is_over else Stage.RUNNING
        statement = await provisional(ledger, ground, period, month.office, now, advance)
    earlier = EarlierMonths(ledger, ground, now, past, latest)
    first_day = await ledger.first_day()
    year = fiscal_year(period.name, office.year_begins)
    return put_together(
        ReportFacts(
            office=office,
            stage=stage,
            statement=statement,
            month=month,
            earlier=await earlier.before(period, month),
            year_begins=fiscal_months(year, office.year_begins)[0],
            now=now,
            version=version,
            whole=month.office.since is None and first_day is not None and first_day <= period.end,
            sealed=sealed,
            models=await _models(ledger),
            begun=await begun(ledger, office),
        )
    )


async def _models(ledger: Ledger) -> Mapping[DeviceKey, str]:
    """Return what model each machine is that stands somewhere now."""
    last = [state.last.answer.identity for state in await ledger.states() if state.last is not None]
    return {one.key: one.model for one in last if one.model is not None}
