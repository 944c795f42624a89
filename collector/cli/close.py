"""`copier-fleet close`: show what closing a month would seal, and seal the plan that was shown."""

import asyncio
import getpass
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.close.close_month import CloseMonth, Refusal, RefusalKind
from collector.app.office_context import OfficeContext
from collector.app.poll.trusted_clock import is_ahead_of
from collector.bootstrap.office import context_of, has_ledger, open_ledger
from collector.cli.language import default_config
from collector.cli.options import (
    MONTH,
    ConfigOptions,
    configured,
    formatted,
    into,
    known_context,
)
from collector.cli.output import (
    Exit,
    complain,
    listed,
    phrase,
    progress,
    result_json,
    result_tables,
    say,
    worded,
)
from collector.cli.statement_table import (
    changes_table,
    completeness_dict,
    statement_tables,
    title,
    to_dict,
)
from collector.cli.words import CommandWords
from collector.domain.closing.draw_up import changes_between, checksum
from collector.domain.closing.statement import Change, ClosingPlan, Sealed, Statement
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import CellKind, Column, Table, records
from collector.errors import LedgerError, LedgerMoved
from collector.ports import Ledger
from collector.texts.figures import completeness_text

if TYPE_CHECKING:
    from collector.settings.load import Loaded

# What `close` answers: a plan, what was sealed, or why nothing was. Tables, sentences or JSON.


_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOptions(ConfigOptions):
    """What the command line asks for."""

    month: str | None
    apply: str | None
    by: str | None
    estimate_now: bool
    up_to: bool
    form: str

    @property
    def as_json(self) -> bool:
        """Whether the whole answer is for programs."""
        return self.form == "json"

    def command(self, month: str) -> str:
        """Return the command that shows this plan again."""
        flags = (
            " --up-to" if self.up_to else "",
            " --estimate-now" if self.estimate_now else "",
            "" if self.config == default_config() else f" --config {self.config}",
        )
        return f"close {month}{''.join(flags)}"


def together(plans: Sequence[ClosingPlan]) -> str:
    """Return the checksum of one plan, or one over those of several."""
    if len(plans) == 1:
        return plans[0].checksum
    joined = ",".join(plan.checksum for plan in plans)
    return hashlib.sha256(joined.encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class Context:
    """What stands beside the plans that are shown.

    `is_same`: this very plan was shown before. `held_back` are places whose newest reading is not
    believed yet. `unwritable` says why the plan cannot be remembered, None where it is.
    """

    is_same: bool = False
    held_back: tuple[PlaceId, ...] = ()
    unwritable: str | None = None


class Answers:
    """Says what became of the command, in the office's language; each answer has its exit code."""

    def __init__(self, options: CloseOptions, context: OfficeContext, words: CommandWords) -> None:
        """Answer what `options` ask for."""
        self._options = options
        self._context = context
        self._words = words

    def nothing(self) -> Exit:
        """Say that no month waits."""
        if self._options.as_json:
            result_json({"state": "nothing_to_close"})
        else:
            say(self._words("nothing_to_close"))
        return Exit.OK

    def planned(self, plans: Sequence[ClosingPlan], ctx: Context) -> Exit:
        """Show `plans` and how to apply them; of several months only their totals."""
        words, options = self._words, self._options
        table = _plans_table(plans, words)
        document = {"state": "planned", "checksum": together(plans), "plans": records(table)}
        if options.form != "table" or len(plans) > 1:
            result_tables(options.form, table, document=document)
        else:
            statement = plans[0].statement
            heading = title(statement, words, planned=True)
            tables = statement_tables(statement, self._context, words, heading)
            result_tables(options.form, *tables, changes_table(plans[0].changes, words))
        if ctx.unwritable is not None:
            say(words("not_remembered", reason=ctx.unwritable))
        if not options.as_json:
            self._print_context(plans, ctx)
        return Exit.OK

    def _print_context(self, plans: Sequence[ClosingPlan], ctx: Context) -> None:
        words, month = self._words, plans[-1].statement.period.name
        if ctx.is_same:
            say(words("no_change"))
        if ctx.held_back:
            say(words("held_back", names=words("list.between").join(ctx.held_back)))
        if any(plan.completeness.in_question for plan in plans):
            say(words("decide_by"))
        command = self._options.command(month)
        say(words("how_to_apply", command=command, checksum=together(plans)))

    def sealed(self, statements: Sequence[Sealed]) -> Exit:
        """Say what was sealed."""
        table = _sealed_table(statements)
        found = records(table)
        if self._options.form != "table":
            result_tables(self._options.form, table, document={"state": "sealed", "sealed": found})
            return Exit.OK
        for facts in found:
            say(self._words("applied", **{**facts, "seal": str(facts["seal"])[:_DIGITS]}))
        return Exit.OK

    def overtaken(self, month: str) -> Exit:
        """Say that somebody else sealed something in between."""
        complain(self._words("sealed_meanwhile", command=self._options.command(month)))
        return Exit.FINDINGS

    def changed(self, month: str, changes: Sequence[Change]) -> Exit:
        """Say that the plan is another one by now, and in what, as far as that is known."""
        words, options = self._words, self._options
        facts = {"month": month, "checksum": options.apply, "command": options.command(month)}
        complain(words("plan_changed", **facts))
        table = changes_table(changes, words)
        document = {"state": "changed", "changes": records(table)}
        result_tables(options.form, table, document=document)
        return Exit.FINDINGS

    def refused(self, refusal: Refusal) -> Exit:
        """Say in one sentence why the month is not closed now."""
        until, zone = refusal.until, self._context.office.zone
        sentence = self._words(
            f"refused_{refusal.kind.value}",
            month=refusal.period,
            day=refusal.day,
            until="" if until is None else f"{until.astimezone(zone):%Y-%m-%d %H:%M}",
            names=listed(refusal.names),
            first=next(iter(refusal.names), ""),
        )
        if self._options.as_json:
            result_json({"state": "refused", "why": refusal.kind.value, "message": sentence})
        complain(sentence)
        if not self._options.as_json:
            say(self._words("explain_code", code=refusal.kind.value))
        waits = refusal.kind in {
            RefusalKind.STILL_SILENT,
            RefusalKind.IN_QUESTION,
            RefusalKind.CLOCK_IN_DOUBT,
        }
        return Exit.FINDINGS if waits else Exit.USAGE

    def closed_already(self, statement: Statement, *, by_this_plan: bool) -> Exit:
        """Closing twice is closing once; a checksum that never was the sealed plan's is told."""
        local = statement.closed_at.astimezone(self._context.office.zone)
        facts = {
            "month": statement.period.name,
            "revision": statement.revision,
            "by": statement.closed_by,
            "at": f"{local:%Y-%m-%d %H:%M}",
        }
        key = "applied_before" if by_this_plan else "refused_nothing_new"
        sentence = self._words(key, **facts)
        if self._options.as_json:
            result_json({"state": "closed", **facts, "message": sentence})
        else:
            say(sentence)
        return Exit.OK if self._options.apply is None or by_this_plan else Exit.FINDINGS


def _plans_table(plans: Sequence[ClosingPlan], words: CommandWords) -> Table[ClosingPlan]:
    text = CellKind.TEXT

    def known(plan: ClosingPlan) -> str:
        return completeness_text(plan.completeness, japanese=words.is_japanese)

    return Table(
        "plans",
        (
            Column("month", lambda plan: plan.statement.period.name, words("month"), text),
            Column("revision", lambda plan: plan.statement.revision, words("revision")),
            Column("total", lambda plan: plan.statement.total, words("pages")),
            Column("checksum", lambda plan: plan.checksum),
            Column(
                "completeness",
                lambda plan: completeness_dict(plan.completeness),
                words("completeness"),
                text,
                shown=known,
            ),
            Column(
                "changes",
                lambda plan: records(changes_table(plan.changes, words)),
                kind=CellKind.NESTED,
            ),
            Column("statement", lambda plan: to_dict(plan.statement), kind=CellKind.NESTED),
        ),
        plans,
        title=words("months_title"),
    )


def _sealed_table(statements: Sequence[Sealed]) -> Table[Sealed]:
    return Table(
        "sealed",
        (
            Column("month", lambda one: one.statement.period.name),
            Column("revision", lambda one: one.statement.revision),
            Column("by", lambda one: one.statement.closed_by),
            Column("seal", lambda one: one.seal),
        ),
        statements,
    )


@click.command()
@click.argument("month", metavar="[MONTH]", type=MONTH, required=False)
@click.option("--apply", "apply", metavar="CHECKSUM", help="Seal the plan with this checksum.")
@click.option("--by", metavar="NAME", help="Who closes; default: closing.by, else this user.")
@click.option("--estimate-now", is_flag=True, help="Do not wait for silent copiers.")
@click.option("--up-to", is_flag=True, help="Close the open months before MONTH as well.")
@formatted
@configured
@into(CloseOptions)
def close(options: CloseOptions) -> int:
    """Show the plan for closing MONTH (like 2026-11; default: the first that waits).

    Nothing is sealed before --apply names the checksum of the plan that was shown, and only if it
    still is that plan. A closed month whose facts have changed gets its next revision, as
    adjustments beside the sealed lines.
    """
    return asyncio.run(_Closing(options.load(), options, SystemClock().now()).run())


class _Closing:
    """One run of the command."""

    def __init__(self, loaded: "Loaded", options: CloseOptions, now: datetime) -> None:
        self._loaded = loaded
        self._options = options
        self._now = now
        self._unwritable: str | None = None
        self._stand_on(context_of(loaded, now.date()))

    def _stand_on(self, context: OfficeContext) -> None:
        words = CommandWords(self._loaded.settings.office.language)
        self._context, self._answers = context, Answers(self._options, context, words)

    async def run(self) -> int:
        async with self._ledger() as ledger:
            record = self._options.apply is not None
            self._stand_on(await known_context(ledger, self._loaded, self._now, record=record))
            closing = CloseMonth(ledger, self._context, self._now)
            if await is_ahead_of(ledger, self._now):
                month = self._options.month or self._running()
                return self._answers.refused(Refusal(RefusalKind.CLOCK_IN_DOUBT, month))
            months = await self._months(closing)
            if not months:
                return self._answers.nothing()
            plans: list[ClosingPlan] = []
            for month in months:
                plan = await self._plan(closing, month, [*months])
                if isinstance(plan, Refusal):
                    return await self._refused(closing, plan)
                plans.append(plan)
            if self._options.apply is None:
                return await self._show(closing, plans)
            return await self._apply(closing, plans, self._options.apply)

    @asynccontextmanager
    async def _ledger(self) -> AsyncIterator[Ledger]:
        """Open the ledger to write beside the daemon; only to read where that cannot be."""
        settings = self._loaded.settings
        is_there = has_ledger(settings)
        try:
            ledger = await open_ledger(settings, read_only=not is_there, beside=is_there)
        except LedgerError as error:
            if self._options.apply is not None or not is_there:
                raise
            self._unwritable = worded(str(error))
            ledger = await open_ledger(settings, read_only=True)
        try:
            yield ledger
        finally:
            await ledger.close()

    def _running(self) -> str:
        return self._context.office.period_of(self._context.office.local_day(self._now)).name

    async def _months(self, closing: CloseMonth) -> list[str]:
        """Return the months to plan, oldest first."""
        options = self._options
        if options.month is not None and not options.up_to:
            return [options.month]
        waiting = await closing.open_months()
        if options.month is None:
            return [one.name for one in (waiting if options.up_to else waiting[:1])]
        names = [one.name for one in waiting if one.name <= options.month]
        return names if options.month in names else [*names, options.month]

    async def _plan(
        self, closing: CloseMonth, month: str, after: Sequence[str]
    ) -> ClosingPlan | Refusal:
        with progress(month, len(self._context.fleet.places)) as bar:
            return await closing.plan(
                month,
                estimate_now=self._options.estimate_now,
                after=after,
                advance=lambda: bar.advance(bar.task_ids[0]),
            )

    async def _show(self, closing: CloseMonth, plans: Sequence[ClosingPlan]) -> Exit:
        ctx = Context(
            is_same=len(plans) == 1
            and not plans[0].changes
            and await closing.shown(plans[0].statement.period.name) is not None,
            held_back=await closing.held_back(),
            unwritable=self._unwritable,
        )
        if self._unwritable is None:
            for plan in plans:
                await closing.remember(plan)
        return self._answers.planned(plans, ctx)

    async def _apply(self, closing: CloseMonth, plans: Sequence[ClosingPlan], wanted: str) -> Exit:
        month = plans[-1].statement.period.name
        if together(plans) != wanted:
            return self._answers.changed(month, await self._changes(closing, plans, wanted))
        by, sealed = self._by(), []
        for plan in plans:
            try:
                sealed.append(await closing.apply(plan, by))
            except LedgerMoved:
                return self._answers.overtaken(month)
        await closing.note_applied(wanted)
        return self._answers.sealed(sealed)

    async def _changes(
        self, closing: CloseMonth, plans: Sequence[ClosingPlan], wanted: str
    ) -> tuple[Change, ...]:
        """Return in what the plan differs from the one that was wanted, where that is known."""
        shown = await closing.shown(plans[-1].statement.period.name)
        if shown is None or len(plans) > 1 or checksum(shown) != wanted:
            return ()
        return tuple(changes_between(shown, plans[0].statement))

    def _by(self) -> str:
        stated = self._options.by or self._loaded.settings.closing.by
        name = (stated or os.environ.get("SUDO_USER") or getpass.getuser()).strip()
        if not name:
            raise click.BadParameter(phrase("must_not_be_empty"), param_hint="--by")
        return name

    async def _refused(self, closing: CloseMonth, refusal: Refusal) -> Exit:
        statement, wanted = refusal.statement, self._options.apply
        if statement is None:
            return self._answers.refused(refusal)
        this = wanted is not None and (
            checksum(statement) == wanted or await closing.was_applied(wanted)
        )
        return self._answers.closed_already(statement, by_this_plan=this)
