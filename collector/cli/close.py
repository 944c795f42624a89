"""`copier-fleet close`: show what closing a month would seal, and seal the plan that was shown."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.close_month import CloseMonth, Refusal, RefusalKind
from collector.app.ground import Ground
from collector.app.trusted_clock import is_ahead_of
from collector.bootstrap.office import ground_of, open_ledger
from collector.cli.close_answers import Answers, Context, Wish, together
from collector.cli.office import known_ground
from collector.cli.options import configured, json_option, loaded_from
from collector.cli.output import Exit, progress
from collector.cli.words import Words
from collector.domain.closing_plan import changes_between, checksum
from collector.domain.statement import Change, Plan
from collector.errors import LedgerError, LedgerMoved
from collector.ports import Ledger
from collector.settings.load import Loaded


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
        self._unwritable: str | None = None
        self._stand_on(ground_of(loaded, now.date()))

    def _stand_on(self, ground: Ground) -> None:
        words = Words(self._loaded.settings.office.language)
        self._ground, self._answers = ground, Answers(self._wish, ground, words)

    async def run(self) -> int:
        async with self._ledger() as ledger:
            record = self._wish.apply is not None
            self._stand_on(await known_ground(ledger, self._loaded, self._now, record=record))
            closing = CloseMonth(ledger, self._ground, self._now)
            if await is_ahead_of(ledger, self._now):
                month = self._wish.month or self._running()
                return self._answers.refused(Refusal(RefusalKind.CLOCK_IN_DOUBT, month))
            months = await self._months(closing)
            if not months:
                return self._answers.nothing()
            plans: list[Plan] = []
            for month in months:
                plan = await self._plan(closing, month, [*months])
                if isinstance(plan, Refusal):
                    return await self._refused(closing, plan)
                plans.append(plan)
            if self._wish.apply is None:
                return await self._show(closing, plans)
            return await self._apply(closing, plans, self._wish.apply)

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

    def _running(self) -> str:
        return self._ground.office.period_of(self._ground.office.local_day(self._now)).name

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

    async def _show(self, closing: CloseMonth, plans: Sequence[Plan]) -> Exit:
        context = Context(
            is_same=len(plans) == 1
            and not plans[0].changes
            and await closing.shown(plans[0].statement.period.name) is not None,
            held_back=await closing.held_back(),
            unwritable=self._unwritable,
        )
        if self._unwritable is None:
            for plan in plans:
                await closing.remember(plan)
        return self._answers.planned(plans, context)

    async def _apply(self, closing: CloseMonth, plans: Sequence[Plan], wanted: str) -> Exit:
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
        self, closing: CloseMonth, plans: Sequence[Plan], wanted: str
    ) -> tuple[Change, ...]:
        """Return in what the plan differs from the one that was wanted, where that is known."""
        shown = await closing.shown(plans[-1].statement.period.name)
        if shown is None or len(plans) > 1 or checksum(shown) != wanted:
            return ()
        return tuple(changes_between(shown, plans[0].statement))

    def _by(self) -> str:
        stated = self._wish.by or self._loaded.settings.closing.by
        name = (stated or os.environ.get("SUDO_USER") or getpass.getuser()).strip()
        if not name:
            raise click.BadParameter("must not be empty", param_hint="--by")
        return name

    async def _refused(self, closing: CloseMonth, refusal: Refusal) -> Exit:
        statement, wanted = refusal.statement, self._wish.apply
        if statement is None:
            return self._answers.refused(refusal)
        this = wanted is not None and (
            checksum(statement) == wanted or await closing.was_applied(wanted)
        )
        return self._answers.closed_already(statement, by_this_plan=this)
