"""Tells which months are over and wait to be closed, and what they wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from collector.app.begun_and_open import open_questions
from collector.app.close_month import CloseMonth
from collector.app.ground import Ground, Standing
from collector.domain.closing import grace_ends
from collector.domain.findings import Code, Finding, Severity
from collector.domain.questions import Question
from collector.errors import LedgerError
from collector.ports import Clock, Ledger


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The month called `month` is over and not closed; others may wait behind it.

    Until `until` silent copiers and questions are waited for; after that it closes as it is:
    by itself where `automatic`.
    """

    month: str
    until: datetime
    automatic: bool
    behind: int = 0
    questions: tuple[Question, ...] = ()

    @property
    def in_question(self) -> int:
        """How many of its impressions somebody has to decide on."""
        return sum(one.pages for one in self.questions)


async def awaiting(ledger: Ledger, ground: Ground, now: datetime) -> Awaiting | None:
    """Return the first month that waits to be closed, or None; nothing of a broken chain."""
    try:
        months = await CloseMonth(ledger, ground, now).open_months()
    except LedgerError:
        return None  # `statement verify` says what was changed; nothing is closed on it
    if not months:
        return None
    return Awaiting(
        month=months[0].name,
        until=grace_ends(ground.office, months[0], ground.closing.grace_days),
        automatic=ground.closing.automatic,
        behind=len(months) - 1,
        questions=await open_questions(ledger, ground.office, months[0]),
    )


class AwaitedMonths:
    """Tells once that a month is over and waits, and once that nothing is waited for any more."""

    def __init__(self, ledger: Ledger, standing: Standing, clock: Clock) -> None:
        """Watch the months of the office of `standing`."""
        self._ledger = ledger
        self._standing = standing
        self._clock = clock
        self._looked: date | None = None

    async def look(self) -> Sequence[Finding]:
        """Record and return what is new of the month that waits; looks once a day."""
        ground, now = self._standing.ground, self._clock.now()
        today = ground.office.local_day(now)
        if today == self._looked:
            return ()
        self._looked = today
        one = await awaiting(self._ledger, ground, now)
        if one is None:
            return ()
        finding = _told(one, ground, now)
        if await self._ledger.finding(finding.id) is not None:
            return ()
        await self._ledger.record_findings([finding])
        return (finding,)


def _told(one: Awaiting, ground: Ground, now: datetime) -> Finding:
    late = now >= one.until
    period = ground.office.period(one.month)
    at = one.until if late else ground.office.midnight(ground.office.before(period, -1).start)
    text = f"{one.month} is over and waits to be closed: copier-fleet close {one.month}"
    if one.in_question:
        places = ", ".join(dict.fromkeys(each.place for each in one.questions))
        text += f"; {one.in_question:,} impressions are in question ({places}): findings --open"
    return Finding(
        Code.MONTH_AWAITS_CLOSING,
        Severity.INFO,
        one.month,
        text,
        at,
        {"period": one.month, "grace_over": str(late).lower()},
    )
