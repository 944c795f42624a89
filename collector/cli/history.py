"""`copier-fleet history`: the monthly sheets of the years before, so that last year exists."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

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
from collector.bootstrap.files import read_sheet
from collector.bootstrap.office import context_of
from collector.cli.entering import Author, closed_months, enter, signing
from collector.cli.history_readings import ImportOptions, import_readings
from collector.cli.options import at_office, configured, json_option, loaded_from
from collector.cli.output import Exit, result_json, result_table, say
from collector.cli.words import CommandWords
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet, SheetHint, SheetRemark
from collector.domain.old_sheets.history import SheetHistory, Wishes, read_history
from collector.domain.old_sheets.kinds import SheetKind
from collector.errors import ConfigError, Problem
from collector.settings.load import Loaded
from collector.settings.values import month_problem

# What taking an old sheet in comes to, as tables and JSON. Pure: values in, cells out.


PLACE_NUMBERS = (3, 4)
MONTH_NUMBERS = (1, 2)
CHANGE_NUMBERS = (2, 3, 4)


def place_headings(words: CommandWords) -> list[str]:
    """Return the headings of `place_rows`."""
    return [
        words(key)
        for key in ("place", "history_first", "history_last", "history_count", "pages", "state")
    ]


def place_rows(taken: Sequence[TakenMonth], words: CommandWords) -> list[tuple[str, ...]]:
    """Return one row a place: from when to when, how many months and impressions, what is new."""
    rows: list[tuple[str, ...]] = []
    for place in sorted({one.month.place for one in taken}):
        own = [one for one in taken if one.month.place == place]
        months = sorted(one.month.month for one in own)
        pages = sum(one.month.pages[TOTAL] for one in own)
        cells = (place, months[0], months[-1], f"{len(own)}", f"{pages:,}")
        rows.append((*cells, news_text(own, words)))
    return rows


def news_text(taken: Iterable[TakenMonth], words: CommandWords) -> str:
    """Return how many months are new, changed and as before, the zeros left out."""
    counted = Counter(one.news for one in taken)
    parts = [
        f"{words(f'history_{news.value}')} {counted[news]}" for news in MonthNews if counted[news]
    ]
    return ", ".join(parts)


def month_headings(words: CommandWords) -> list[str]:
    """Return the headings of `month_rows`."""
    return [words(key) for key in ("month", "history_copiers", "pages", "state")]


def month_rows(taken: Sequence[TakenMonth], words: CommandWords) -> list[tuple[str, ...]]:
    """Return one row a month: as the foot of the sheet has it."""
    return [
        (
            month,
            f"{places}",
            f"{pages:,}",
            news_text([one for one in taken if one.month.month == month], words),
        )
        for month, (places, pages) in months_with(taken).items()
    ]


def change_headings(words: CommandWords) -> list[str]:
    """Return the headings of `change_rows`."""
    mine = ("history_before", "history_now", "change", "meter", "history_source")
    return [words(key) for key in ("place", "month", *mine)]


def change_rows(taken: Iterable[TakenMonth]) -> list[tuple[str, ...]]:
    """Return one row for each meter of each month that says something else than before."""
    rows: list[tuple[str, ...]] = []
    for one in taken:
        if one.before is None or one.news is not MonthNews.CHANGED:
            continue
        was, now = one.before.pages, one.month.pages
        changed = [meter for meter in sorted({*was, *now}) if was.get(meter) != now.get(meter)]
        for meter in changed or [TOTAL]:
            before, after = was.get(meter), now.get(meter)
            difference = "-" if before is None or after is None else f"{after - before:+,}"
            cells = (one.month.place, one.month.month, _count(before), _count(after), difference)
            rows.append((*cells, meter if changed else "", one.month.source))
    return rows


def _count(pages: int | None) -> str:
    return "-" if pages is None else f"{pages:,}"


def to_dict(one: TakenMonth) -> dict[str, object]:
    """Return one month as plain values for JSON."""
    month, was = one.month, one.before
    before: dict[str, object] | None = None
    if was is not None:
        before = {"entry": was.id, "pages": dict(was.pages)}
    return {
        "place": month.place,
        "month": month.month,
        "state": one.news.value,
        "pages": {**month.pages},
        "opening": dict(month.opening),
        "closing": dict(month.closing),
        "source": month.source,
        "before": before,
    }


_HINTS: Final = {
    SheetHint.PLACE: "or say which it is: --place NAME=ID; --place NAME= leaves it out",
    SheetHint.KIND: "or say which: --kind readings, --kind totals",
    SheetHint.YEAR: "or say of which fiscal year it is: --year 2025",
    SheetHint.READING: "see: copier-fleet read --help",
    SheetHint.DATE: "or leave these months out: --since MONTH",
}

_NOTES: Final = 20
"""What was left out, told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What to do with a sheet, and how to show it."""

    sheet: Sheet
    all_options: Wishes
    author: Author
    apply: bool
    as_json: bool


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
@click.option("--since", help="Leave out the months before this one.", metavar="MONTH")
@click.option("--until", help="Leave out the months after this one.", metavar="MONTH")
@click.option(
    "--apply/--dry-run",
    "apply_",
    default=False,
    help="Enter what is new or differs, which needs --why; default: only show it.",
)
@json_option
@signing(optional=True)
@configured
def import_(  # noqa: PLR0913 - a parameter for each option
    file: Path,
    *,
    are_readings: bool,
    sheet_name: str | None,
    kind: str | None,
    year: int | None,
    called: tuple[str, ...],
    since: str | None,
    until: str | None,
    author: Author,
    config: Path,
    secrets: tuple[Path, ...],
    apply_: bool,
    as_json: bool,
) -> int:
    """Take in FILE, a monthly sheet that was kept by hand (.csv, .xlsx), and show what it adds.

    One row a copier and one column a month, or the other way round, or one row a copier and month
    (設置場所, 年月, 前月指針, 当月指針, 使用枚数). Headings in Japanese or English; meters 合計,
    モノクロ, カラー, コピー, プリント, FAX. Titles, sums and empty rows are left out and told; a
    blank is not known, never 0. Every problem is told with its cell, and nothing is entered then.

    The same sheet again adds nothing; a corrected one replaces only the months that differ.

    With --readings: readings that another program took, older than what the ledger holds; first
    shown by place and month, with --apply counted as if the collector had read them itself.
    """
    if apply_ and not author.why.strip():
        raise click.BadParameter("say why, it is kept with the months", param_hint="--why")
    for hint, month in (("--since", since), ("--until", until)):
        problem = None if month is None else month_problem(month)
        if problem:
            raise click.BadParameter(problem, param_hint=hint)
    loaded = loaded_from(config, secrets)
    if are_readings:
        given = (("--sheet", sheet_name), ("--kind", kind), ("--year", year), ("--place", called))
        for hint, value in (*given, ("--since", since), ("--until", until)):
            if value:
                raise click.BadParameter("is for monthly sheets, not readings", param_hint=hint)
        return import_readings(loaded, ImportOptions(file, author, apply_, as_json))
    sheet = read_sheet(file, sheet_name)
    names = _called(called, loaded.fleet)
    all_options = Wishes(None if kind is None else SheetKind(kind), year, names, since, until)
    return asyncio.run(_import(loaded, _Asked(sheet, all_options, author, apply_, as_json)))


def _called(pairs: Sequence[str], fleet: Fleet) -> Mapping[str, PlaceId | None]:
    found: dict[str, PlaceId | None] = {}
    for pair in pairs:
        name, sign, place = (part.strip() for part in pair.rpartition("="))
        if not sign or not name:
            message = f"{pair!r} is no NAME=ID; write it like '総務課前=2f-soumu'"
            raise click.BadParameter(message, param_hint="--place")
        if place and fleet.place(PlaceId(place)) is None:
            known = ", ".join(one.id for one in fleet.places)
            message = f"no place {place!r}; known are: {known}"
            raise click.BadParameter(message, param_hint="--place")
        found[name] = PlaceId(place) if place else None
    return found


async def _import(loaded: Loaded, asked: _Asked) -> int:
    now = SystemClock().now()
    words = CommandWords(loaded.settings.office.language)
    if not asked.apply and not loaded.settings.ledger.path.exists():
        context = context_of(loaded, now.date())
        read = _read(context, asked)
        plan, closed = planned(context, read.months, (), {}, now), frozenset[str]()
        _refuse([*read.flaws, *plan.refused], asked.sheet)
        say("there is no ledger yet; start the collector once before --apply")
    else:
        read, plan, closed = await _planned(loaded, asked, now)
    if asked.as_json:
        _show_json(read, plan, asked.sheet)
    else:
        _show(read, plan, words)
    _tell_end(plan, closed, asked)
    return Exit.OK


def _read(context: OfficeContext, asked: _Asked) -> SheetHistory:
    read = read_history(asked.sheet, context.fleet, context.office, asked.all_options)
    _tell_notes(read, asked.sheet)
    return read


async def _planned(
    loaded: Loaded, asked: _Asked, now: datetime
) -> tuple[SheetHistory, HistoryImport, frozenset[str]]:
    """Return the plan, carried out where that was asked for, and which months are closed."""
    # Where there is none yet, it is for the daemon to make one; reading says so.
    beside = asked.apply and loaded.settings.ledger.path.exists()
    async with at_office(loaded, now, beside=beside, record=beside) as (ledger, context):
        read = _read(context, asked)
        plan = await plan_import(ledger, context, read.months, now)
        _refuse([*read.flaws, *plan.refused], asked.sheet)
        if asked.apply:
            entries = plan.entries(asked.author.signature(now))
            await enter(ledger, context, entries, dry_run=False)
        return read, plan, await closed_months(ledger)


def _refuse(flaws: Sequence[SheetRemark], sheet: Sheet) -> None:
    """Raise ConfigError with all of `flaws`, from the top of the sheet down; nothing for none."""
    if not flaws:
        return
    ordered = sorted(flaws, key=lambda one: one.position)
    raise ConfigError([Problem(sheet.where(one.line, one.column), _advice(one)) for one in ordered])


def _advice(flaw: SheetRemark) -> str:
    return flaw.message + ("" if flaw.hint is None else f" ({_HINTS[flaw.hint]})")


def _tell_notes(read: SheetHistory, sheet: Sheet) -> None:
    for one in read.notes[:_NOTES]:
        say(f"note: {sheet.where(one.line, one.column)}: {one.message}")
    if len(read.notes) > _NOTES:
        say(f"note: and {len(read.notes) - _NOTES} more of these")


def _show_json(read: SheetHistory, plan: HistoryImport, sheet: Sheet) -> None:
    result_json(
        {
            "file": sheet.file,
            "sheet": sheet.name,
            "kind": None if read.kind is None else read.kind.value,
            "because": read.because,
            "layouts": [one.value for one in read.layouts],
            "notes": [
                {"where": sheet.where(one.line, one.column), "message": one.message}
                for one in read.notes
            ],
            "months": [to_dict(one) for one in plan.taken],
        }
    )


def _show(read: SheetHistory, plan: HistoryImport, words: CommandWords) -> None:
    kind = "readings of the meters" if read.kind is SheetKind.READINGS else "pages of each month"
    layouts = "; ".join(one.value for one in read.layouts)
    say(f"read as {kind} ({read.because}): {layouts}")
    if not plan.taken:
        return
    result_table(
        place_headings(words),
        place_rows(plan.taken, words),
        title=words("history_places"),
        numbers=PLACE_NUMBERS,
    )
    result_table(
        month_headings(words),
        month_rows(plan.taken, words),
        title=words("history_months"),
        numbers=MONTH_NUMBERS,
    )
    changes = change_rows(plan.taken)
    if changes:
        result_table(
            change_headings(words),
            changes,
            title=words("history_changes"),
            numbers=CHANGE_NUMBERS,
        )


def _tell_end(plan: HistoryImport, closed: frozenset[str], asked: _Asked) -> None:
    entries = [one for one in plan.taken if one.news is not MonthNews.SAME]
    if not plan.taken:
        say("no month is left between --since and --until")
        return
    if not entries:
        say("every month of this sheet was taken in before; nothing is to be entered")
        return
    if not asked.apply:
        say("nothing was written; with --apply --why TEXT it is")
        return
    say(f"{len(entries)} months entered; copier-fleet entries lists them, entries withdraw undoes")
    for month in sorted({one.month.month for one in entries} & closed):
        say(f"{month} is closed: the change becomes an adjustment by: copier-fleet close {month}")
