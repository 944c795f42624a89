"""`copier-fleet statement`: look at closed months, verify them, compare their revisions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.close.close_month import Audit, audit_statements
from collector.bootstrap.office import context_of
from collector.cli.options import (
    MONTH,
    ConfigOptions,
    at_office,
    configured,
    formatted,
    into,
    loaded_from,
)
from collector.cli.output import Exit, complain, phrase, progress, result_tables, say
from collector.cli.statement_table import (
    adjustments_table,
    changes_table,
    completeness_dict,
    statement_tables,
    title,
    to_dict,
)
from collector.cli.words import CommandWords
from collector.domain.closing.draw_up import completeness
from collector.domain.closing.seal import Fault
from collector.domain.closing.statement import Sealed, Statement
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import DepartmentId
from collector.domain.report.table import CellKind, Column, Table, records, total_of
from collector.texts.figures import completeness_text

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_DIGITS: Final = 12
_FIRST_TWO: Final = 2


@click.group()
def statement() -> None:
    """Show, verify and compare the statements of closed months."""


@statement.command("list")
@formatted
@configured
def list_(config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """List every statement in the order in which they were sealed."""
    source = _StatementSource(loaded_from(config, secrets))
    sealed = asyncio.run(source.sealed(None))
    result_tables(form, source.list_table(sealed))
    return Exit.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions(ConfigOptions):
    """Which statement to show, and how."""

    month: str
    revision: int | None
    proof: bool
    form: str


@statement.command()
@click.argument("month", metavar="MONTH", type=MONTH)
@click.option("--revision", type=click.IntRange(min=1), help="This one; default: the newest.")
@click.option("--proof", is_flag=True, help="How every place's pages come about.")
@formatted
@configured
@into(ShowOptions)
def show(options: ShowOptions) -> int:
    """Show the statement of MONTH as it was sealed: places, adjustments, departments."""
    source = _StatementSource(options.load())
    revisions = asyncio.run(source.sealed(options.month))
    found = source.revision(options.month, revisions, options.revision or len(revisions))
    if found is None:
        return Exit.USAGE
    source.print_one(found, options)
    return Exit.OK


@statement.command()
@click.argument("month", metavar="MONTH", type=MONTH)
@click.argument("revisions", type=click.IntRange(min=1), nargs=-1)
@formatted
@configured
def diff(
    month: str, revisions: tuple[int, ...], config: Path, secrets: tuple[Path, ...], *, form: str
) -> int:
    """Show what changed in MONTH from one revision to another; default: the last two."""
    if len(revisions) not in {0, _FIRST_TWO}:
        raise click.BadParameter(phrase("two_revisions"), param_hint="REVISIONS")
    source = _StatementSource(loaded_from(config, secrets))
    sealed = asyncio.run(source.sealed(month))
    if len(sealed) == 1 and not revisions:
        say(source.words("one_revision", month=month))
        return Exit.OK
    first, second = sorted(revisions) or (len(sealed) - 1, len(sealed))
    one, two = (source.revision(month, sealed, number) for number in (first, second))
    if one is None or two is None:
        return Exit.USAGE
    source.print_diff(one.statement, two.statement, form)
    return Exit.OK


@statement.command()
@click.argument("month", metavar="[MONTH]", type=MONTH, required=False)
@formatted
@configured
def verify(month: str | None, config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Check every seal, the chain and all sums, and count the pages again from the ledger.

    Exit code 1 where a statement was changed after it was sealed, or where the ledger counts
    otherwise today; closing that month again brings it in as adjustments.
    """
    source = _StatementSource(loaded_from(config, secrets))
    audit = asyncio.run(source.audit(month, SystemClock().now()))
    source.print_audit(audit, form)
    return Exit.OK if audit.is_good else Exit.FINDINGS


class _StatementSource:
    """Where statements are laid out: configuration, words, ledger."""

    def __init__(self, loaded: "Loaded") -> None:
        self._loaded = loaded
        self.words = CommandWords(loaded.settings.office.language)
        self._context = context_of(loaded, SystemClock().now().date())

    async def sealed(self, month: str | None) -> Sequence[Sealed]:
        """Return the statements (of `month`), oldest first."""
        async with at_office(self._loaded, SystemClock().now()) as (ledger, self._context):
            return await ledger.statements(month)

    def revision(self, month: str, sealed: Sequence[Sealed], number: int) -> Sealed | None:
        """Return that revision, or say that there is none."""
        found = next((one for one in sealed if one.statement.revision == number), None)
        if found is not None:
            return found
        if not sealed:
            complain(self.words("not_closed", month=month))
        else:
            facts = {"month": month, "revision": number, "latest": len(sealed)}
            complain(self.words("no_revision", **facts))
        return None

    async def audit(self, month: str | None, now: datetime) -> Audit:
        """Return what verifying comes to; a bar shows the months."""
        async with at_office(self._loaded, now) as (ledger, self._context):
            months = {one.statement.period.name for one in await ledger.statements(month)}
            if month is not None and not months:
                message = self.words("not_closed", month=month)
                raise click.BadParameter(message, param_hint="MONTH")
            with progress(phrase("bar_verify"), len(months)) as bar:
                return await audit_statements(
                    *(ledger, self._context, now, month),
                    advance=lambda: bar.advance(bar.task_ids[0]),
                )

    def list_table(self, sealed: Sequence[Sealed]) -> Table[Sealed]:
        words, zone, text = self.words, self._context.office.zone, CellKind.TEXT
        return Table(
            "statements",
            (
                Column("month", lambda one: one.statement.period.name, words("month"), text),
                Column(
                    "seal",
                    lambda one: one.seal,
                    words("seal"),
                    text,
                    shown=lambda one: one.seal[:_DIGITS],
                ),
                Column("revision", lambda one: one.statement.revision, words("revision")),
                Column(
                    "closed_at",
                    lambda one: one.statement.closed_at.astimezone(UTC).isoformat(),
                    words("closed_at"),
                    text,
                    shown=lambda one: f"{one.statement.closed_at.astimezone(zone):%Y-%m-%d %H:%M}",
                ),
                Column("closed_by", lambda one: one.statement.closed_by, words("closed_by"), text),
                Column("total", lambda one: one.statement.total, words("pages")),
                Column(
                    "completeness",
                    lambda one: completeness_dict(completeness(one.statement)),
                    words("completeness"),
                    text,
                    shown=lambda one: completeness_text(
                        completeness(one.statement), japanese=words.is_japanese
                    ),
                ),
                Column("previous", lambda one: one.statement.previous),
            ),
            sealed,
            title=words("statements_title"),
            shown=_LISTED,
            spare=("seal", "closed_at"),
        )

    def print_one(self, one: Sealed, options: ShowOptions) -> None:
        words, statement_ = self.words, one.statement
        heading = title(statement_, words, planned=False)
        tables = statement_tables(statement_, self._context, words, heading, proof=options.proof)
        document = to_dict(statement_) | {"seal": one.seal}
        result_tables(options.form, *tables, document=document)
        if options.form == "table":
            local = statement_.closed_at.astimezone(self._context.office.zone)
            facts = {"at": f"{local:%Y-%m-%d %H:%M}", "by": statement_.closed_by}
            say(words("sealed_by", seal=one.seal, **facts))

    def print_diff(self, one: Statement, two: Statement, form: str) -> None:
        lines = adjustments_table(two, self._context.fleet, self.words, one.revision)
        sums = [each.department_pages() for each in (one, two)]
        changed = {
            department: tuple(pages.get(department, {}).get(TOTAL, 0) for pages in sums)
            for department in sums[1]
        }
        kept = [row.sealed for row in lines.rows]
        document = {"departments": changed, "adjustments": kept}
        result_tables(form, lines, self._sums_table(one, two, changed), document=document)

    def _sums_table(
        self, one: Statement, two: Statement, changed: Mapping[DepartmentId, tuple[int, ...]]
    ) -> Table[tuple[str, int, int]]:
        """Return by how much the departments' pages differ between two revisions."""
        words = self.words
        names = {line.department: line.name for line in two.departments}
        facts = {"month": two.period.name, "one": one.revision, "two": two.revision}
        columns: tuple[Column[tuple[str, int, int]], ...] = (
            Column("department", lambda row: row[0], words("department"), CellKind.TEXT),
            Column("before", lambda row: row[1], words("before")),
            Column("after", lambda row: row[2], words("after")),
            Column("change", lambda row: row[2] - row[1], words("change"), CellKind.SIGNED),
        )
        return Table(
            "sums",
            columns,
            [(names.get(key, key), was, now) for key, (was, now) in changed.items()],
            title=words("diff_title", **facts),
            total=total_of(columns, (words("total"), one.total, two.total)),
        )

    def print_audit(self, audit: Audit, form: str) -> None:
        words, faults = self.words, self._faults_table(audit)
        if form == "table" and audit.is_good:
            say(words("verified", count=audit.statements))
            return
        result_tables(form, faults, document=_audit_json(audit, faults, words))
        if form == "json":
            return
        if audit.faults:
            complain(words("fault_advice"))
            for kind in dict.fromkeys(one.kind for one in audit.faults):
                say(words("explain_code", code=kind.value))
        for each in audit.differing:
            if form == "table":
                result_tables(form, changes_table(each.changes, words, "differs_title"))
            facts = {"month": each.period, "count": len(each.changes)}
            complain(words("verified_month_differs", **facts))

    def _faults_table(self, audit: Audit) -> Table[Fault]:
        words, text = self.words, CellKind.TEXT
        return Table(
            "faults",
            (
                Column("month", lambda one: one.period, words("month"), text),
                Column("revision", lambda one: one.revision, words("revision")),
                Column(
                    "fault",
                    lambda one: one.kind.value,
                    words("fault"),
                    text,
                    shown=lambda one: words(f"fault_{one.kind.value}"),
                ),
                Column("detail", lambda one: one.detail, words("detail"), text),
            ),
            audit.faults,
            title=words("faults_title"),
            needs_rows=True,
        )


_LISTED: Final = ("month", "revision", "closed_at", "closed_by", "total", "completeness", "seal")


def _audit_json(audit: Audit, faults: Table[Fault], words: CommandWords) -> dict[str, object]:
    return {
        "statements": audit.statements,
        "faults": records(faults),
        "differing": [
            {"month": one.period, "changes": records(changes_table(one.changes, words))}
            for one in audit.differing
        ],
    }
