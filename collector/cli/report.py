"""`copier-fleet report`: the monthly sheet as an Excel workbook, a page of HTML and CSV."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from collector import __version__
from collector.adapters.clock import SystemClock
from collector.app.month_report import month_report
from collector.cli.options import (
    at_office,
    configured,
    loaded_from,
    month_argument,
    named_period,
    refuse_unknown,
)
from collector.cli.output import Exit, phrase, progress, result, say
from collector.domain.office.office_calendar import Office
from collector.domain.report.month_report import MonthReport
from collector.ports import Ledger
from collector.texts.catalogue import LANGUAGES

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_FORMATS: Final = ("xlsx", "html", "csv")
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write, in which language, and where to."""

    formats: frozenset[str]
    folder: Path | None
    pages: bool
    language: str | None
    force: bool


def _wanting(command: Command) -> Command:
    """Give `command` the options that say what to write, joined into one `wanted`."""

    @wraps(command)
    def with_wanted(
        *args: object,
        folder: Path | None,
        language: str | None,
        force: bool,
        pages: bool,
        **rest: object,
    ) -> Any:  # noqa: ANN401 - a command returns its exit code or nothing
        asked = frozenset(one for one in _FORMATS if rest.pop(one))
        wanted = Wanted(asked or frozenset(_FORMATS), folder, pages, language, force)
        return command(*args, wanted=wanted, **rest)

    options = (
        click.option("--xlsx", is_flag=True, help="An Excel workbook, ready for A4."),
        click.option("--html", is_flag=True, help="One page of HTML that needs no network."),
        click.option("--csv", is_flag=True, help="Two CSV files: departments and places."),
        click.option("--pages", is_flag=True, help="The pages that always show this month."),
        click.option(
            *("--output", "-o", "folder"),
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for the files, made where it is missing; default: this one.",
        ),
        click.option(
            "--language",
            type=click.Choice(LANGUAGES),
            help="Language of the report; default: the office's.",
        ),
        click.option("--force", is_flag=True, help="Overwrite files that exist."),
    )
    decorated: Callable[..., Any] = with_wanted
    for option in reversed(options):
        decorated = option(decorated)
    return cast("Command", decorated)


@click.command()
@month_argument
@_wanting
@configured
def report(
    month_name: str | None, config: Path, secrets: tuple[Path, ...], *, wanted: Wanted
) -> int:
    """Write the report of MONTH (like 2026-11; default: the last month that is over).

    A closed month is reported as it was sealed, any other one from what is counted so far and
    marked as provisional (速報). Without --xlsx, --html or --csv all of them are written. The
    names of the files go to stdout. --pages writes instead what the service writes once an hour
    where [pages] names a folder: pages of the running month, for people without Grafana.
    """
    from collector.adapters.report.text_files import write_all

    loaded = loaded_from(config, secrets)
    if wanted.pages:
        return _pages(loaded, month_name, wanted)
    made = asyncio.run(report_made(loaded, month_name))
    files = _contents(made, loaded, wanted)
    for path in write_all(wanted.folder or Path(), files, overwrite=wanted.force):
        result(str(path))
    if made.is_provisional:
        month = made.period.name
        say(phrase("provisional_until", month=month, again=month))
    return Exit.OK


def _pages(loaded: "Loaded", month_name: str | None, wanted: Wanted) -> int:
    """Write the pages of the running month, and the names of the files."""
    from collector.bootstrap.pages import pages_now, put_pages

    if month_name is not None:
        raise click.BadParameter(phrase("pages_of_this_month"), param_hint="MONTH")
    now, settings = SystemClock().now(), loaded.settings
    pages = asyncio.run(pages_now(loaded, now, wanted.language or settings.office.language))
    for path in put_pages(wanted.folder or settings.pages.dir or Path(), pages, now):
        result(str(path))
    return Exit.OK


async def report_made(loaded: "Loaded", month_name: str | None) -> MonthReport:
    """Return the report of the month of that name; without one of the last that is over."""
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        name = month_name or await _last_over(ledger, context.office, now)
        period = named_period(context.office, name, now)
        await refuse_unknown(ledger, context.office, period, now)
        with progress(phrase("bar_report"), len(context.fleet.places)) as bar:
            return await month_report(
                ledger,
                context,
                period,
                now,
                __version__,
                advance=lambda: bar.advance(bar.task_ids[0]),
            )


async def _last_over(ledger: Ledger, office: Office, now: datetime) -> str:
    """Return the last month that is over; the running one where counting began in it."""
    running = office.period_of(office.local_day(now))
    first_day = await ledger.first_day()
    if first_day is None or first_day >= running.start:
        return running.name
    return office.before(running).name


def _contents(made: MonthReport, loaded: "Loaded", wanted: Wanted) -> Mapping[str, bytes]:
    """Return the files by name. Each revision and what is provisional have names of their own."""
    from collector.bootstrap.pages import stamps_of

    language = wanted.language or loaded.settings.office.language
    titles = stamps_of(loaded.settings, language)
    kind = "provisional" if made.closure is None else f"r{made.closure.revision}"
    base = f"{made.site}-{made.period.name}-{kind}"
    found: dict[str, bytes] = {}
    if "xlsx" in wanted.formats:
        from collector.adapters.report.workbook import xlsx

        found[f"{base}.xlsx"] = xlsx(made, language, titles)
    if "html" in wanted.formats:
        from collector.adapters.report.page import html

        found[f"{base}.html"] = html(made, language, titles)
    if "csv" in wanted.formats:
        from collector.adapters.report.text_files import departments_csv, places_csv

        found[f"{base}-departments.csv"] = departments_csv(made)
        found[f"{base}-places.csv"] = places_csv(made)
    return found
