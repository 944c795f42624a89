"""Which month a command is about."""

from datetime import datetime

import click

from collector.app.history_months import history_names
from collector.domain.office import ONE_DAY, Office, Period
from collector.ports import Ledger


def refuse_no_month(office: Office, name: str | None) -> None:
    """Raise BadParameter for a `name` that is no month's, whatever a ledger knows of it."""
    try:
        if name:
            office.period(name)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="MONTH") from exc


def named_period(office: Office, name: str | None, now: datetime) -> Period:
    """Return the closing month called `name`, or the running one; raises BadParameter."""
    refuse_no_month(office, name)
    return office.period(name) if name else office.period_of(office.local_day(now))


def label(period: Period) -> str:
    """Return how `period` is headed: its name, and its days where they are not the month's own."""
    following = period.end + ONE_DAY
    if period.start.day == following.day == 1 and period.name == f"{period.start:%Y-%m}":
        return period.name
    return f"{period.name} ({period.start} – {period.end})"


async def refuse_unknown(
    ledger: Ledger, office: Office, period: Period, now: datetime, *, ahead: int = 0
) -> None:
    """Raise BadParameter for a month in which nothing was counted: a row of zeros would lie.

    Up to `ahead` months from now are let through, and any that was closed or is in an old sheet.
    """
    if await ledger.statements(period.name):
        return
    running = office.period_of(office.local_day(now))
    first_day = await ledger.first_day()
    first = running if first_day is None else office.period_of(min(first_day, running.start))
    last = office.before(running, -ahead)
    if first.start <= period.start <= last.start or period.name in await history_names(ledger):
        return
    known = running.name if first == running else f"{first.name} to {running.name}"
    message = f"nothing was counted in {period.name}; the ledger holds {known}"
    if ahead and period.start > running.start:
        message = f"{period.name} is too far away; a forecast reaches to {last.name}"
    raise click.BadParameter(message, param_hint="MONTH")
