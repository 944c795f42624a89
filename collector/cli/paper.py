"""`copier-fleet paper`: what paper was bought, and what became of it by quarter and fiscal year."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.enter.purchase import (
    PaperNews,
    PaperPlan,
    TakenPaper,
    planned_paper,
    stated_paper,
)
from collector.app.month.purchased import reconciled_year
from collector.app.office_context import OfficeContext
from collector.cli.entering import Author, enter, refuse_sheet, signing, tell_notes
from collector.cli.options import (
    at_office,
    configured,
    formatted,
    into,
    loaded_from,
    named_department,
)
from collector.cli.output import SPOKEN, Exit, complain, listed, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.cost.purchased import (
    PaperBalance,
    PaperEntry,
    Reconciliation,
    holds_at,
    paper_entries,
    paper_periods,
    years_of,
)
from collector.domain.cost.sheets import Paper, SheetQuality
from collector.domain.counting.entries import PaperPurchase, PaperSize, StockCount
from collector.domain.office.fleet import DepartmentId, Fleet
from collector.domain.office.office_calendar import ONE_DAY, Office, fiscal_year
from collector.domain.old_sheets.cells import Remarks
from collector.domain.old_sheets.paper_rows import (
    is_everybody,
    read_paper,
    size_in,
)
from collector.domain.report.table import CellKind, Column, Table

if TYPE_CHECKING:
    from collector.settings.load import Loaded

Where = tuple[Path, tuple[Path, ...]]
"""The configuration, and folders of secrets."""


@click.group(invoke_without_command=True)
@click.option(
    "--year",
    type=click.IntRange(1990, 2099),
    help="The fiscal year (年度) that begins in this year; default: the last with any paper.",
)
@formatted
@configured
@click.pass_context
def paper(
    ctx: click.Context, config: Path, secrets: tuple[Path, ...], *, year: int | None, form: str
) -> int | None:
    """Show what became of the paper bought, by quarter and fiscal year, and what is unexplained.

    bought - stock change = counted + excluded + unexplained, in sheets, each with its range, of the
    whole office and of every department that buys. Much that nothing explains: printers that nobody
    counts? Below 0: purchases or stock are not entered.
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = (config, secrets)
        return None
    loaded = loaded_from(config, secrets)
    asyncio.run(_show(loaded, year, form))
    return Exit.OK


async def _show(loaded: "Loaded", year: int | None, form: str) -> None:
    now, words = SystemClock().now(), CommandWords(loaded.settings.office.language)
    async with at_office(loaded, now) as (ledger, context):
        office = context.office
        running = fiscal_year(office.period_of(office.local_day(now)).name, office.year_begins)
        known = years_of(paper_entries(await ledger.entries()), office)
        shown = max(known, default=running) if year is None else year
        found = await reconciled_year(ledger, context, shown, now)
    result_tables(form, *_tables(found, context, words), main=_records(found, context))
    if not known:
        say(phrase("paper_none"))
    elif year is not None and year not in known:
        say(phrase("paper_not_in", year=year, known=listed(known)))


# What became of the paper bought, as a table.


_Term = Callable[[PaperBalance], Paper | None]

_TERMS: Final[Mapping[str, _Term]] = {
    "bought": lambda one: one.bought,
    "stock_change": lambda one: one.stock_change,
    "counted": lambda one: one.counted,
    "excluded": lambda one: one.excluded,
    "unexplained": lambda one: one.unexplained,
}
"""The terms of the equation, by their names in CSV and JSON."""


def _records(found: Sequence[Reconciliation], context: OfficeContext) -> Table[Reconciliation]:
    """Return all there is of each period, for programs."""
    limit = context.unexplained_pct
    return Table(
        "paper",
        (
            Column("period", lambda one: one.period.name),
            Column("department", lambda one: one.of),
            Column("from", lambda one: one.period.start.isoformat()),
            Column("to", lambda one: one.period.end.isoformat()),
            Column("over", lambda one: one.over),
            *_term_columns(lambda one: one.sheets, ""),
            Column("unexplained_share", lambda one: _share(one.sheets)),
            Column("counted_quality", lambda one: one.quality and one.quality.value),
            *_term_columns(lambda one: one.a4, "a4_"),
            Column("finding", lambda one: one.finding(limit)),
            Column("months_not_counted", lambda one: [*one.uncounted]),
            Column("stock_not_counted", lambda one: [f"{day}" for day in one.not_in_stock]),
            Column("quarters_without", lambda one: [*one.without]),
        ),
        found,
    )


def _term_columns(
    of: Callable[[Reconciliation], PaperBalance], prefix: str
) -> Iterator[Column[Reconciliation]]:
    """Yield each term and the ends of its range."""
    for name, term in _TERMS.items():
        for end, key in (("value", name), ("low", f"{name}_low"), ("high", f"{name}_high")):
            yield Column(prefix + key, partial(_figure, of, term, end))


def _figure(
    of: Callable[[Reconciliation], PaperBalance], term: _Term, end: str, one: Reconciliation
) -> int | None:
    found = term(of(one))
    return None if found is None else int(getattr(found, end))


_Line = tuple[Reconciliation, bool]
"""A period in sheets, or as A4."""


def _tables(
    found: Sequence[Reconciliation], context: OfficeContext, words: CommandWords
) -> list[Table[_Line]]:
    """Return the equation of each period for readers: a table for each that buys."""
    owners = tuple(dict.fromkeys(one.of for one in found))
    tables = []
    for owner in owners:
        own = [one for one in found if one.of == owner]
        lines = [
            (one, as_a4) for one in own for as_a4 in (False, True) if not as_a4 or _has_a4(one)
        ]
        title = words("paper_title", of=_named(owner, context.fleet), year=own[0].period.year)
        notes = _notes(found, context, words) if owner == owners[-1] else ()
        tables.append(_table_of(lines, title, tuple(notes), words))
    return tables


def _has_a4(one: Reconciliation) -> bool:
    return one.a4.bought is not None or one.a4.every is not None


def _table_of(
    lines: Sequence[_Line], title: str, notes: tuple[str, ...], words: CommandWords
) -> Table[_Line]:
    text = CellKind.TEXT

    def shown(name: str, term: _Term) -> Column[_Line]:
        signed = name in {"stock_change", "unexplained"}
        return Column(
            name,
            None,
            words(f"paper_{name}"),
            text,
            shown=lambda line: _shown(term(_balance(line)), signed=signed),
        )

    period: Column[_Line] = Column(
        "period", None, words("paper_period"), text, shown=lambda line: _period(line, words)
    )
    share: Column[_Line] = Column(
        "unexplained_share",
        None,
        words("paper_share"),
        CellKind.SHARE,
        shown=lambda line: _share(_balance(line)),
    )
    terms = (shown(name, term) for name, term in _TERMS.items())
    spare = ("unexplained_share", "excluded")
    return Table("paper", (period, *terms, share), lines, title=title, notes=notes, spare=spare)


def _balance(line: _Line) -> PaperBalance:
    return line[0].a4 if line[1] else line[0].sheets


def _period(line: _Line, words: CommandWords) -> str:
    one, as_a4 = line
    if as_a4:
        return words("paper_as_a4")
    quarter = one.period.quarter
    named = words("paper_year") if quarter is None else words("paper_quarter", quarter=quarter)
    return named if one.over else words("paper_running", period=named)


def _shown(paper: Paper | None, *, signed: bool = False) -> str | None:
    if paper is None:
        return None
    value = f"{paper.value:+,}" if signed and paper.value else f"{paper.value:,}"
    if paper.low == paper.high:
        return value
    return f"{value} ({paper.low:,} – {paper.high:,})"


def _share(balance: PaperBalance) -> float | None:
    return None if balance.share is None else round(float(balance.share), 4)


def _named(department: DepartmentId | None, fleet: Fleet) -> str:
    known = None if department is None else fleet.department(department)
    if known is None:
        return phrase("paper_office")
    return known.name if SPOKEN.get().language == "ja" else known.name_en or known.name


def _notes(
    found: Sequence[Reconciliation], context: OfficeContext, words: CommandWords
) -> Iterator[str]:
    """Yield the equation, what could not be told, and what is odd."""
    yield words("paper_equation")
    parts: tuple[tuple[str, Callable[[Reconciliation], Sequence[object]]], ...] = (
        ("paper_not_counted", lambda one: one.uncounted),
        ("paper_no_stock", lambda one: one.not_in_stock),
        ("paper_without", lambda one: one.without),
    )
    for key, of in parts:
        for names, facts in _by_facts(found, of, context.fleet).items():
            yield words(key, of=listed(names), what=listed(facts))
    if any(one.quality is SheetQuality.ESTIMATED for one in found):
        yield words("paper_estimated")
    for one in found:
        why = one.finding(context.unexplained_pct)
        unexplained, share = one.sheets.unexplained, one.sheets.share
        if why is not None and unexplained is not None:
            yield words(
                f"paper_{why}",
                of=_named(one.of, context.fleet),
                period=one.period.name,
                sheets=abs(unexplained.value),
                share=0 if share is None else round(float(100 * share)),
                limit=context.unexplained_pct,
            )


def _by_facts(
    found: Sequence[Reconciliation],
    of: Callable[[Reconciliation], Sequence[object]],
    fleet: Fleet,
) -> Mapping[tuple[str, ...], Sequence[str]]:
    """Return, by the names of all that have them in common, what `of` says of their periods."""
    facts: dict[DepartmentId, dict[str, None]] = defaultdict(dict)
    for one in found:
        facts[one.of] |= dict.fromkeys(map(str, of(one)))
    owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for owner, own in facts.items():
        if own:
            owners[tuple(sorted(own))].append(_named(owner, fleet))
    return {tuple(names): own for own, names in owners.items()}


# Paper entered: a purchase, a stock, a list of both.


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOptions:
    """What `paper add` and `paper stock` ask for; a stock has no packs, supplier or slip."""

    day: datetime
    size: str
    sheets: int | None
    department: str
    author: Author
    form: str
    packs: int | None = None
    each: int | None = None
    supplier: str = ""
    slip: str = ""

    def count(self) -> int:
        """Return how many sheets it is; raises UsageError where that is not said, or twice."""
        in_packs = self.packs is not None and self.each is not None
        if (self.packs is None) is not (self.each is None) or in_packs is (self.sheets is not None):
            raise click.UsageError(phrase("paper_sheets_or_packs"))
        return (self.packs or 0) * (self.each or 0) if self.sheets is None else self.sheets


_DAY: Final = click.DateTime(["%Y-%m-%d", "%Y/%m/%d"])
_OF: Final = click.option(
    "--department",
    "-d",
    default="",
    help="For this department (id or name); default: for the whole office.",
)
_SIZE: Final = click.option("--size", required=True, help="A3, A4, A5, B4 or B5.")


@paper.command()
@click.option("--day", type=_DAY, required=True, help="The day on which it came in.")
@_SIZE
@click.option("--sheets", type=click.IntRange(min=1), help="How many sheets.")
@click.option("--packs", type=click.IntRange(min=1), help="How many boxes or packs, with --each.")
@click.option("--each", type=click.IntRange(min=1), help="How many sheets one of them holds.")
@_OF
@click.option("--supplier", default="", help="From whom it came.", metavar="NAME")
@click.option("--slip", default="", help="Number of its slip.", metavar="TEXT")
@formatted
@signing()
@click.pass_obj
@into(PaperOptions)
def add(where: Where, options: PaperOptions) -> int:
    """Enter one purchase of paper: one size, on one day.

    The same purchase again is refused; two that are alike are told apart by their slips.
    """

    def purchase(department: DepartmentId | None, size: PaperSize, now: datetime) -> PaperPurchase:
        by = (" ".join(options.supplier.split()), " ".join(options.slip.split()))
        signed = options.author.signature(now)
        return PaperPurchase(department, options.day.date(), size, options.count(), signed, *by)

    return asyncio.run(_one(loaded_from(*where), options, purchase))


@paper.command()
@click.option("--day", type=_DAY, required=True, help="The day at whose end it was counted.")
@_SIZE
@click.option(
    "--sheets", type=click.IntRange(min=0), required=True, help="How many sheets lie in store."
)
@_OF
@formatted
@signing()
@click.pass_obj
@into(PaperOptions)
def stock(where: Where, options: PaperOptions) -> int:
    """Enter how many sheets of one size lie in store; one of the same day is replaced.

    It tells the stock change where it was counted at the end of a quarter, or of a fiscal year.
    """

    def counted(department: DepartmentId | None, size: PaperSize, now: datetime) -> StockCount:
        signed = options.author.signature(now)
        return StockCount(department, options.day.date(), size, options.count(), signed)

    return asyncio.run(_one(loaded_from(*where), options, counted))


async def _one(
    loaded: "Loaded",
    options: PaperOptions,
    entry_of: Callable[[DepartmentId | None, PaperSize, datetime], PaperEntry],
) -> int:
    now, author = SystemClock().now(), options.author
    size = size_in(options.size)
    if size is None:
        message = phrase("paper_no_size", text=options.size, known=listed(PaperSize))
        raise click.BadParameter(message, param_hint="--size")
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        entry = entry_of(_buyer(options.department, context.fleet), size, now)
        stated, office = [TakenPaper(entry, PaperNews.NEW)], context.office
        plan = planned_paper(stated, await ledger.entries(), office, office.local_day(now))
        if plan.refused:
            raise click.BadParameter(worded(plan.refused[0].message), param_hint="--day")
        if plan.taken[0].news is PaperNews.SAME:
            complain(phrase("paper_twice"))
            return Exit.FINDINGS
        entries = plan.entries(author.signature(now))
        if await enter(ledger, context, entries, dry_run=author.dry_run) is None:
            return Exit.FINDINGS
    _tell(plan, context, loaded, options.form, dry_run=author.dry_run)
    return Exit.OK


def _buyer(text: str, fleet: Fleet) -> DepartmentId | None:
    return None if is_everybody(text) else named_department(fleet, text).id


@paper.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sheet", "sheet_name", help="Which sheet of a workbook.", metavar="NAME")
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="Take back what was entered of FILE and stands in it no longer.",
)
@formatted
@signing()
@click.pass_obj
def import_(
    where: Where, file: Path, sheet_name: str | None, author: Author, *, replacing: bool, form: str
) -> int:
    """Enter what the ledger of purchased paper FILE lists (.csv, .xlsx): all lines, or none.

    Columns: 日付 (or 年月), 課, サイズ, 枚数 (or 数量 and 入数), 在庫, 仕入先, 伝票番号.
    Others are left out. No 課 is the whole office. 在庫 is what lay in store at the end of that
    day.

    The same list again adds nothing; a stock that differs replaces the one before.
    """
    from collector.bootstrap.files import read_sheet

    loaded = loaded_from(*where)
    sheet = read_sheet(file, sheet_name)

    async def imported() -> int:
        now = SystemClock().now()
        opened = at_office(loaded, now, beside=True, record=not author.dry_run)
        async with opened as (ledger, context):
            remarks, office, signed = Remarks(), context.office, author.signature(now)
            rows = read_paper(sheet, context.fleet.departments, office, remarks)
            tell_notes(remarks.notes, sheet)
            stated = stated_paper(rows, sheet, signed)
            known, today = await ledger.entries(), office.local_day(now)
            plan = planned_paper(stated, known, office, today, sheet.file, replacing=replacing)
            refuse_sheet([*remarks.flaws, *plan.refused], sheet)
            entries = plan.entries(signed)
            if entries and await enter(ledger, context, entries, dry_run=author.dry_run) is None:
                return Exit.FINDINGS
        _tell(plan, context, loaded, form, dry_run=author.dry_run)
        return Exit.OK

    return asyncio.run(imported())


def _tell(
    plan: PaperPlan, context: OfficeContext, loaded: "Loaded", form: str, *, dry_run: bool
) -> None:
    """Print what was entered, and what else there is to know of it."""
    words, office = CommandWords(loaded.settings.office.language), context.office
    result_tables(form, _entries_table(plan.taken, context, words))
    news = Counter(one.news for one in plan.taken)
    if news[PaperNews.SAME]:
        is_all = news[PaperNews.SAME] == len(plan.taken)
        key = "paper_all_known" if is_all else "paper_some_known"
        say(phrase(key, count=news[PaperNews.SAME]))
    for day in sorted({one.entry.day for one in plan.taken if isinstance(one.entry, StockCount)}):
        if not _ends_a_quarter(day, office):
            say(phrase("paper_stock_between", day=day))
    if dry_run:
        say(phrase("dry_run_nothing"))


def _ends_a_quarter(day: date, office: Office) -> bool:
    year = fiscal_year(office.period_of(day).name, office.year_begins)
    periods = [one for around in (year - 1, year) for one in paper_periods(around, office)]
    ends = {end for one in periods for end in (one.start - ONE_DAY, one.end)}
    return any(holds_at(day, end, office) for end in ends)


def _entries_table(
    taken: Sequence[TakenPaper], context: OfficeContext, words: CommandWords
) -> Table[TakenPaper]:
    text = CellKind.TEXT

    def named(one: TakenPaper) -> str:
        return _named(one.entry.department, context.fleet)

    def kind(one: TakenPaper) -> str:
        return words(f"paper_kind.{_kind(one)}")

    def news(one: TakenPaper) -> str:
        return words(f"paper_news.{one.news}")

    return Table(
        "entered",
        (
            Column("id", _id, words("id"), text),
            Column("kind", _kind, words("paper_kind"), text, shown=kind),
            Column("day", lambda one: one.entry.day.isoformat(), words("paper_day"), text),
            Column(
                "department",
                lambda one: one.entry.department,
                words("excluded_of"),
                text,
                shown=named,
            ),
            Column("size", lambda one: one.entry.size.value, words("paper_size"), text),
            Column("sheets", lambda one: one.entry.sheets, words("paper_sheets")),
            Column(
                "supplier", partial(_by, "supplier"), words("paper_supplier"), text, optional=True
            ),
            Column("slip", partial(_by, "slip"), words("paper_slip"), text, optional=True),
            Column("source", lambda one: one.entry.source or None),
            Column("replaces", lambda one: one.entry.replaces),
            Column("state", lambda one: one.news.value, words("state"), text, shown=news),
        ),
        taken,
        spare=("slip", "supplier"),
    )


def _id(one: TakenPaper) -> str | None:
    """Return the id of the entry; a line that was known before has none of its own."""
    return None if one.news is PaperNews.SAME else one.entry.id


def _kind(one: TakenPaper) -> str:
    return "purchase" if isinstance(one.entry, PaperPurchase) else "stock"


def _by(name: str, one: TakenPaper) -> str | None:
    """Return what only a purchase tells, None where it does not."""
    return getattr(one.entry, name, None) or None
