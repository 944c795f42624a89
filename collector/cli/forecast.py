"""`copier-fleet forecast`: where the month will end, and how good such forecasts have been."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.back_test import BackTested, Ended, back_test, ended_months
from collector.app.ground import Ground
from collector.app.office_months import whole_month
from collector.cli import back_test_table, forecast_table
from collector.cli.month import named
from collector.cli.office import at_office
from collector.cli.options import configured, format_option, loaded_from, month_argument
from collector.cli.output import Exit, progress
from collector.cli.periods import named_period, refuse_no_month, refuse_unknown
from collector.cli.words import Words
from collector.domain.months import OfficeMonth
from collector.ports import Ledger
from collector.settings.load import Loaded
from collector.settings.months import month_problem

_MONTHS_AHEAD = 12


@click.command()
@month_argument
@click.option("--department", "-d", help="Only this department (its id or name).")
@click.option("--back-test", "tests", is_flag=True, help="Replay past months and print the error.")
@click.option("--since", metavar="MONTH", help="With --back-test: from this month on.")
@format_option
@configured
def forecast(
    month_name: str | None,
    department: str | None,
    since: str | None,
    form: str,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    tests: bool,
) -> int:
    """Show where MONTH will end (like 2026-11; default: the running month).

    Four in five months should end within the range. A department that is heading over its target
    is told what would bring it back. With --back-test every finished month in the ledger is
    forecast again as it would have been on each of its working days, and the mean error is printed
    beside those of two simple rules: pages so far, by working days so far, times those of the
    month; and the same month of last year.
    """
    if since is not None and (problem := month_problem(since)):
        raise click.BadParameter(problem, param_hint="--since")
    if since is not None and not tests:
        raise click.UsageError("--since belongs to --back-test; give both or none")
    if tests and month_name is not None:
        raise click.UsageError("--back-test takes no MONTH; give --since MONTH instead")
    loaded = loaded_from(config, secrets)
    words = Words(loaded.settings.office.language)
    if tests:
        judged = asyncio.run(_judge(loaded, since))
        if department is not None:
            judged = _of_department(judged, department, loaded)
        back_test_table.show(judged, form, words)
        return Exit.OK
    stated = asyncio.run(_state(loaded, month_name))
    months = named(stated.departments, department, loaded.fleet)
    office = stated.office if department is None else None
    forecast_table.show(months, office, form, words)
    return Exit.OK


async def _state(loaded: Loaded, month_name: str | None) -> OfficeMonth:
    now = SystemClock().now()
    refuse_no_month(loaded.settings.office.office(frozenset()), month_name)
    async with at_office(loaded, now) as (ledger, ground):
        period = named_period(ground.office, month_name, now)
        await refuse_unknown(ledger, ground.office, period, now, ahead=_MONTHS_AHEAD)
        return await whole_month(ledger, ground, period, now)


async def _judge(loaded: Loaded, since: str | None) -> Sequence[BackTested]:
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, ground):
        ended = await ended_months(ledger, ground, now)
        first = _first(ended, since)
        return await _replayed(ledger, ground, ended, first)


def _first(ended: Ended, since: str | None) -> str:
    """Return the first month to judge; raises BadParameter where there is none."""
    if not ended.whole:
        raise click.UsageError("the ledger holds no whole month that is over; try again later")
    known = f"{ended.whole[0].name} to {ended.whole[-1].name}"
    if since is not None and since > ended.whole[-1].name:
        message = f"no month since {since} is over; the ledger holds {known}"
        raise click.BadParameter(message, param_hint="--since")
    return since or ended.whole[0].name


async def _replayed(
    ledger: Ledger, ground: Ground, ended: Ended, since: str
) -> Sequence[BackTested]:
    steps = len(ended.begun) + len(ended.whole) + len(ground.fleet.departments) + 2
    with progress("replaying", steps) as bar:
        return await back_test(ledger, ground, ended, since, lambda: bar.advance(TaskID(0)))


def _of_department(
    judged: Sequence[BackTested], department: str, loaded: Loaded
) -> Sequence[BackTested]:
    names = {department, department.casefold()}
    found = [
        one
        for one in judged
        if {one.department.id, one.department.name, one.department.name_en or ""} & names
    ]
    if not found:
        known = ", ".join(one.id for one in loaded.fleet.departments)
        raise click.BadParameter(f"no department {department!r}; known are: {known}")
    return found
