"""Which month a command is about."""

from datetime import datetime

import click

from collector.domain.office import Office, Period
from collector.ports import Ledger


async def asked_period(
    ledger: Ledger, office: Office, name: str | None, now: datetime, *, ahead: int = 0
) -> Period:
    """Return the month called `name`, or the running one.

    Raises BadParameter for no month's name, and for a month in which nothing was counted, up to
    `ahead` months from now: a row of zeros would lie.
    """
    running = office.period_of(office.local_day(now))
    try:
        period = office.period(name) if name else running
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="MONTH") from exc
    first_day = await ledger.first_day()
    first = running if first_day is None else office.period_of(min(first_day, running.start))
    last = office.before(running, -ahead)
    if first.start <= period.start <= last.start:
        return period
    known = running.name if first == running else f"{first.name} to {running.name}"
    message = f"nothing was counted in {period.name}; the ledger holds {known}"
    if ahead and period.start > running.start:
        message = f"{period.name} is too far away; a forecast reaches to {last.name}"
    raise click.BadParameter(message, param_hint="MONTH")
