"""`copier-fleet close`: show what closing a month would seal, and seal the plan that was shown."""

import asyncio
import getpass
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.close_month import CloseMonth, Refusal, RefusalKind
from collector.bootstrap.office import ground_of, open_ledger
from collector.cli.options import DEFAULT_CONFIG, configured, json_option, loaded_from
from collector.cli.output import Exit, complain, progress, result_json, result_table, say
from collector.cli.statement_pages import print_changes, print_statement
from collector.cli.statement_table import (
    change_dict,
    completeness_dict,
    known_text,
    title,
    to_dict,
)
from collector.cli.words import Words
from collector.domain.closing import completeness
from collector.domain.closing_plan import changes_between, checksum
from collector.domain.statement import Change, Plan, Statement
from collector.errors import LedgerError, LedgerMoved
from collector.ports import Ledger
from collector.settings.load import Loaded

_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    month: str | None
    apply: str | None
    by: str | None
    estimate_now: bool
    up_to: bool
    as_json: bool
    config: Path

    def command(self, month: str) -> str:
        """Return the command that shows this plan again."""
        flags = (
            " --up-to" if self.up_to else "",
            " --estimate-now" if self.estimate_now else "",
            "" if self.config == DEFAULT_CONFIG else f" --config {self.config}",
        )
        return f"close {month}{''.join(flags)}"


@click.command()
@click.argument("month", required=False)
@click.option("--apply", "apply", metavar="CHECKSUM", help="Seal the plan with this checksum.")
@click.option("--by", metavar="NAME", help="Who closes; default: closing.by, else this user.")
@click.option("--estimate-now", is_flag=True, help="Do not wait for silent copiers.")
@click.option("--up-to", is_flag=True, help="Close the open months before MONTH as well.")
@json_option
@configured
def close(  # noqa: PLR0913 - a command's options are its arguments
    month: str | None,
    apply: str | None,
    by: str | None,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    estimate_now: bool,
    up_to: bool,
    as_json: bool,
) -> int:
    """Show the plan for closing MONTH (like 2026-11; default: the first that waits).

    Nothing is sealed before --apply names the checksum of the plan that was shown, and only if it
    still is that plan. A closed month whose facts have changed gets its next revision, as
    adjustments beside the sealed lines.
    """
    wish = Wish(month, apply, by, estimate_now, up_to, as_json, config)
    return asyncio.run(_Closing(loaded_from(config, secrets), wish, SystemClock().now()).run())


class _Closing:
    """One run of the command."""

    def __init__(self, loaded: Loaded, wish: Wish, now: datetime) -> None:
        self._loaded = loaded
        self._wish = wish
        self._now = now
        self._ground = ground_of(loaded, now.date())
        self._words = Words(loaded.settings.office.language)
        self._unwritable: str | None = None

    async def run(self) -> int:
        async with self._ledger() as ledger:
            closing = CloseMonth(ledger, self._ground, self._now)
            months = await self._months(closing)
            if not months:
                return self._nothing()
            plans: list[Plan] = []
            for month in months:
                plan = await self._plan(closing, month, [*months])
                if isinstance(plan, Refusal):
                    return await self._refused(closing, plan)
                plans.append(plan)
            if self._wish.apply is None:
                return await self._show(closing, plans)
            return await self._apply(closing, plans)

    @asynccontextmanager
    async def _ledger(self) -> AsyncIterator[Ledger]:
        """Open the ledger to write beside the daemon; only to read where that cannot be."""
        settings = self._loaded.settings
        is_there = settings.ledger.path.is_file()
        try:
            ledger = await open_ledger(settings, read_only=not is_there, beside=is_there)
        except LedgerError as error:
            if self._wish.apply is not None or not is_there:
                raise
            self._unwritable = str(error)
            ledger = await open_ledger(settings, read_only=True)
        try:
            yield ledger
        finally:
            await ledger.close()

    async def _months(self, closing: CloseMonth) -> list[str]:
        """Return the months to plan, oldest first."""
        wish = self._wish
        if wish.month is not None and not wish.up_to:
            self._check(wish.month)
            return [wish.month]
        waiting = await closing.open_months()
        if wish.month is None:
            return [one.name for one in (waiting if wish.up_to else waiting[:1])]
        self._check(wish.month)
        names = [one.name for one in waiting if one.name <= wish.month]
        return names if wish.month in names else [*names, wish.month]

    def _check(self, month: str) -> None:
        try:
            self._ground.office.period(month)
        except ValueError as exc:
            raise click.BadParameter(str(exc), param_hint="MONTH") from exc

    async def _plan(self, closing: CloseMonth, month: str, after: Sequence[str]) -> Plan | Refusal:
        with progress(month, len(self._ground.fleet.places)) as bar:
            return await closing.plan(
                month,
                estimate_now=self._wish.estimate_now,
                after=after,
                advance=lambda: bar.advance(TaskID(0)),
            )

    def _nothing(self) -> int:
        if self._wish.as_json:
            result_json({"state": "nothing_to_close"})
        else:
            say(self._words("nothing_to_close"))
        return Exit.OK

    async def _show(self, closing: CloseMonth, plans: Sequence[Plan]) -> int:
        words, wish = self._words, self._wish
        if self._unwritable is None:
            for plan in plans:
                await closing.remember(plan)
        together = _together(plans)
        if wish.as_json:
            shown = [_to_json(plan) for plan in plans]
            result_json({"state": "planned", "checksum": together, "plans": shown})
        elif len(plans) > 1:
            self._show_months(plans)
        else:
            await self._show_plan(plans[0])
        if self._unwritable is not None:
            say(words("not_remembered", reason=self._unwritable))
        month = plans[-1].statement.period.name
        if not wish.as_json:
            say(words("how_to_apply", command=wish.command(month), checksum=together))
        return Exit.OK

    async def _show_plan(self, plan: Plan) -> None:
        statement, words = plan.statement, self._words
        print_statement(statement, self._ground, words, title(statement, words, planned=True))
        print_changes(plan.changes, words)

    def _show_months(self, plans: Sequence[Plan]) -> None:
        words = self._words
        rows = [
            (
                plan.statement.period.name,
                str(plan.statement.revision),
                f"{plan.statement.total:,}",
                known_text(plan.completeness, words),
            )
            for plan in plans
        ]
        headings = [words(key) for key in ("month", "revision", "pages", "completeness")]
        result_table(headings, rows, title=words("months_title"), numbers=(1, 2))

    async def _apply(self, closing: CloseMonth, plans: Sequence[Plan]) -> int:
        words, wish = self._words, self._wish
        month = plans[-1].statement.period.name
        if wish.apply is None or _together(plans) != wish.apply:
            return await self._changed(closing, plans)
        by = self._by()
        for plan in plans:
            try:
                sealed = await closing.apply(plan, by)
            except LedgerMoved:
                complain(words("sealed_meanwhile", command=wish.command(month)))
                return Exit.FINDINGS
            statement = sealed.statement
            facts = {
                "month": statement.period.name,
                "revision": statement.revision,
                "by": by,
                "seal": sealed.seal[:_DIGITS],
            }
            if wish.as_json:
                result_json({"state": "sealed", **facts, "seal": sealed.seal})
            else:
                say(words("applied", **facts))
        await closing.note_applied(wish.apply)
        return Exit.OK

    async def _changed(self, closing: CloseMonth, plans: Sequence[Plan]) -> int:
        """Say that the plan is another one by now, and in what."""
        words, wish = self._words, self._wish
        month = plans[-1].statement.period.name
        shown = await closing.shown(month)
        changes: tuple[Change, ...] = ()
        if shown is not None and len(plans) == 1 and checksum(shown) == wish.apply:
            changes = tuple(changes_between(shown, plans[0].statement))
        complain(
            words("plan_changed", month=month, checksum=wish.apply, command=wish.command(month))
        )
        if wish.as_json:
            result_json({"state": "changed", "changes": [change_dict(one) for one in changes]})
        else:
            print_changes(changes, words)
        return Exit.FINDINGS

    def _by(self) -> str:
        stated = self._wish.by or self._loaded.settings.closing.by
        name = (stated or os.environ.get("SUDO_USER") or getpass.getuser()).strip()
        if not name:
            raise click.BadParameter("must not be empty", param_hint="--by")
        return name

    async def _refused(self, closing: CloseMonth, refusal: Refusal) -> int:
        statement = refusal.statement
        if refusal.kind is RefusalKind.NOTHING_NEW and statement is not None:
            return await self._closed_already(closing, statement)
        sentence = self._words(f"refused_{refusal.kind.value}", **self._facts(refusal))
        if self._wish.as_json:
            result_json({"state": "refused", "why": refusal.kind.value, "message": sentence})
        complain(sentence)
        waits = refusal.kind is RefusalKind.STILL_SILENT
        return Exit.FINDINGS if waits else Exit.USAGE

    def _facts(self, refusal: Refusal) -> dict[str, object]:
        until = refusal.until
        zone = self._ground.office.zone
        return {
            "month": refusal.period,
            "day": refusal.day,
            "until": "" if until is None else f"{until.astimezone(zone):%Y-%m-%d %H:%M}",
            "names": ", ".join(refusal.names),
            "first": next(iter(refusal.names), ""),
        }

    async def _closed_already(self, closing: CloseMonth, statement: Statement) -> int:
        """Closing twice is closing once; a checksum that never was the sealed plan's is told."""
        wish, words = self._wish, self._words
        local = statement.closed_at.astimezone(self._ground.office.zone)
        facts = {
            "month": statement.period.name,
            "revision": statement.revision,
            "by": statement.closed_by,
            "at": f"{local:%Y-%m-%d %H:%M}",
        }
        this = wish.apply is not None and (
            checksum(statement) == wish.apply or await closing.was_applied(wish.apply)
        )
        sentence = words("applied_before" if this else "refused_nothing_new", **facts)
        if wish.as_json:
            result_json({"state": "closed", **facts, "message": sentence})
        else:
            say(sentence)
        return Exit.OK if wish.apply is None or this else Exit.FINDINGS


def _together(plans: Sequence[Plan]) -> str:
    """Return the checksum of one plan, or one over those of several."""
    if len(plans) == 1:
        return plans[0].checksum
    joined = ",".join(plan.checksum for plan in plans)
    return hashlib.sha256(joined.encode()).hexdigest()[:_DIGITS]


def _to_json(plan: Plan) -> dict[str, object]:
    return {
        "month": plan.statement.period.name,
        "checksum": plan.checksum,
        "completeness": completeness_dict(completeness(plan.statement)),
        "changes": [change_dict(one) for one in plan.changes],
        "statement": to_dict(plan.statement),
    }
