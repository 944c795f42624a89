"""What commands share that enter something: who does it, and what follows from it."""

import getpass
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, TypeVar, cast

import click

from collector.app.enter.amend import Amend, Amended
from collector.app.office_context import OfficeContext
from collector.cli.output import SPOKEN, complain, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.counting.entries import Entry
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet, SheetRemark, letters
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.sentence import Sentence, sentence
from collector.errors import ConfigError, LedgerMoved, Spot
from collector.ports import Ledger

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Author:
    """What the options say of who enters something, and why; `dry_run`: only look."""

    by: str | None
    why: str
    dry_run: bool = False

    def signature(self, now: datetime) -> Signature:
        """Return who enters something `now`; raises BadParameter for an empty reason or name."""
        name = (self.by or os.environ.get("SUDO_USER") or getpass.getuser()).strip()
        reason = " ".join(self.why.split())
        if not name or not reason:
            raise click.BadParameter(
                phrase("must_not_be_empty"), param_hint="--by" if reason else "--why"
            )
        return Signature(name, reason, now.replace(microsecond=0))


def signing(*, optional: bool = False) -> Callable[[Command], Command]:
    """Give a command the options --by, --why and --dry-run, joined into one `author`.

    `optional`: only looking needs no reason, so there is no --dry-run and --why may be absent.
    """

    def decorated(command: Command) -> Command:
        @wraps(command)
        def with_author(*args: object, by: str | None, why: str, **rest: object) -> Any:  # noqa: ANN401 - a command returns its exit code or nothing
            author = Author(by, why, dry_run=bool(rest.pop("dry_run", False)))
            return command(*args, author=author, **rest)

        return cast("Command", _options(with_author, optional=optional))

    return decorated


def _options(command: Callable[..., Any], *, optional: bool) -> Callable[..., Any]:
    name = click.option(
        "--by", help="Who enters it; default: the user of this terminal.", metavar="NAME"
    )
    default: dict[str, Any] = {"default": ""} if optional else {"required": True}
    reason = click.option(
        "--why",
        **default,
        help="The reason, in your words.",
        metavar="TEXT",
    )
    if not optional:
        command = click.option("--dry-run", is_flag=True, help="Only show what would follow.")(
            command
        )
    return name(reason(command))


def instant(text: str, office: Office, now: datetime, hint: str = "--at") -> datetime:
    """Return the instant that `text` names, in the office's zone unless it states one.

    Raises BadParameter for what is no time, and for one that is yet to come.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        message = phrase("no_time", text=text)
        raise click.BadParameter(message, param_hint=hint) from exc
    at = (at if at.tzinfo else at.replace(tzinfo=office.zone)).astimezone(UTC)
    if at > now:
        raise click.BadParameter(phrase("yet_to_come", text=text), param_hint=hint)
    return at.replace(microsecond=0)


async def enter(
    ledger: Ledger, context: OfficeContext, entries: Sequence[Entry], *, dry_run: bool
) -> Amended | None:
    """Put `entries` in force unless `dry_run`; None where something moved under them meanwhile."""
    amend = Amend(ledger, context)
    outcome = await amend.work_out(entries)
    if dry_run:
        return outcome
    try:
        return await amend.carry_out(outcome)
    except LedgerMoved:
        complain(phrase("reading_meanwhile"))
        return None


async def closed_months(ledger: Ledger) -> frozenset[str]:
    """Return the names of the months that were closed."""
    return frozenset(one.statement.period.name for one in await ledger.statements())


Changed = tuple[tuple[PlaceId, str], int]
"""A place and a month, and by how many pages it changes."""


def changes_table(
    outcome: Amended, context: OfficeContext, words: CommandWords, closed: frozenset[str]
) -> Table[Changed]:
    """Return by how much the places' months change."""
    text = CellKind.TEXT
    return Table(
        "changes",
        (
            Column("place", lambda row: row[0][0], words("place"), text),
            Column("month", lambda row: row[0][1], words("month"), text),
            Column("difference", lambda row: row[1], words("change"), CellKind.SIGNED),
            Column(
                "closed",
                lambda row: row[0][1] in closed,
                words("state"),
                text,
                shown=lambda row: words("closed") if row[0][1] in closed else "",
            ),
        ),
        list(outcome.month_changes(context).items()),
        needs_rows=True,
    )


def show_outcome(
    outcome: Amended,
    context: OfficeContext,
    words: CommandWords,
    closed: frozenset[str],
    form: str,
    *,
    dry_run: bool,
) -> None:
    """Print by how much the places' months change, and what is still to be done."""
    table = changes_table(outcome, context, words, closed)
    result_tables(form, table)
    if not table.rows and outcome.days:
        say(phrase("months_stay_days"))
    elif not table.rows:
        say(phrase("no_page_differs"))
    if dry_run:
        say(phrase("dry_run_nothing"))
        return
    for month in sorted({month for (_, month), _ in table.rows} & closed):
        say(phrase("becomes_adjustment", month=month, again=month))


# What is told of a sheet that people kept, and why it is refused.


_NOTES: Final = 20
"""What was left out, told one by one; the rest is counted."""


def refuse_sheet(flaws: Sequence[SheetRemark], sheet: Sheet) -> None:
    """Raise ConfigError with all of `flaws`, from the top of the sheet down; nothing for none."""
    if not flaws:
        return
    from collector.user_files.report import problem_at

    ordered = sorted(flaws, key=lambda one: one.position)
    raise ConfigError([problem_at(_spot_in(sheet, one), _advice(one)) for one in ordered])


def _spot_in(sheet: Sheet, remark: SheetRemark) -> Spot:
    """Return where `remark` is about: a line of a CSV, or a cell of a workbook."""
    line, column = remark.line, remark.column
    if sheet.name is None and line:
        return Spot(sheet.file, line, column="" if column is None else letters(column))
    return Spot(sheet.where(line, column))


def _advice(flaw: SheetRemark) -> Sentence:
    if flaw.hint is None:
        return flaw.message
    hint = sentence(f"hint.{flaw.hint.value}")
    return sentence("sheet.advised", said=flaw.message, hint=hint)


def tell_notes(notes: Sequence[SheetRemark], sheet: Sheet) -> None:
    """Say what of `sheet` was left out or decided: the first ones, and how many more there are."""
    for one in notes[:_NOTES]:
        say(
            phrase(
                "note_where",
                where=SPOKEN.get().place(_spot_in(sheet, one)),
                what=worded(one.message),
            )
        )
    if len(notes) > _NOTES:
        say(phrase("note_more", count=len(notes) - _NOTES))
