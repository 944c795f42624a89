"""`copier-fleet entries`: what people entered, and taking one of it back."""

import asyncio
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.office import open_ledger
from collector.cli.entering import Author, closed_months, enter, show_outcome, signing
from collector.cli.options import at_office, configured, formatted, loaded_from
from collector.cli.output import Exit, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.counting.entries import (
    Decision,
    Entry,
    Exclusion,
    ManualReading,
    OldReadings,
    PaperPurchase,
    PastMonth,
    Rereading,
    Retiming,
    StockCount,
    Withdrawal,
    in_force,
)
from collector.domain.meters import TOTAL
from collector.domain.report.table import CellKind, Column, Table
from collector.texts.catalogue import COMMANDS, Words

if TYPE_CHECKING:
    from collector.settings.load import Loaded


@click.group(invoke_without_command=True)
@formatted
@configured
@click.pass_context
def entries(
    ctx: click.Context, config: Path, secrets: tuple[Path, ...], *, form: str
) -> int | None:
    """List what people entered: decisions, readings by hand, months of old sheets."""
    if ctx.invoked_subcommand is not None:
        ctx.obj = (config, secrets)
        return None
    loaded = loaded_from(config, secrets)
    known = asyncio.run(_entries(loaded))
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _table(known, words, loaded.settings.office.zone))
    return Exit.OK


async def _entries(loaded: "Loaded") -> Sequence[Entry]:
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        return await ledger.entries()
    finally:
        await ledger.close()


def _what(entry: Entry, zone: tzinfo, words: Words) -> str:  # noqa: PLR0911 - one for each kind of entry
    match entry:
        case OldReadings():
            first, last = (f"{at.astimezone(zone):%Y-%m-%d}" for at in (entry.since, entry.until))
            return words(
                "readings_from",
                readings=entry.readings,
                first=first,
                last=last,
                source=entry.source,
            )
        case Decision():
            return f"{entry.finding}: {entry.verdict}"
        case ManualReading():
            parts = (f"{meter} {value:,}" for meter, value in entry.meters.items())
            figures = words("list.between").join(parts)
            return f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}: {figures}"
        case PastMonth():
            return f"{entry.period}: {entry.pages.get(TOTAL, 0):,} ({entry.source})"
        case Rereading():
            how = (
                words("by_profile", profile=entry.profile)
                if entry.profile
                else words("same_profiles")
            )
            return words("counted_again", day=f"{entry.since.astimezone(zone):%Y-%m-%d}", how=how)
        case Retiming():
            span = f"{entry.since.astimezone(zone):%Y-%m-%d %H:%M}"
            return words("clock_wrong", span=span, seconds=entry.seconds)
        case Exclusion():
            return _excludes(entry, words)
        case PaperPurchase() | StockCount():
            return _of_paper(entry, words)
        case Withdrawal():
            return words("takes_back", id=entry.replaces)


def _excludes(entry: Exclusion, words: Words) -> str:
    return words(
        "excludes",
        of=entry.department or entry.place,
        first=entry.first,
        last=entry.last,
        pages=entry.pages,
        ground=words(f"ground.{entry.ground.value}"),
        source=entry.source,
    )


def _of_paper(entry: PaperPurchase | StockCount, words: Words) -> str:
    return words(
        "buys_paper" if isinstance(entry, PaperPurchase) else "counts_stock",
        of=entry.department or words("paper_office"),
        day=entry.day,
        size=entry.size.value,
        sheets=entry.sheets,
    )


def _table(known: Sequence[Entry], words: CommandWords, zone: tzinfo) -> Table[Entry]:
    holding = frozenset(one.id for one in in_force(known))
    return Table(
        "entries",
        _columns(holding, words, zone),
        known,
        shown=("id", "at", "place", "what", "by", "why", "in_force"),
        spare=("in_force",),
    )


def _columns(
    holding: frozenset[str], words: CommandWords, zone: tzinfo
) -> tuple[Column[Entry], ...]:
    text = CellKind.TEXT
    return (
        Column("id", lambda one: one.id, words("id"), text),
        Column("kind", lambda one: type(one).__name__),
        Column("place", lambda one: one.place, words("place"), text),
        Column(
            "what",
            lambda one: _what(one, zone, Words(COMMANDS, "en")),
            words("what"),
            text,
            shown=lambda one: _what(one, zone, Words(COMMANDS, words.language)),
        ),
        Column("by", lambda one: one.signed.by, words("by"), text),
        Column(
            "why",
            lambda one: one.signed.why,
            words("why"),
            text,
            shown=lambda one: worded(one.signed.why),
        ),
        Column(
            "at",
            lambda one: one.signed.at.isoformat(),
            words("at"),
            text,
            shown=lambda one: f"{one.signed.at.astimezone(zone):%Y-%m-%d %H:%M}",
        ),
        Column("replaces", lambda one: one.replaces),
        Column(
            "in_force",
            lambda one: one.id in holding,
            words("state"),
            text,
            shown=lambda one: "" if one.id in holding else words("replaced"),
        ),
    )


@entries.command()
@click.argument("entry_id", metavar="ID")
@formatted
@signing()
@click.pass_obj
def withdraw(where: tuple[Path, tuple[Path, ...]], entry_id: str, author: Author, form: str) -> int:
    """Take the entry ID back: it stays in the list, and holds no longer."""
    loaded = loaded_from(*where)
    return asyncio.run(_withdraw(loaded, entry_id, author, form))


async def _withdraw(loaded: "Loaded", entry_id: str, author: Author, form: str) -> int:
    now = SystemClock().now()
    words, signed = CommandWords(loaded.settings.office.language), author.signature(now)
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        holding = {one.id: one for one in in_force(await ledger.entries())}
        entry = holding.get(entry_id)
        if entry is None:
            message = phrase("no_entry", id=entry_id)
            raise click.BadParameter(message, param_hint="ID")
        back = Withdrawal(entry.place, entry.id, signed)
        outcome = await enter(ledger, context, [back], dry_run=author.dry_run)
        if outcome is None:
            return Exit.FINDINGS
        closed = await closed_months(ledger)
    of = entry.place or getattr(entry, "department", None) or phrase("paper_office")
    say(phrase("taken_back", id=entry.id, place=of, by=signed.by, why=signed.why))
    show_outcome(outcome, context, words, closed, form, dry_run=author.dry_run)
    return Exit.OK
