"""`copier-fleet history`: the monthly sheets of the years before, so that last year exists."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.enter.import_history import (
    HistoryImport,
    MonthNews,
    TakenMonth,
    months_with,
    plan_import,
    planned,
)
from collector.app.office_context import OfficeContext
from collector.bootstrap.office import context_of, has_ledger
from collector.cli.entering import (
    Author,
    closed_months,
    enter,
    refuse_sheet,
    signing,
    tell_notes,
)
from collector.cli.history_readings import ImportOptions, import_readings
from collector.cli.options import (
    MONTH,
    ConfigOptions,
    at_office,
    configured,
    formatted,
    into,
    named_place,
)
from collector.cli.output import Exit, listed, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.counting.entries import PastMonth
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet
from collector.domain.old_sheets.history import SheetHistory, SheetOptions, read_history
from collector.domain.old_sheets.usage import SheetKind, SheetMonth
from collector.domain.report.table import CellKind, Column, Table, records
from collector.domain.sentence import sentence
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from collector.settings.load import Loaded

# What taking an old sheet in comes to.


def months_table(taken: Sequence[TakenMonth]) -> Table[TakenMonth]:
    """Return each month of each place for programs."""
    return Table(
        "months",
        (
            Column("place", lambda one: one.month.place),
            Column("month", lambda one: one.month.month),
            Column("state", lambda one: one.news.value),
            Column("pages", lambda one: dict(one.month.pages)),
            Column("opening", lambda one: dict(one.month.opening)),
            Column("closing", lambda one: dict(one.month.closing)),
            Column("source", lambda one: one.month.source),
            Column("before", lambda one: _before(one.before)),
        ),
        taken,
    )


def _before(was: PastMonth | None) -> dict[str, object] | None:
    return None if was is None else {"entry": was.id, "pages": dict(was.pages)}


def by_place_table(
    taken: Sequence[TakenMonth], words: CommandWords
) -> Table[tuple[PlaceId, list[TakenMonth]]]:
    """Return one row a place: from when to when, how many months and impressions, what is new."""
    text = CellKind.TEXT
    own: dict[PlaceId, list[TakenMonth]] = {}
    for one in taken:
        own.setdefault(one.month.place, []).append(one)

    def month(one: TakenMonth) -> str:
        return one.month.month

    return Table(
        "places",
        (
            Column("place", lambda row: row[0], words("place"), text),
            Column("first", lambda row: min(map(month, row[1])), words("history_first"), text),
            Column("last", lambda row: max(map(month, row[1])), words("history_last"), text),
            Column("count", lambda row: len(row[1]), words("history_count")),
            Column(
                "pages", lambda row: sum(one.month.pages[TOTAL] for one in row[1]), words("pages")
            ),
            Column("state", lambda row: news_text(row[1], words), words("state"), text),
        ),
        sorted(own.items()),
        title=words("history_places"),
    )


def news_text(taken: Iterable[TakenMonth], words: CommandWords) -> str:
    """Return how many months are new, changed and as before, the zeros left out."""
    counted = Counter(one.news for one in taken)
    parts = [
        f"{words(f'history_{news.value}')} {counted[news]}" for news in MonthNews if counted[news]
    ]
    return words("list.between").join(parts)


def by_month_table(
    taken: Sequence[TakenMonth], words: CommandWords
) -> Table[tuple[str, tuple[int, int]]]:
    """Return one row a month: as the foot of the sheet has it."""

    def news(row: tuple[str, tuple[int, int]]) -> str:
        return news_text([one for one in taken if one.month.month == row[0]], words)

    return Table(
        "by_month",
        (
            Column("month", lambda row: row[0], words("month"), CellKind.TEXT),
            Column("copiers", lambda row: row[1][0], words("history_copiers")),
            Column("pages", lambda row: row[1][1], words("pages")),
            Column("state", news, words("state"), CellKind.TEXT),
        ),
        list(months_with(taken).items()),
        title=words("history_months"),
    )


@dataclass(frozen=True, slots=True)
class _MeterChange:
    """A meter of a month that says something else than before; "" where only others do."""

    month: SheetMonth
    meter: str
    before: int | None
    now: int | None


def changes_table(taken: Iterable[TakenMonth], words: CommandWords) -> Table[_MeterChange]:
    """Return one row for each meter of each month that says something else than before."""
    text = CellKind.TEXT
    return Table(
        "changes",
        (
            Column("place", lambda one: one.month.place, words("place"), text),
            Column("month", lambda one: one.month.month, words("month"), text),
            Column("before", lambda one: one.before, words("history_before")),
            Column("now", lambda one: one.now, words("history_now")),
            Column(
                "change",
                lambda one: None if one.before is None or one.now is None else one.now - one.before,
                words("change"),
                CellKind.SIGNED,
            ),
            Column("meter", lambda one: one.meter, words("meter"), text),
            Column("source", lambda one: one.month.source, words("history_source"), text),
        ),
        list(_changes(taken)),
        title=words("history_changes"),
        needs_rows=True,
    )


def _changes(taken: Iterable[TakenMonth]) -> Iterator[_MeterChange]:
    for one in taken:
        if one.before is None or one.news is not MonthNews.CHANGED:
            continue
        was, now = one.before.pages, one.month.pages
        changed = [meter for meter in sorted({*was, *now}) if was.get(meter) != now.get(meter)]
        for meter in changed or [TOTAL]:
            name = meter if changed else ""
            yield _MeterChange(one.month, name, was.get(meter), now.get(meter))


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions(ConfigOptions):
    """What to take in, and how to show it."""

    file: Path
    are_readings: bool
    sheet_name: str | None
    kind: str | None
    year: int | None
    called: tuple[str, ...]
    since: str | None
    until: str | None
    author: Author
    apply_: bool
    form: str

    def check(self) -> None:
        """Raise BadParameter for options that are wrong, or are of the other kind of file."""
        if self.apply_ and not self.author.why.strip():
            raise click.BadParameter(phrase("why_months"), param_hint="--why")
        months = (("--since", self.since), ("--until", self.until))
        if self.are_readings:
            given = (("--sheet", self.sheet_name), ("--kind", self.kind), ("--year", self.year))
            for hint, value in (*given, ("--place", self.called), *months):
                if value:
                    message = phrase("for_sheets")
                    raise click.BadParameter(message, param_hint=hint)

    def sheet_options(self, fleet: Fleet, today: date) -> SheetOptions:
        """Return how to read the sheet; raises BadParameter for a place that is not known."""
        kind = None if self.kind is None else SheetKind(self.kind)
        return SheetOptions(
            kind, self.year, _called(self.called, fleet, today), self.since, self.until
        )


@click.group()
def history() -> None:
    """Take in the monthly figures of the years before."""


@history.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--readings",
    "are_readings",
    is_flag=True,
    help="FILE holds readings with their times (.jsonl, .csv), as copier-fleet count takes them.",
)
@click.option("--sheet", "sheet_name", help="Which sheet of a workbook.", metavar="NAME")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in SheetKind]),
    help="Meter readings, or pages of each month; default: found out, and shown.",
)
@click.option(
    "--year",
    type=click.IntRange(1990, 2099),
    help="The fiscal year (年度, from April) of months that are written without a year.",
)
@click.option(
    "--place",
    "called",
    multiple=True,
    metavar="NAME=ID",
    help="Which place the sheet calls NAME; with no ID, NAME is left out. May be repeated.",
)
@click.option("--since", type=MONTH, help="Leave out the months before this one.", metavar="MONTH")
@click.option("--until", type=MONTH, help="Leave out the months after this one.", metavar="MONTH")
@click.option(
    "--apply/--dry-run",
    "apply_",
    default=False,
    help="Enter what is new or differs, which needs --why; default: only show it.",
)
@formatted
@signing(optional=True)
@configured
@into(HistoryOptions)
def import_(options: HistoryOptions) -> int:
    """Take in FILE, a monthly sheet that was kept by hand (.csv, .xlsx), and show what it adds.

    One row a copier and one column a month, or the other way round, or one row a copier and month
    (設置場所, 年月, 前月指針, 当月指針, 使用枚数). Headings in Japanese or English; meters 合計,
    モノクロ, カラー, コピー, プリント, FAX. Titles, sums and empty rows are left out and told; a
    blank is not known, never 0. Every problem is told with its cell, and nothing is entered then.

    The same sheet again adds nothing; a corrected one replaces only the months that differ.

    With --readings: readings that another program took, older than what the ledger holds; first
    shown by place and month, with --apply counted as if the collector had read them itself.
    """
    options.check()
    loaded = options.load()
    if options.are_readings:
        asked = ImportOptions(options.file, options.author, options.apply_, options.form)
        return import_readings(loaded, asked)
    from collector.bootstrap.files import read_sheet

    return asyncio.run(_import(loaded, options, read_sheet(options.file, options.sheet_name)))


def _called(pairs: Sequence[str], fleet: Fleet, today: date) -> Mapping[str, PlaceId | None]:
    found: dict[str, PlaceId | None] = {}
    for pair in pairs:
        name, sign, place = (part.strip() for part in pair.rpartition("="))
        if not sign or not name:
            message = phrase("no_pair", pair=pair)
            raise click.BadParameter(message, param_hint="--place")
        found[name] = named_place(fleet, place, today, "--place").id if place else None
    return found


async def _import(loaded: "Loaded", options: HistoryOptions, sheet: Sheet) -> int:
    now = SystemClock().now()
    sheet_options = options.sheet_options(loaded.fleet, now.date())
    words = CommandWords(loaded.settings.office.language)
    if not options.apply_ and not has_ledger(loaded.settings):
        context = context_of(loaded, now.date())
        read = _read(context, sheet, sheet_options)
        plan, closed = planned(context, read.months, (), {}, now), frozenset[str]()
        refuse_sheet([*read.flaws, *plan.refused], sheet)
        say(phrase("no_ledger_yet"))
    else:
        read, plan, closed = await _planned(loaded, options, sheet, sheet_options, now)
    _show(read, plan, sheet, words, options.form)
    _tell_end(plan, closed, apply=options.apply_)
    return Exit.OK


def _read(context: OfficeContext, sheet: Sheet, sheet_options: SheetOptions) -> SheetHistory:
    read = read_history(sheet, context.fleet, context.office, sheet_options)
    tell_notes(read.notes, sheet)
    return read


async def _planned(
    loaded: "Loaded",
    options: HistoryOptions,
    sheet: Sheet,
    sheet_options: SheetOptions,
    now: datetime,
) -> tuple[SheetHistory, HistoryImport, frozenset[str]]:
    """Return the plan, carried out where that was asked for, and which months are closed."""
    # Where there is none yet, it is for the daemon to make one; reading says so.
    beside = options.apply_ and has_ledger(loaded.settings)
    async with at_office(loaded, now, beside=beside, record=beside) as (ledger, context):
        read = _read(context, sheet, sheet_options)
        plan = await plan_import(ledger, context, read.months, now)
        refuse_sheet([*read.flaws, *plan.refused], sheet)
        if options.apply_:
            entries = plan.entries(options.author.signature(now))
            await enter(ledger, context, entries, dry_run=False)
        return read, plan, await closed_months(ledger)


def _show(
    read: SheetHistory, plan: HistoryImport, sheet: Sheet, words: CommandWords, form: str
) -> None:
    if form != "table":
        months = months_table(plan.taken)
        result_tables(form, months, document=_document(read, months, sheet))
        return
    readings = read.kind is SheetKind.READINGS
    said = sentence(
        "sheet.read_as",
        kind=sentence("kind.readings" if readings else "kind.totals"),
        because=read.because or "",
    )
    layouts = listed(worded(sentence(f"layout.{one.value}")) for one in read.layouts)
    say(f"{worded(said)}: {layouts}")
    if plan.taken:
        by_place, by_month = by_place_table(plan.taken, words), by_month_table(plan.taken, words)
        result_tables(form, by_place, by_month, changes_table(plan.taken, words))


def _document(read: SheetHistory, months: Table[TakenMonth], sheet: Sheet) -> Mapping[str, object]:
    return {
        "file": sheet.file,
        "sheet": sheet.name,
        "kind": None if read.kind is None else read.kind.value,
        "because": "" if read.because is None else ENGLISH.say(read.because),
        "layouts": [ENGLISH(f"layout.{one.value}") for one in read.layouts],
        "notes": [
            {"where": sheet.where(one.line, one.column), "message": ENGLISH.say(one.message)}
            for one in read.notes
        ],
        "months": records(months),
    }


def _tell_end(plan: HistoryImport, closed: frozenset[str], *, apply: bool) -> None:
    entries = [one for one in plan.taken if one.news is not MonthNews.SAME]
    if not plan.taken:
        say(phrase("no_month_left"))
        return
    if not entries:
        say(phrase("sheet_taken_before"))
        return
    if not apply:
        say(phrase("apply_why"))
        return
    say(phrase("months_entered", count=len(entries)))
    for month in sorted({one.month.month for one in entries} & closed):
        say(phrase("becomes_adjustment", month=month, again=month))
