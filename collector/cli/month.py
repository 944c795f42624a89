"""`copier-fleet month`: what every department printed in a month, against its target."""

import asyncio
from datetime import date
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.app.history_months import history_names
from collector.app.office_months import office_month
from collector.bootstrap.office import ground_of, open_ledger
from collector.cli import month_table
from collector.cli.options import configured, loaded_from
from collector.cli.output import Exit, result, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.months import DepartmentMonth
from collector.domain.office import Office, Period
from collector.ports import Ledger
from collector.settings.load import Loaded


@click.command()
@click.argument("month_name", metavar="[MONTH]", required=False)
@click.option("--department", "-d", help="Only this department (its id or name).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print it.",
)
@configured
def month(
    month_name: str | None,
    department: str | None,
    form: str,
    config: Path,
    secrets: tuple[Path, ...],
) -> int:
    """Show the pages of each department in MONTH (like 2026-11; default: the running month).

    Pages are impressions (面): one printed side each.
    """
    loaded = loaded_from(config, secrets)
    months = asyncio.run(_state(loaded, month_name))
    if department is not None:
        names = (department, department.casefold())
        months = tuple(
            one
            for one in months
            if {one.department.id, one.department.name, one.department.name_en or ""} & {*names}
        )
        if not months:
            known = ", ".join(one.id for one in loaded.fleet.departments)
            raise click.BadParameter(f"no department {department!r}; known are: {known}")
    show_months(months, form, Words(loaded.settings.office.language))
    return Exit.OK


async def _state(loaded: Loaded, month_name: str | None) -> tuple[DepartmentMonth, ...]:
    now = SystemClock().now()
    ground = ground_of(loaded, now.date())
    try:
        period = (
            ground.office.period(month_name)
            if month_name
            else ground.office.period_of(ground.office.local_day(now))
        )
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="MONTH") from exc
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        await _refuse_unknown(ledger, ground.office, period, ground.office.local_day(now))
        return await office_month(ledger, ground, period, now)
    finally:
        await ledger.close()


async def _refuse_unknown(ledger: Ledger, office: Office, period: Period, today: date) -> None:
    """Raise BadParameter for a month in which nothing was counted: a row of zeros would lie."""
    running = office.period_of(today)
    first_day = await ledger.first_day()
    first = running if first_day is None else office.period_of(min(first_day, today))
    if first.start <= period.start <= running.start or period.name in await history_names(ledger):
        return
    known = running.name if first == running else f"{first.name} to {running.name}"
    message = f"nothing was counted in {period.name}; the ledger holds {known}"
    raise click.BadParameter(message, param_hint="MONTH")


def show_months(months: tuple[DepartmentMonth, ...], form: str, words: Words) -> None:
    """Print `months` of one period as `form` says: table, csv or json."""
    if form == "csv":
        result(month_table.to_csv(months))
        return
    if form == "json":
        result_json([month_table.to_dict(one) for one in months])
        return
    rows = [month_table.cells(one, words) for one in months]
    if len(months) > 1:
        rows.append(month_table.total_cells(months, words))
    name = months[0].period.name if months else ""
    result_table(
        month_table.headings(words),
        rows,
        title=words("month_title", month=name),
        numbers=month_table.NUMBER_COLUMNS,
        spare=month_table.SPARE_COLUMNS,
    )
    missing = sorted({place for one in months for place in one.missing})
    if missing:
        unread = month_table.unread_text(months)
        say(f"not read lately: {', '.join(missing)}{unread}; see: copier-fleet status")
