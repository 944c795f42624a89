"""`copier-fleet retention`: what would go of old months, were readings kept for so long."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.retention import MonthFreed, OldMonth, all_of, dry_run, old_months
from collector.bootstrap.sinks import sink_names
from collector.cli.options import at_office, configured, formatted, loaded_from
from collector.cli.output import Exit, listed, phrase, result_tables, say
from collector.cli.words import CommandWords
from collector.domain.report.table import CellKind, Column, Table
from collector.ports import LedgerSize

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_USUAL: int = 13


@dataclass(frozen=True, slots=True)
class _Found:
    months: Sequence[OldMonth]
    freed: Sequence[MonthFreed]
    size: LedgerSize


@click.command()
@click.option(
    "--months",
    type=click.IntRange(13, 1200),
    help="As if readings were kept in full for so many months; default: as configured, or 13.",
)
@formatted
@configured
def retention(config: Path, secrets: tuple[Path, ...], months: int | None, form: str) -> int:
    """Show what would go of old months: rows and bytes, by month and table. Nothing is changed.

    The service lets it go in small steps once keep_readings_months is set under [ledger].
    """
    loaded = loaded_from(config, secrets)
    kept = loaded.settings.ledger.keep_readings_months
    found = asyncio.run(_look(loaded, months or kept or _USUAL))
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _table(found.freed, words))
    if form == "table":
        _tell(found, kept, months or kept or _USUAL)
    return Exit.OK


async def _look(loaded: "Loaded", months: int) -> _Found:
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        sinks = sink_names(loaded.settings)
        old = [one async for one in old_months(ledger, context, now, months, sinks)]
        return _Found(old, await dry_run(ledger, old), await ledger.size())


def _table(found: Sequence[MonthFreed], words: CommandWords) -> Table[MonthFreed]:
    text = CellKind.TEXT
    return Table(
        "retention",
        (
            Column("month", lambda one: one.month, words("month"), text),
            Column("table", lambda one: one.table, words("ledger_table"), text),
            Column("rows", lambda one: one.rows, words("rows")),
            Column("bytes", lambda one: one.bytes, words("bytes")),
        ),
        found,
        needs_rows=True,
    )


def _tell(found: _Found, kept: int | None, months: int) -> None:
    """Say what it comes to, which months stay because they are not closed, and what is set."""
    whole = all_of(found.freed)
    size, freed = found.size.bytes / 1e6, whole.bytes / 1e6
    say(phrase("would_go", months=months, rows=whole.rows, freed=freed, size=size))
    if waiting := [one.period.name for one in found.months if not one.is_closed]:
        say(phrase("stay_unclosed", months=listed(waiting)))
    say(phrase("keeps_all") if kept is None else phrase("keeps_months", months=kept))
