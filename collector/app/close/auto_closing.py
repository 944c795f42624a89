"""Closes months by itself where the office wants that: after the grace time, never before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from collector.app.close.close_month import CloseMonth, told
from collector.app.month.months import open_questions
from collector.app.notes import CLOCK_IN_DOUBT, CLOSING_LOOKED, CLOSING_WATCHED
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.trusted_clock import Telling
from collector.domain.closing.draw_up import grace_ends, plan_of
from collector.domain.closing.seal import broken_seals
from collector.domain.closing.statement import ClosingPlan, Sealed, Statement
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.ranges import PagesInQuestion
from collector.domain.office.office_calendar import ONE_DAY, Period
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.errors import LedgerError, LedgerMoved
from collector.ports import Clock, Ledger, PlaceState

AUTOMATIC: Final = "automatic"
"""Who closed a month that nobody did."""


class AutoClosing:
    """Looks once a day, over restarts too: the ledger notes it.

    Months that wait to be closed are closed one a look, in order; then every closed month whose
    facts have changed gets its next revision, at most one a day.
    """

    def __init__(self, ledger: Ledger, current: CurrentOffice, clock: Clock) -> None:
        """Close the months of the office of `current`."""
        self._ledger = ledger
        self._current = current
        self._clock = clock

    async def look(self) -> tuple[Finding, ...]:
        """Seal what is due and return what was told of it; nothing where closing is by hand.

        Where a sealed statement was changed on disk that is told instead, once a day: nothing is
        built on it.
        """
        context, now = self._current.context, self._clock.now()
        if await CLOCK_IN_DOUBT.get(self._ledger):
            return ()
        today = context.office.local_day(now)
        if not context.closing.automatic or await CLOSING_LOOKED.get(self._ledger) == today:
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
        await CLOSING_LOOKED.put(self._ledger, today)
        return found

    async def _broken(self, chain: Sequence[Sealed]) -> tuple[Finding, ...]:
        now = self._clock.now().replace(microsecond=0)
        findings = tuple(
            Finding(
                Code.STATEMENT_BROKEN,
                Severity.ERROR,
                fault.period,
                sentence("finding.statement_broken", period=fault.period, revision=fault.revision),
                now,
                {"revision": fault.revision, "fault": fault.kind.value},
            )
            for fault in broken_seals(chain)[:1]
        )
        await self._ledger.record_findings(findings)
        return findings

    async def _close_next(self) -> Sealed | None:
        """Close the first open month whose grace time is over, if there is one."""
        context, now = self._current.context, self._clock.now()
        closing = CloseMonth(self._ledger, context, now)
        for period in (await closing.open_months())[:1]:
            if now >= grace_ends(context.office, period, context.closing.grace_days):
                plan = await closing.plan(period.name)
                if isinstance(plan, ClosingPlan):
                    return await closing.apply(plan, AUTOMATIC)
        return None

    async def _adjust(self, chain: Sequence[Sealed]) -> tuple[Finding, ...]:
        """Seal the next revision of every closed month whose facts have changed."""
        closing = CloseMonth(self._ledger, self._current.context, self._clock.now())
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


# Tells which copiers gave no reading of a closing: the month then rests on a later one.


AFTER_LADDER: Final = timedelta(minutes=45)
"""The last rung of the ladder of polls after a closing midnight comes about 34 minutes after it."""


class ClosingWatch:
    """Looks once after each closing midnight, over restarts too: the ledger notes it."""

    def __init__(self, ledger: Telling, current: CurrentOffice, clock: Clock) -> None:
        """Watch the closings of the office of `current`."""
        self._ledger = ledger
        self._current = current
        self._clock = clock

    async def look(self, states: Mapping[PlaceId, PlaceState]) -> tuple[Finding, ...]:
        """Record a finding for each place not heard since the last closing midnight, once.

        Before the ladder of tries is over, or where this closing was looked at, nothing happens.
        The first closing watched is the first one after the ledger began.
        """
        office, now = self._current.context.office, self._clock.now()
        if await CLOCK_IN_DOUBT.get(self._ledger):
            return ()
        running = office.period_of(office.local_day(now))
        closed = office.period_of(running.start - ONE_DAY)
        if now < office.midnight(running.start) + AFTER_LADDER:
            return ()
        noted = await CLOSING_WATCHED.get(self._ledger)
        if noted == closed.name:
            return ()
        findings = self._missing(states, closed) if noted is not None else ()
        await self._ledger.record_findings(findings)
        await CLOSING_WATCHED.put(self._ledger, closed.name)
        return findings

    def _missing(self, states: Mapping[PlaceId, PlaceState], closed: Period) -> tuple[Finding, ...]:
        now = self._clock.now().replace(microsecond=0)
        return tuple(
            _finding(place, states.get(place, PlaceState(place)), closed, now)
            for place in unheard(self._current.context, states, closed)
        )


def unheard(
    context: OfficeContext, states: Mapping[PlaceId, PlaceState], closed: Period
) -> tuple[PlaceId, ...]:
    """Return the places that stand at the end of `closed` and were not heard since."""
    boundary = context.office.midnight(closed.end + ONE_DAY)
    return tuple(
        place.id
        for place in context.fleet.places
        if place.stands_on(closed.end) and not _heard_since(states.get(place.id), boundary)
    )


def _heard_since(state: PlaceState | None, boundary: datetime) -> bool:
    return state is not None and state.seen_at is not None and state.seen_at >= boundary


def _finding(place: PlaceId, state: PlaceState, closed: Period, now: datetime) -> Finding:
    seen = state.seen_at
    heard = sentence("heard.never") if seen is None else sentence("heard.last", at=seen)
    text = sentence("finding.closing_reading_missing", period=closed.name, heard=heard, place=place)
    evidence: dict[str, str | int | float | None] = {
        "period": closed.name,
        "last_answer": None if state.seen_at is None else state.seen_at.isoformat(),
    }
    return Finding(Code.CLOSING_READING_MISSING, Severity.WARNING, place, text, now, evidence)


# Tells which months are over and wait to be closed, and what they wait for.


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
    questions: tuple[PagesInQuestion, ...] = ()

    @property
    def in_question(self) -> int:
        """How many of its impressions somebody has to decide on."""
        return sum(one.pages for one in self.questions)


async def awaiting(ledger: Ledger, context: OfficeContext, now: datetime) -> Awaiting | None:
    """Return the first month that waits to be closed, or None; nothing of a broken chain."""
    try:
        months = await CloseMonth(ledger, context, now).open_months()
    except LedgerError:
        return None  # `statement verify` says what was changed; nothing is closed on it
    if not months:
        return None
    return Awaiting(
        month=months[0].name,
        until=grace_ends(context.office, months[0], context.closing.grace_days),
        automatic=context.closing.automatic,
        behind=len(months) - 1,
        questions=await open_questions(ledger, context.office, months[0]),
    )


class AwaitedMonths:
    """Tells once that a month is over and waits, and once that nothing is waited for any more."""

    def __init__(self, ledger: Ledger, current: CurrentOffice, clock: Clock) -> None:
        """Watch the months of the office of `current`."""
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._looked: date | None = None

    async def look(self) -> Sequence[Finding]:
        """Record and return what is new of the month that waits; looks once a day."""
        context, now = self._current.context, self._clock.now()
        today = context.office.local_day(now)
        if today == self._looked:
            return ()
        self._looked = today
        one = await awaiting(self._ledger, context, now)
        if one is None:
            return ()
        finding = _told(one, context, now)
        if await self._ledger.finding(finding.id) is not None:
            return ()
        await self._ledger.record_findings([finding])
        return (finding,)


def _told(one: Awaiting, context: OfficeContext, now: datetime) -> Finding:
    late = now >= one.until
    period = context.office.period(one.month)
    at = one.until if late else context.office.midnight(context.office.before(period, -1).start)
    text = sentence("finding.month_awaits_closing", month=one.month)
    if one.in_question:
        text = sentence(
            "finding.month_awaits_closing.questions",
            said=text,
            pages=one.in_question,
            places=tuple(dict.fromkeys(each.place for each in one.questions)),
        )
    return Finding(
        Code.MONTH_AWAITS_CLOSING,
        Severity.INFO,
        one.month,
        text,
        at,
        {"period": one.month, "grace_over": str(late).lower()},
    )
