"""Closes months by itself where the office wants that: after the grace time, never before it."""

from collections.abc import Sequence
from typing import Final

from collector.app.close_month import CloseMonth, told
from collector.app.ground import Standing
from collector.app.trusted_clock import CLOCK_NOTE
from collector.domain.audit import broken_seals
from collector.domain.closing import grace_ends
from collector.domain.closing_plan import plan_of
from collector.domain.findings import Code, Finding, Severity
from collector.domain.statement import Plan, Sealed, Statement
from collector.errors import LedgerMoved
from collector.ports import Clock, Ledger

AUTOMATIC: Final = "automatic"
"""Who closed a month that nobody did."""

_NOTE: Final = "closing-looked"


class AutoClosing:
    """Looks once a day, over restarts too: the ledger notes it.

    Months that wait to be closed are closed one a look, in order; then every closed month whose
    facts have changed gets its next revision, at most one a day.
    """

    def __init__(self, ledger: Ledger, standing: Standing, clock: Clock) -> None:
        """Close the months of the office of `standing`."""
        self._ledger = ledger
        self._standing = standing
        self._clock = clock

    async def look(self) -> tuple[Finding, ...]:
        """Seal what is due and return what was told of it; nothing where closing is by hand.

        Where a sealed statement was changed on disk that is told instead, once a day: nothing is
        built on it.
        """
        ground, now = self._standing.ground, self._clock.now()
        if await self._ledger.note(CLOCK_NOTE):
            return ()
        today = ground.office.local_day(now).isoformat()
        if not ground.closing.automatic or await self._ledger.note(_NOTE) == today:
            return ()
        try:
            chain = await self._ledger.statements()
            found = await self._broken(chain)
            if not found:
                closed = await self._close_next()
                if closed is not None:
                    return (told(closed),)
                found = await self._adjust(chain)
        except LedgerMoved:
            return ()  # somebody else sealed meanwhile; the next look sees it
        await self._ledger.set_note(_NOTE, today)
        return found

    async def _broken(self, chain: Sequence[Sealed]) -> tuple[Finding, ...]:
        now = self._clock.now().replace(microsecond=0)
        findings = tuple(
            Finding(
                Code.STATEMENT_BROKEN,
                Severity.ERROR,
                fault.period,
                f"statement {fault.period} revision {fault.revision} is not as it was sealed;"
                " no month is closed; see: copier-fleet statement verify",
                now,
                {"revision": fault.revision, "fault": fault.kind.value},
            )
            for fault in broken_seals(chain)[:1]
        )
        await self._ledger.record_findings(findings)
        return findings

    async def _close_next(self) -> Sealed | None:
        """Close the first open month whose grace time is over, if there is one."""
        ground, now = self._standing.ground, self._clock.now()
        closing = CloseMonth(self._ledger, ground, now)
        for period in (await closing.open_months())[:1]:
            if now >= grace_ends(ground.office, period, ground.closing.grace_days):
                plan = await closing.plan(period.name)
                if isinstance(plan, Plan):
                    return await closing.apply(plan, AUTOMATIC)
        return None

    async def _adjust(self, chain: Sequence[Sealed]) -> tuple[Finding, ...]:
        """Seal the next revision of every closed month whose facts have changed."""
        closing = CloseMonth(self._ledger, self._standing.ground, self._clock.now())
        latest: dict[str, Statement] = {}
        for one in chain:
            latest[one.statement.period.name] = one.statement
        findings = []
        for statement in latest.values():
            revised = await closing.revised(statement)
            if revised is not None:
                one = await closing.apply(plan_of(revised, None), AUTOMATIC)
                findings.append(told(one))
        return tuple(findings)
