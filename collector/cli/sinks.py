"""`copier-fleet sinks`: how far each sink has everything, and what is published to it again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.notes import Refusals
from collector.app.publish.refill import refusals, retry, rewind_to
from collector.app.retention import counted_since
from collector.bootstrap.office import look_at, open_ledger
from collector.bootstrap.sinks import sink_names
from collector.cli.options import configured, formatted, loaded_from
from collector.cli.output import Exit, listed, phrase, result_tables, say
from collector.cli.words import CommandWords, span_text
from collector.domain.report.table import CellKind, Column, Table, records
from collector.ports import Ledger

if TYPE_CHECKING:
    from collector.settings.load import Loaded

Moved = Callable[[Ledger], Awaitable[int]]
"""Moves a cursor back and returns how many changes wait behind it now."""


@dataclass(frozen=True, slots=True)
class SinkStanding:
    """How far a sink is at `now`; `waiting_since` is the time of the oldest reading it lacks."""

    name: str
    now: datetime
    cursor: int
    backlog: int
    waiting_since: datetime | None
    refused: Mapping[str, Refusals]

    @property
    def lag_s(self) -> int | None:
        """How old the oldest reading is that waits; None where none does."""
        since = self.waiting_since
        return None if since is None else max(0, int((self.now - since).total_seconds()))

    @property
    def refused_rows(self) -> int:
        """How many rows were refused for good since they were tried last."""
        return sum(one.rows for one in self.refused.values())


@click.group()
def sinks() -> None:
    """Show how far each sink has everything; publish again what one lost or refused."""


@sinks.command("list")
@formatted
@configured
def list_(config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Show each sink's cursor, backlog and lag, and what it refused for good, by cause.

    Reads the ledger only; the service may be running. Exit code 1 where something was refused.
    """
    loaded = loaded_from(config, secrets)
    found = asyncio.run(_look(loaded))
    words = CommandWords(loaded.settings.office.language)
    standings, refused = _table(found, words), _refused(found, words, loaded.settings.office.zone)
    document = {"sinks": records(standings), "refused": records(refused)}
    result_tables(form, standings, refused, document=document)
    if form == "table" and not found:
        say(phrase("no_sink"))
    return Exit.FINDINGS if refused.rows else Exit.OK


async def _look(loaded: "Loaded") -> Sequence[SinkStanding]:
    ledger, now = await open_ledger(loaded.settings, read_only=True), SystemClock().now()
    try:
        return [
            SinkStanding(
                name,
                now,
                await ledger.cursor(name),
                await ledger.backlog(name),
                await ledger.waiting_since(name),
                await refusals(ledger, name),
            )
            for name in sink_names(loaded.settings)
        ]
    finally:
        await ledger.close()


def _table(found: Sequence[SinkStanding], words: CommandWords) -> Table[SinkStanding]:
    text = CellKind.TEXT

    def lag(one: SinkStanding) -> str | None:
        return None if one.lag_s is None else span_text(one.lag_s, words)

    return Table(
        "sinks",
        (
            Column("sink", lambda one: one.name, words("sink"), text),
            Column("cursor", lambda one: one.cursor, words("cursor")),
            Column("backlog", lambda one: one.backlog, words("backlog")),
            Column("lag_s", lambda one: one.lag_s, words("lag"), text, shown=lag),
            Column("refused", lambda one: one.refused_rows, words("refused_rows")),
        ),
        found,
        needs_rows=True,
    )


def _refused(
    found: Sequence[SinkStanding], words: CommandWords, zone: tzinfo
) -> Table[tuple[str, Refusals]]:
    text = CellKind.TEXT
    rows = [(each.name, one) for each in found for one in each.refused.values()]

    def local(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d}"

    def reason(row: tuple[str, Refusals]) -> str:
        return words("keeps_less") if row[1].keeps_less else row[1].reason

    names = dict.fromkeys(name for name, _ in rows)
    return Table(
        "refused",
        (
            Column("sink", lambda row: row[0], words("sink"), text),
            Column("rows", lambda row: row[1].rows, words("rows")),
            Column(
                "first",
                lambda row: row[1].first.astimezone(UTC).isoformat(),
                words("first_of"),
                text,
                shown=lambda row: local(row[1].first),
            ),
            Column(
                "last",
                lambda row: row[1].last.astimezone(UTC).isoformat(),
                words("last_of"),
                text,
                shown=lambda row: local(row[1].last),
            ),
            Column("reason", lambda row: row[1].reason, words("reason"), text, shown=reason),
        ),
        rows,
        title=words("refused_for_good"),
        notes=tuple(words("retry_when_gone", sink=name) for name in names),
        needs_rows=True,
    )


@sinks.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="From which day on, like 2026-04-01: readings, days, months and events since then.",
)
@configured
def rewind(name: str, since: datetime, config: Path, secrets: tuple[Path, ...]) -> int:
    """Publish everything since a day to the sink NAME again, beside the service or without it.

    The same rows again change nothing where they are there already; events that a broker passed
    on once are not told twice.
    """
    loaded = loaded_from(config, secrets)
    if name == "centre" and loaded.settings.centre.is_on:
        raise click.BadParameter(phrase("centre_knows"), param_hint="NAME")

    thinned: list[datetime] = []

    async def moved(ledger: Ledger) -> int:
        thinned.extend([await counted_since(ledger, one.place) for one in await ledger.states()])
        context = (await look_at(ledger, loaded, SystemClock().now())).context
        return await rewind_to(ledger, name, since.date(), context.office)

    waiting = asyncio.run(_move(loaded, name, moved))
    say(phrase("sink_rewound", sink=name, day=f"{since:%Y-%m-%d}", count=waiting))
    zone = loaded.settings.office.zone
    if thinned and max(thinned) > since.replace(tzinfo=zone):
        say(phrase("rewound_thinned", since=f"{max(thinned).astimezone(zone):%Y-%m-%d}"))
    return Exit.OK


@sinks.command("retry")
@click.argument("name", metavar="[NAME]", required=False)
@configured
def retry_(name: str | None, config: Path, secrets: tuple[Path, ...]) -> int:
    """Publish again what the sink NAME (default: each) refused for good: its cause is gone.

    What is refused once more is listed again.
    """
    loaded = loaded_from(config, secrets)
    names = (name,) if name else sink_names(loaded.settings)
    if not names:
        say(phrase("no_sink"))
    for sink in names:
        waiting = asyncio.run(_move(loaded, sink, lambda ledger, one=sink: retry(ledger, one)))  # type: ignore[misc] # the sink of this turn
        say(phrase("sink_retried", sink=sink, count=waiting))
    return Exit.OK


async def _move(loaded: "Loaded", name: str, move: Moved) -> int:
    """Return what `move` says of the ledger, which the daemon may be writing meanwhile."""
    known = sink_names(loaded.settings)
    if name not in known:
        told = (
            phrase("no_such_sink", name=name, known=listed(known)) if known else phrase("no_sink")
        )
        raise click.BadParameter(told, param_hint="NAME")
    ledger = await open_ledger(loaded.settings, beside=True)
    try:
        return await move(ledger)
    finally:
        await ledger.close()
