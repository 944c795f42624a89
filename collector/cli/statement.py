"""`copier-fleet statement`: look at closed months, verify them, compare their revisions."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.close.audit_statements import Audit, audit_statements
from collector.bootstrap.office import context_of
from collector.cli.options import at_office, configured, json_option, loaded_from
from collector.cli.output import Exit, complain, progress, result_json, result_table, say
from collector.cli.statement_table import (
    change_dict,
    print_adjustments,
    print_changes,
    print_statement,
    title,
    to_dict,
)
from collector.cli.words import CommandWords
from collector.domain.closing.draw_up import completeness
from collector.domain.closing.statement import Sealed, Statement
from collector.domain.meters import TOTAL
from collector.domain.report.sentences import completeness_text
from collector.settings.load import Loaded

_DIGITS: Final = 12
_FIRST_TWO: Final = 2


@click.group()
def statement() -> None:
    """Show, verify and compare the statements of closed months."""


@statement.command("list")
@json_option
@configured
def list_(config: Path, secrets: tuple[Path, ...], *, as_json: bool) -> int:
    """List every statement in the order in which they were sealed."""
    source = _StatementSource(loaded_from(config, secrets))
    sealed = asyncio.run(source.sealed(None))
    if as_json:
        result_json([_listed(one) for one in sealed])
    else:
        source.print_list(sealed)
    return Exit.OK


@statement.command()
@click.argument("month")
@click.option("--revision", type=click.IntRange(min=1), help="This one; default: the newest.")
@click.option("--proof", is_flag=True, help="How every place's pages come about.")
@json_option
@configured
def show(
    month: str,
    revision: int | None,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    proof: bool,
    as_json: bool,
) -> int:
    """Show the statement of MONTH as it was sealed: places, adjustments, departments."""
    source = _StatementSource(loaded_from(config, secrets))
    revisions = asyncio.run(source.sealed(month))
    found = source.revision(month, revisions, revision or len(revisions))
    if found is None:
        return Exit.USAGE
    if as_json:
        result_json(to_dict(found.statement) | {"seal": found.seal})
    else:
        source.print_one(found, proof=proof)
    return Exit.OK


@statement.command()
@click.argument("month")
@click.argument("revisions", type=click.IntRange(min=1), nargs=-1)
@json_option
@configured
def diff(
    month: str,
    revisions: tuple[int, ...],
    config: Path,
    secrets: tuple[Path, ...],
    *,
    as_json: bool,
) -> int:
    """Show what changed in MONTH from one revision to another; default: the last two."""
    if len(revisions) not in {0, _FIRST_TWO}:
        raise click.BadParameter("name two revisions, or none", param_hint="REVISIONS")
    source = _StatementSource(loaded_from(config, secrets))
    sealed = asyncio.run(source.sealed(month))
    if len(sealed) == 1 and not revisions:
        say(source.words("one_revision", month=month))
        return Exit.OK
    first, second = sorted(revisions) or (len(sealed) - 1, len(sealed))
    one, two = (source.revision(month, sealed, number) for number in (first, second))
    if one is None or two is None:
        return Exit.USAGE
    source.print_diff(one.statement, two.statement, as_json=as_json)
    return Exit.OK


@statement.command()
@click.argument("month", required=False)
@json_option
@configured
def verify(month: str | None, config: Path, secrets: tuple[Path, ...], *, as_json: bool) -> int:
    """Check every seal, the chain and all sums, and count the pages again from the ledger.

    Exit code 1 where a statement was changed after it was sealed, or where the ledger counts
    otherwise today; closing that month again brings it in as adjustments.
    """
    source = _StatementSource(loaded_from(config, secrets))
    audit = asyncio.run(source.audit(month, SystemClock().now()))
    if as_json:
        result_json(_audit_json(audit))
    else:
        source.print_audit(audit)
    return Exit.OK if audit.is_good else Exit.FINDINGS


class _StatementSource:
    """Where statements are laid out: configuration, words, ledger."""

    def __init__(self, loaded: Loaded) -> None:
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
            with progress("verify", len(months)) as bar:
                return await audit_statements(
                    *(ledger, self._context, now, month),
                    advance=lambda: bar.advance(TaskID(0)),
                )

    def print_list(self, sealed: Sequence[Sealed]) -> None:
        words, zone = self.words, self._context.office.zone
        rows = [
            (
                one.statement.period.name,
                str(one.statement.revision),
                f"{one.statement.closed_at.astimezone(zone):%Y-%m-%d %H:%M}",
                one.statement.closed_by,
                f"{one.statement.total:,}",
                completeness_text(completeness(one.statement), japanese=words.is_japanese),
                one.seal[:_DIGITS],
            )
            for one in sealed
        ]
        keys = ("month", "revision", "closed_at", "closed_by", "pages", "completeness", "seal")
        headings = [words(key) for key in keys]
        result_table(headings, rows, title=words("statements_title"), numbers=(1, 4), spare=(6, 2))

    def print_one(self, one: Sealed, *, proof: bool) -> None:
        words, statement_ = self.words, one.statement
        heading = title(statement_, words, planned=False)
        print_statement(statement_, self._context, words, heading, proof=proof)
        local = statement_.closed_at.astimezone(self._context.office.zone)
        facts = {"at": f"{local:%Y-%m-%d %H:%M}", "by": statement_.closed_by}
        say(words("sealed_by", seal=one.seal, **facts))

    def print_diff(self, one: Statement, two: Statement, *, as_json: bool) -> None:
        words = self.words
        lines = [a for a in two.adjustments if a.revision > one.revision]
        before, after = one.department_pages(), two.department_pages()
        changed = {
            department: (
                before.get(department, {}).get(TOTAL, 0),
                after.get(department, {}).get(TOTAL, 0),
            )
            for department in after
        }
        if as_json:
            kept = {(a.place, a.department, a.revision) for a in lines}
            content = to_dict(two)["adjustments"]
            found = [
                each
                for each in content
                if (each["place"], each["department"], each["revision"]) in kept
            ]
            result_json({"departments": changed, "adjustments": found})
            return
        print_adjustments(two, lines, self._context, words)
        names = {line.department: line.name for line in two.departments}
        rows = [
            (names.get(key, key), f"{was:,}", f"{now:,}", f"{now - was:+,}")
            for key, (was, now) in changed.items()
        ]
        rows.append(
            (words("total"), f"{one.total:,}", f"{two.total:,}", f"{two.total - one.total:+,}")
        )
        facts = {"month": two.period.name, "one": one.revision, "two": two.revision}
        headings = [words(key) for key in ("department", "before", "after", "change")]
        result_table(headings, rows, title=words("diff_title", **facts), numbers=(1, 2, 3))

    def print_audit(self, audit: Audit) -> None:
        words = self.words
        if audit.is_good:
            say(words("verified", count=audit.statements))
            return
        if audit.faults:
            rows = [
                (one.period, str(one.revision), words(f"fault_{one.kind.value}"), one.detail)
                for one in audit.faults
            ]
            headings = [words(key) for key in ("month", "revision", "fault", "detail")]
            result_table(headings, rows, title=words("faults_title"), numbers=(1,))
            complain(words("fault_advice"))
        for each in audit.differing:
            print_changes(each.changes, words, "differs_title")
            facts = {"month": each.period, "count": len(each.changes)}
            complain(words("verified_month_differs", **facts))


def _listed(one: Sealed) -> dict[str, object]:
    content = to_dict(one.statement)
    keys = ("revision", "closed_at", "closed_by", "total", "completeness", "previous")
    return {"month": one.statement.period.name, "seal": one.seal} | {
        key: content[key] for key in keys
    }


def _audit_json(audit: Audit) -> dict[str, object]:
    return {
        "statements": audit.statements,
        "faults": [
            {
                "month": one.period,
                "revision": one.revision,
                "fault": one.kind.value,
                "detail": one.detail,
            }
            for one in audit.faults
        ],
        "differing": [
            {"month": one.period, "changes": [change_dict(each) for each in one.changes]}
            for one in audit.differing
        ],
    }
