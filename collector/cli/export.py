"""`copier-fleet export`: what a town publishes of its copiers."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.cli.options import MONTH, ConfigOptions, at_office, configured, into
from collector.cli.output import Exit, phrase, progress, result, say
from collector.domain.report.open_data import OpenDataRow, Publisher, is_personal
from collector.domain.report.sealed_totals import SiteTotals
from collector.errors import Spot, said
from collector.user_files.report import ProblemReport

if TYPE_CHECKING:
    from collector.settings.load import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions(ConfigOptions):
    """What to publish, and where to."""

    open_data: bool
    sealed: bool
    since: str | None
    until: str | None
    provisional: bool
    bom: bool
    folder: Path | None
    force: bool


@click.command()
@click.option("--open-data", is_flag=True, help="Impressions and sheets by month and department.")
@click.option(
    "--sealed",
    is_flag=True,
    help="Totals of all sealed months, without names, as one file for a centre of many sites.",
)
@click.option("--since", type=MONTH, help="Leave out the months before this one.", metavar="MONTH")
@click.option("--until", type=MONTH, help="Leave out the months after this one.", metavar="MONTH")
@click.option(
    "--provisional", is_flag=True, help="Add the months that are not closed, marked as 速報."
)
@click.option(
    "--bom/--no-bom",
    default=True,
    show_default=True,
    help="Begin the CSV with a byte order mark, by which Excel knows UTF-8.",
)
@click.option(
    *("--output", "-o", "folder"),
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files, made where it is missing; default: this one.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@configured
@into(ExportOptions)
def export(options: ExportOptions) -> int:
    """Write what the town publishes as open data: CSV, what its columns mean, the licence.

    Closed months, as they were sealed: the same again gives the same octets. The municipality's
    code and name and the licence stand in [open_data] of the settings. Departments and their
    figures are in it, no places, machines, addresses or people. The names of the files go to
    stdout. With --sealed it is for a centre instead, where `centre import` takes it.
    """
    from collector.adapters.report.open_data import open_data_files
    from collector.adapters.report.text_files import write_all

    if options.open_data == options.sealed:
        raise click.UsageError(phrase("export_what"))
    if options.sealed:
        return _sealed(options)
    loaded = options.load()
    publisher = _publisher(loaded)
    rows = asyncio.run(_rows(loaded, options))
    if not rows:
        say(phrase("export_nothing"))
        return Exit.FINDINGS
    _refuse_personal(loaded, [publisher.name, *(text for one in rows for text in one.texts)])
    files = open_data_files(rows, publisher, with_mark=options.bom)
    for path in write_all(options.folder or Path(), files, overwrite=options.force):
        result(str(path))
    if any(one.revision is None for one in rows):
        say(phrase("export_provisional"))
    return Exit.OK


def _sealed(options: ExportOptions) -> int:
    """Write all that was sealed, as totals: a chain of which nothing can be left out."""
    from collector.adapters.report.text_files import write_all
    from collector.app.sealed_totals import sealed_totals
    from collector.encoding.sealed_totals import totals_text

    if options.since or options.until or options.provisional:
        raise click.UsageError(phrase("export_whole"))
    loaded, now = options.load(), SystemClock().now()

    async def gather() -> SiteTotals:
        async with at_office(loaded, now) as (ledger, context):
            return await sealed_totals(ledger, context, now)

    totals = asyncio.run(gather())
    if not totals.statements:
        say(phrase("export_nothing"))
        return Exit.FINDINGS
    files = {f"{totals.site}.sealed.json": totals_text(totals).encode()}
    for path in write_all(options.folder or Path(), files, overwrite=options.force):
        result(str(path))
    return Exit.OK


def _publisher(loaded: "Loaded") -> Publisher:
    """Return who publishes; raises ConfigError with every key that is missing."""
    stated, report = loaded.settings.open_data, ProblemReport()
    for key in ("municipality_code", "municipality"):
        if getattr(stated, key) is None:
            spot = Spot(str(loaded.config_path), key=f"open_data.{key}")
            report.problem(spot, said("open_data_lacks"))
    report.refuse()
    return Publisher(stated.municipality_code or "", stated.municipality or "", stated.licence)


def _refuse_personal(loaded: "Loaded", texts: Iterable[str]) -> None:
    """Raise ConfigError for every name in which something personal stands."""
    report = ProblemReport()
    for text in dict.fromkeys(texts):
        if is_personal(text):
            told = said("open_data_personal", text=repr(text))
            report.problem(Spot(str(loaded.fleet_path)), told)
    report.refuse()


async def _rows(loaded: "Loaded", options: ExportOptions) -> Sequence[OpenDataRow]:
    from collector.app.open_data import published_months

    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        with progress(phrase("bar_export"), len(context.fleet.places)) as bar:
            return await published_months(
                ledger,
                context,
                now,
                since=options.since,
                until=options.until,
                is_provisional=options.provisional,
                advance=lambda: bar.advance(bar.task_ids[0]),
            )
