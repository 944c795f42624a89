"""`copier-fleet history`: the monthly sheets of the years before, so that last year exists."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from collector.adapters.clock import SystemClock
from collector.app.ground import Ground
from collector.app.import_history import News, Plan, plan_import, planned
from collector.bootstrap.office import ground_of
from collector.bootstrap.sheets import read_sheet
from collector.cli import history_table
from collector.cli.entering import Author, closed_months, enter, signing
from collector.cli.history_readings import Wish, import_readings
from collector.cli.office import at_office
from collector.cli.options import configured, json_option, loaded_from
from collector.cli.output import Exit, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.fleet import Fleet
from collector.domain.old_sheets.cells import Hint, Remark, Sheet
from collector.domain.old_sheets.history import History, Wishes, read_history
from collector.domain.old_sheets.kinds import Kind
from collector.domain.reading import PlaceId
from collector.errors import ConfigError, Problem
from collector.settings.load import Loaded
from collector.settings.months import month_problem

_HINTS: Final = {
    Hint.PLACE: "or say which it is: --place NAME=ID; --place NAME= leaves it out",
    Hint.KIND: "or say which: --kind readings, --kind totals",
    Hint.YEAR: "or say of which fiscal year it is: --year 2025",
    Hint.READING: "see: copier-fleet read --help",
    Hint.DATE: "or leave these months out: --since MONTH",
}

_NOTES: Final = 20
"""What was left out, told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What to do with a sheet, and how to show it."""

    sheet: Sheet
    wishes: Wishes
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
    type=click.Choice([one.value for one in Kind]),
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
        return import_readings(loaded, Wish(file, author, apply_, as_json))
    sheet = read_sheet(file, sheet_name)
    names = _called(called, loaded.fleet)
    wishes = Wishes(None if kind is None else Kind(kind), year, names, since, until)
    return asyncio.run(_import(loaded, _Asked(sheet, wishes, author, apply_, as_json)))


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
    words = Words(loaded.settings.office.language)
    if not asked.apply and not loaded.settings.ledger.path.exists():
        ground = ground_of(loaded, now.date())
        read = _read(ground, asked)
        plan, closed = planned(ground, read.months, (), {}, now), frozenset[str]()
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


def _read(ground: Ground, asked: _Asked) -> History:
    read = read_history(asked.sheet, ground.fleet, ground.office, asked.wishes)
    _tell_notes(read, asked.sheet)
    return read


async def _planned(
    loaded: Loaded, asked: _Asked, now: datetime
) -> tuple[History, Plan, frozenset[str]]:
    """Return the plan, carried out where that was asked for, and which months are closed."""
    # Where there is none yet, it is for the daemon to make one; reading says so.
    beside = asked.apply and loaded.settings.ledger.path.exists()
    async with at_office(loaded, now, beside=beside, record=beside) as (ledger, ground):
        read = _read(ground, asked)
        plan = await plan_import(ledger, ground, read.months, now)
        _refuse([*read.flaws, *plan.refused], asked.sheet)
        if asked.apply:
            entries = plan.entries(asked.author.signature(now))
            await enter(ledger, ground, entries, dry_run=False)
        return read, plan, await closed_months(ledger)


def _refuse(flaws: Sequence[Remark], sheet: Sheet) -> None:
    """Raise ConfigError with all of `flaws`, from the top of the sheet down; nothing for none."""
    if not flaws:
        return
    ordered = sorted(flaws, key=lambda one: one.position)
    raise ConfigError([Problem(sheet.where(one.line, one.column), _advice(one)) for one in ordered])


def _advice(flaw: Remark) -> str:
    return flaw.message + ("" if flaw.hint is None else f" ({_HINTS[flaw.hint]})")


def _tell_notes(read: History, sheet: Sheet) -> None:
    for one in read.notes[:_NOTES]:
        say(f"note: {sheet.where(one.line, one.column)}: {one.message}")
    if len(read.notes) > _NOTES:
        say(f"note: and {len(read.notes) - _NOTES} more of these")


def _show_json(read: History, plan: Plan, sheet: Sheet) -> None:
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
            "months": [history_table.to_dict(one) for one in plan.taken],
        }
    )


def _show(read: History, plan: Plan, words: Words) -> None:
    kind = "readings of the meters" if read.kind is Kind.READINGS else "pages of each month"
    layouts = "; ".join(one.value for one in read.layouts)
    say(f"read as {kind} ({read.because}): {layouts}")
    if not plan.taken:
        return
    result_table(
        history_table.place_headings(words),
        history_table.place_rows(plan.taken, words),
        title=words("history_places"),
        numbers=history_table.PLACE_NUMBERS,
    )
    result_table(
        history_table.month_headings(words),
        history_table.month_rows(plan.taken, words),
        title=words("history_months"),
        numbers=history_table.MONTH_NUMBERS,
    )
    changes = history_table.change_rows(plan.taken)
    if changes:
        result_table(
            history_table.change_headings(words),
            changes,
            title=words("history_changes"),
            numbers=history_table.CHANGE_NUMBERS,
        )


def _tell_end(plan: Plan, closed: frozenset[str], asked: _Asked) -> None:
    entries = [one for one in plan.taken if one.news is not News.SAME]
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
