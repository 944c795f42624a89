"""`copier-fleet exclude`: pages that no department should answer for, declared and taken back."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.enter.exclude import RefusedExclusion, Unfit, misfits, taken_in_months
from collector.app.office_context import OfficeContext
from collector.cli.entering import Author, closed_months, enter, signing
from collector.cli.options import (
    MONTH,
    at_office,
    configured,
    formatted,
    into,
    loaded_from,
    named_department,
    named_place,
)
from collector.cli.output import Exit, complain, listed, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.counting.entries import Exclusion, Ground, Withdrawal
from collector.domain.counting.exclusions import Taken
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import CellKind, Column, Table
from collector.errors import Spot, said
from collector.ports import Ledger

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_MEGABYTES: Final = 4

Where = tuple[Path, tuple[Path, ...]]
"""The configuration, and folders of secrets."""


@click.group(invoke_without_command=True)
@formatted
@configured
@click.pass_context
def exclude(
    ctx: click.Context, config: Path, secrets: tuple[Path, ...], *, form: str
) -> int | None:
    """List the excluded pages: elections, what law requires, citizens' copies, test prints.

    They stay in every total; beside it stands the total without them, which is what targets count.
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = (config, secrets)
        return None
    loaded = loaded_from(config, secrets)
    words = CommandWords(loaded.settings.office.language)
    taken = asyncio.run(_in_force(loaded))
    result_tables(form, _table(taken, words, loaded.settings.office.zone))
    return Exit.OK


async def _in_force(loaded: "Loaded") -> Sequence[Taken]:
    async with at_office(loaded, SystemClock().now()) as (ledger, context):
        return await _taken(ledger, context)


async def _taken(ledger: Ledger, context: OfficeContext) -> Sequence[Taken]:
    months = await taken_in_months(ledger, context, await ledger.entries())
    return [one for month in months.values() for one in month.taken]


def _table(taken: Sequence[Taken], words: CommandWords, zone: tzinfo) -> Table[Taken]:
    return Table(
        "exclusions",
        (*_about(words), *_declared(words), *_signed(words, zone)),
        taken,
        title=words("excluded_title"),
        spare=("at", "why", "by"),
    )


def _about(words: CommandWords) -> tuple[Column[Taken], ...]:
    """Return of what and when pages are excluded."""
    text = CellKind.TEXT

    def of(one: Taken) -> str:
        return one.exclusion.department or one.exclusion.place

    def span(one: Taken) -> str:
        first, last = one.exclusion.first, one.exclusion.last
        return f"{first}" if first == last else f"{first} – {last:%m-%d}"

    return (
        Column("id", lambda one: one.exclusion.id, words("id"), text),
        Column("place", lambda one: one.exclusion.place or None),
        Column("department", lambda one: one.exclusion.department),
        Column("of", None, words("excluded_of"), text, shown=of),
        Column("from", lambda one: one.exclusion.first.isoformat()),
        Column("to", lambda one: one.exclusion.last.isoformat()),
        Column("days", None, words("excluded_days"), text, shown=span),
    )


def _declared(words: CommandWords) -> tuple[Column[Taken], ...]:
    """Return how many pages are declared and were counted, on what ground."""
    text = CellKind.TEXT
    return (
        Column("pages", lambda one: one.exclusion.pages, words("pages")),
        Column("taken", lambda one: one.pages),
        Column(
            "missing",
            lambda one: one.missing,
            words("excluded_missing"),
            shown=lambda one: one.missing or None,
            optional=True,
        ),
        Column(
            "ground",
            lambda one: one.exclusion.ground.value,
            words("excluded_ground"),
            text,
            shown=lambda one: words(f"ground.{one.exclusion.ground.value}"),
        ),
        Column("source", lambda one: one.exclusion.source, words("excluded_source"), text),
    )


def _signed(words: CommandWords, zone: tzinfo) -> tuple[Column[Taken], ...]:
    """Return who declared it, why and when."""
    text = CellKind.TEXT

    def why(one: Taken) -> str:
        return worded(one.exclusion.signed.why)

    def at(one: Taken) -> str:
        return f"{one.exclusion.signed.at.astimezone(zone):%Y-%m-%d %H:%M}"

    return (
        Column("by", lambda one: one.exclusion.signed.by, words("by"), text),
        Column("why", lambda one: one.exclusion.signed.why, words("why"), text, shown=why),
        Column("at", lambda one: one.exclusion.signed.at.isoformat(), words("at"), text, shown=at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOptions:
    """What `exclude add` asks for."""

    place: str | None
    department: str | None
    month_name: str | None
    first: datetime | None
    last: datetime | None
    pages: int
    ground: str
    source: str
    author: Author
    form: str


@exclude.command()
@click.option("--place", "-p", help="Pages of this place (its id, name or address).")
@click.option("--department", "-d", help="Pages of this department with its parts (id or name).")
@click.option(
    "--month", "month_name", type=MONTH, metavar="MONTH", help="In this month, like 2026-11."
)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option(
    "--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="To this day; default: --from."
)
@click.option("--pages", type=click.IntRange(min=1), required=True, help="How many impressions.")
@click.option(
    "--ground",
    required=True,
    help="Why: election (選挙), statutory (法定通知), citizens (市民有料コピー), maintenance "
    "(保守点検テスト印刷) or other (その他).",
    metavar="GROUND",
)
@click.option("--source", required=True, metavar="TEXT", help="Where the figure stands.")
@formatted
@signing()
@click.pass_obj
@into(AddOptions)
def add(where: Where, options: AddOptions) -> int:
    """Declare pages of a place or a department excluded, in days of one month.

    They must have been counted there: more than that is refused.
    """
    return asyncio.run(_add(loaded_from(*where), options))


async def _add(loaded: "Loaded", options: AddOptions) -> int:
    now, author = SystemClock().now(), options.author
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        one = _stated(options, context, now)
        refused = await misfits(ledger, context, [one], now)
        if refused:
            complain(worded_misfit(refused[0]))
            return Exit.FINDINGS
        return await _enter(ledger, context, [one], author, loaded, options.form)


def _stated(options: AddOptions, context: OfficeContext, now: datetime) -> Exclusion:
    if (options.place is None) is (options.department is None):
        raise click.UsageError(phrase("exclusion_of_one"))
    if not options.source.strip():
        raise click.BadParameter(phrase("must_not_be_empty"), param_hint="--source")
    fleet, today = context.fleet, context.office.local_day(now)
    place, department = PlaceId(""), None
    if options.place is not None:
        place = named_place(fleet, options.place, today, "--place").id
    else:
        department = named_department(fleet, options.department).id
    return Exclusion(
        place,
        department,
        *_days(options, context),
        options.pages,
        _ground(options.ground),
        " ".join(options.source.split()),
        options.author.signature(now),
    )


def _ground(text: str) -> Ground:
    from collector.settings.exclusions_file import GROUNDS

    found = GROUNDS.get(text.strip().casefold())
    if found is None:
        known = phrase("known_are", known=listed(GROUNDS))
        message = phrase("exclusion_unknown", name=text, hint=known)
        raise click.BadParameter(message, param_hint="--ground")
    return found


def _days(options: AddOptions, context: OfficeContext) -> tuple[date, date]:
    if options.month_name is not None and options.first is None:
        period = context.office.period(options.month_name)
        return period.start, period.end
    if options.month_name is not None or options.first is None:
        raise click.UsageError(phrase("exclusion_days"))
    first = options.first.date()
    last = first if options.last is None else options.last.date()
    if last < first:
        raise click.BadParameter(phrase("exclusion_order"), param_hint="--to")
    return first, last


_REASONS: Final[Mapping[Unfit, str]] = {
    Unfit.TOO_LARGE: "exclusion_too_large",
    Unfit.TWO_MONTHS: "exclusion_two_months",
    Unfit.YET_TO_COME: "exclusion_yet_to_come",
    Unfit.TWICE: "exclusion_twice",
}


def worded_misfit(one: RefusedExclusion) -> str:
    """Return why an exclusion is refused, in the reader's language."""
    entry = one.exclusion
    return phrase(
        _REASONS[one.why],
        of=entry.department or entry.place,
        first=entry.first,
        last=entry.last,
        pages=entry.pages,
        counted=one.counted,
    )


async def _enter(
    ledger: Ledger,
    context: OfficeContext,
    entries: Sequence[Exclusion],
    author: Author,
    loaded: "Loaded",
    form: str,
) -> int:
    """Put `entries` in force, print them and which closed months they concern."""
    words = CommandWords(loaded.settings.office.language)
    if await enter(ledger, context, entries, dry_run=author.dry_run) is None:
        return Exit.FINDINGS
    closed = await closed_months(ledger)
    rows = [Taken(one, one.pages) for one in entries]
    result_tables(form, _table(rows, words, context.office.zone))
    if author.dry_run:
        say(phrase("dry_run_nothing"))
        return Exit.OK
    _tell_closed({context.office.period_of(one.first).name for one in entries} & closed)
    return Exit.OK


def _tell_closed(months: frozenset[str] | set[str]) -> None:
    for month in sorted(months):
        say(phrase("becomes_adjustment", month=month, again=month))


@exclude.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@formatted
@signing()
@click.pass_obj
def import_(where: Where, file: Path, author: Author, form: str) -> int:
    """Declare what the spreadsheet FILE (CSV) lists: all of its lines, or none.

    Columns: 設置場所ID or 部署ID, 年月 or 開始日 and 終了日, 面数, 理由, 出典, 備考.
    """
    return asyncio.run(_import(loaded_from(*where), file, author, form))


async def _import(loaded: "Loaded", file: Path, author: Author, form: str) -> int:
    from collector.settings.exclusions_file import read_exclusions
    from collector.user_files.report import ProblemReport, octets_of

    now, report = SystemClock().now(), ProblemReport()
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        data, signed = octets_of(file, _MEGABYTES), author.signature(now)
        stated = read_exclusions(data, file.name, context.fleet, context.office, signed, report)
        report.refuse()
        asked = [one.exclusion for one in stated]
        for one in await misfits(ledger, context, asked, now):
            spot = Spot(file.name, stated[one.number].line, column="")
            entry = one.exclusion
            facts = {"of": entry.department or entry.place, "counted": one.counted}
            days = {"first": entry.first, "last": entry.last, "pages": entry.pages}
            report.problem(spot, said(_REASONS[one.why], **facts, **days))
        if not asked:
            report.problem(Spot(file.name), said("sheet_empty"))
        report.in_order()
        report.refuse()
        return await _enter(ledger, context, asked, author, loaded, form)


@exclude.command()
@click.argument("entry_id", metavar="ID")
@formatted
@signing()
@click.pass_obj
def withdraw(where: Where, entry_id: str, author: Author, form: str) -> int:
    """Take the exclusion ID back: it stays among the entries, and holds no longer."""
    return asyncio.run(_withdraw(loaded_from(*where), entry_id, author, form))


async def _withdraw(loaded: "Loaded", entry_id: str, author: Author, form: str) -> int:
    now = SystemClock().now()
    words = CommandWords(loaded.settings.office.language)
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        found = [one for one in await _taken(ledger, context) if one.exclusion.id == entry_id]
        if not found:
            raise click.BadParameter(phrase("no_entry", id=entry_id), param_hint="ID")
        entry, signed = found[0].exclusion, author.signature(now)
        back = Withdrawal(entry.place, entry.id, signed)
        if await enter(ledger, context, [back], dry_run=author.dry_run) is None:
            return Exit.FINDINGS
        closed = await closed_months(ledger)
    of = entry.department or entry.place
    say(phrase("taken_back", id=entry.id, place=of, by=signed.by, why=signed.why))
    result_tables(form, _table(found, words, context.office.zone))
    if author.dry_run:
        say(phrase("dry_run_nothing"))
        return Exit.OK
    _tell_closed({context.office.period_of(entry.first).name} & closed)
    return Exit.OK
