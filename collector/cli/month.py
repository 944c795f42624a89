"""`copier-fleet month`: what every department printed in a month, against its target."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.app.office_months import whole_month
from collector.cli import month_csv, month_table, year_table
from collector.cli.office import at_office
from collector.cli.options import configured, format_option, loaded_from, month_argument
from collector.cli.output import Exit, result, result_json, result_table, say
from collector.cli.periods import label, named_period, refuse_no_month, refuse_unknown
from collector.cli.words import Words
from collector.domain.fleet import Fleet
from collector.domain.months import DepartmentMonth, OfficeMonth
from collector.settings.load import Loaded


@click.command()
@month_argument
@click.option("--department", "-d", help="Only this department (its id or name).")
@click.option("--office", "only_office", is_flag=True, help="Only the whole office, as one line.")
@click.option("--year", "year", is_flag=True, help="The fiscal year up to and with MONTH.")
@format_option
@configured
def month(
    month_name: str | None,
    department: str | None,
    form: str,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    only_office: bool,
    year: bool,
) -> int:
    """Show the pages of each department in MONTH (like 2026-11; default: the running month).

    Pages are impressions (面): one printed side each.
    """
    if only_office and department is not None:
        raise click.UsageError("--office and --department exclude one another; give one of them")
    loaded = loaded_from(config, secrets)
    stated = asyncio.run(_state(loaded, month_name))
    rows: tuple[DepartmentMonth, ...] = (stated.office,)
    if not only_office:
        rows = named(stated.departments, department, loaded.fleet)
    office = None if only_office or department is not None else stated.office
    words = Words(loaded.settings.office.language)
    if year:
        year_table.show(rows, office, form, words)
    else:
        show_months(rows, form, words, office)
    return Exit.OK


def named(
    months: tuple[DepartmentMonth, ...], department: str | None, fleet: Fleet
) -> tuple[DepartmentMonth, ...]:
    """Return those of `months` that `department` (an id or name) means; all where it is None."""
    if department is None:
        return months
    names = {department, department.casefold()}
    found = tuple(
        one
        for one in months
        if {one.department.id, one.department.name, one.department.name_en or ""} & names
    )
    if not found:
        known = ", ".join(one.id for one in fleet.departments)
        raise click.BadParameter(f"no department {department!r}; known are: {known}")
    return found


async def _state(loaded: Loaded, month_name: str | None) -> OfficeMonth:
    now = SystemClock().now()
    refuse_no_month(loaded.settings.office.office(frozenset()), month_name)
    async with at_office(loaded, now) as (ledger, ground):
        period = named_period(ground.office, month_name, now)
        await refuse_unknown(ledger, ground.office, period, now)
        return await whole_month(ledger, ground, period, now)


def show_months(
    months: Sequence[DepartmentMonth],
    form: str,
    words: Words,
    office: DepartmentMonth | None = None,
) -> None:
    """Print `months` of one period as `form` says (table, csv or json), `office` below them."""
    if form == "csv":
        result(month_csv.to_csv(months))
        return
    if form == "json":
        result_json([month_csv.to_dict(one) for one in months])
        return
    rows = [month_table.cells(one, words) for one in months]
    if office is not None and len(months) > 1:
        rows.append((words("total"), *month_table.cells(office, words)[1:]))
    name = label(months[0].period) if months else ""
    result_table(
        month_table.headings(words),
        rows,
        title=words("month_title", month=name),
        numbers=month_table.NUMBER_COLUMNS,
        spare=month_table.SPARE_COLUMNS,
    )
    below = [] if office is None or len(months) == 1 else [office]
    for sentence in month_table.notes(
        [*months, *(one for one in below if month_table.is_open(one))], words
    ):
        say(sentence)
    missing = sorted({place for one in months for place in one.missing})
    if months and months[0].final:
        key = "closed_as_estimated" if missing else "closed_as"
        say(
            words(
                key,
                month=months[0].period.name,
                revision=months[0].revision,
                names=", ".join(missing),
            )
        )
    elif missing:
        unread = month_table.unread_text([office] if office is not None else months)
        say(f"not read lately: {', '.join(missing)}{unread}; see: copier-fleet status")
