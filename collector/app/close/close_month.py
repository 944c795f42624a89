"""Close a month: plan it, show the plan, and seal that very plan.

Nothing is sealed that was not planned, and a plan whose facts have changed since is another plan.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from collector.app.close.closing_accounts import Accounts, Advance
from collector.app.close.closing_facts import PeriodFacts, period_facts
from collector.app.month.months import (
    A_YEAR,
    FinishedMonths,
    Months,
    paper_facts,
    sheet_names,
)
from collector.app.notes import CLOCK_IN_DOUBT, PLAN_APPLIED, PLAN_SHOWN, SEALED_BEFORE
from collector.app.office_context import OfficeContext
from collector.app.retention import counted_since
from collector.domain.closing.accounts import Account, ByDepartment, pieces_counted, with_paper
from collector.domain.closing.adjustments import next_revision
from collector.domain.closing.boundary import boundaries, periods_of_ledger
from collector.domain.closing.draw_up import (
    ClosingFacts,
    changes_between,
    completeness,
    draw_up,
    grace_ends,
    plan_of,
)
from collector.domain.closing.evidence import digest_of
from collector.domain.closing.seal import Fault, FaultKind, Witness, faults, sealed, torn
from collector.domain.closing.statement import Change, ClosingPlan, Link, Sealed, Statement
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence
from collector.errors import LedgerDamaged, LedgerError
from collector.ports import BEGINNING, Ledger, LogRef

_ONE_SECOND: Final = timedelta(seconds=1)
"""Times of readings are whole seconds."""


class RefusalKind(StrEnum):
    """Why a month is not closed now."""

    EMPTY = "empty"
    NOT_OVER = "not_over"
    BEFORE_LEDGER = "before_ledger"
    EARLIER_OPEN = "earlier_open"
    STILL_SILENT = "still_silent"
    IN_QUESTION = "in_question"
    NOTHING_NEW = "nothing_new"
    CLOCK_IN_DOUBT = "clock_in_doubt"


@dataclass(frozen=True, slots=True)
class Refusal:
    """No plan for `period`, and what a person needs to know.

    `NOT_OVER`: it ends on `day`. `BEFORE_LEDGER`: the ledger begins on `day`. `EARLIER_OPEN`:
    `names` come first. `STILL_SILENT`: the places `names` are waited for until `until`;
    `IN_QUESTION`: `names` are places with pages that somebody has to decide on until then.
    `NOTHING_NEW`: it is closed as `statement`, and nothing has changed since. `CLOCK_IN_DOUBT`:
    nobody knows whether it is over.
    """

    kind: RefusalKind
    period: str
    day: date | None = None
    until: datetime | None = None
    names: tuple[str, ...] = ()
    statement: Statement | None = None


class CloseMonth:
    """Plans and seals the closing months of one ledger, at the instant `now`."""

    def __init__(self, ledger: Ledger, context: OfficeContext, now: datetime) -> None:
        """Work on `ledger` as things stand by `context`."""
        self._ledger = ledger
        self._context = context
        self._now = now
        self._sound: Sequence[Link] = ()
        self._finished = FinishedMonths(ledger)

    async def chain(self) -> Sequence[Link]:
        """Return the chain of all statements; raises LedgerError where one was changed in it."""
        links = await self._ledger.links()
        for fault in torn(links, self._sound):
            why = sentence("ledger.broken_seal", period=fault.period, revision=fault.revision)
            raise LedgerError(self._context.say(why))
        self._sound = tuple(links)
        return links

    async def open_months(self) -> tuple[Period, ...]:
        """Return the months of the ledger that are over and not closed, in order."""
        links = await self.chain()
        first = await self._first_day()
        if first is None:
            return ()
        closed = {one.period.name: one.period for one in links}
        today = self._office.local_day(self._now)
        months = periods_of_ledger(closed.values(), self._office, first, today)
        return tuple(one for one in months if one.end < today and one.name not in closed)

    async def plan(
        self,
        name: str,
        *,
        estimate_now: bool = False,
        after: Sequence[str] = (),
        advance: Advance = lambda: None,
    ) -> ClosingPlan | Refusal:
        """Return what closing the month called `name` would seal, or why it cannot be.

        `estimate_now` does not wait for silent copiers. The months `after` are about to be closed
        before it. Raises ValueError where `name` is no month, LedgerError for a broken chain.
        """
        if await CLOCK_IN_DOUBT.get(self._ledger):
            return Refusal(RefusalKind.CLOCK_IN_DOUBT, name)
        if any(one.period.name == name for one in await self.chain()):
            own = (await self._ledger.statements(name))[-1].statement
            statement = await self.revised(own)
            if statement is None:
                return Refusal(RefusalKind.NOTHING_NEW, name, statement=own)
            return plan_of(statement, await self.shown(name))
        period = await self._openable(name, after)
        if isinstance(period, Refusal):
            return period
        statement = await self._drawn_up(period, advance)
        if not estimate_now and self._now < self._grace_ends(period):
            waits = self._waits(statement)
            if waits is not None:
                return waits
        return plan_of(statement, await self.shown(name))

    async def revised(self, latest: Statement) -> Statement | None:
        """Return the revision after `latest`, or None where nothing has changed since."""
        facts = await period_facts(self._ledger, self._context, latest.period, self._now)
        accounts, reasons = await Accounts(self._ledger, self._context, facts).since(latest)
        accounts = self._with_paper(accounts, facts)
        context = self._context
        stated = (latest, accounts, reasons, context.fleet, self._now, context.say)
        found = next_revision(*stated, pieces=self._pieces(facts))
        return None if found is None else await self._numbered(found)

    async def _numbered(self, statement: Statement) -> Statement:
        """Return `statement` under a revision that no statement of its month ever had.

        One may have been sealed that a restored backup does not know any more.
        """
        sealed_before = await SEALED_BEFORE.get(self._ledger) or {}
        number = 1 + sealed_before.get(statement.period.name, 0)
        if number <= statement.revision:
            return statement
        lines = tuple(
            replace(one, revision=number) if one.revision == statement.revision else one
            for one in statement.adjustments
        )
        return replace(statement, revision=number, adjustments=lines)

    async def apply(self, plan: ClosingPlan, by: str) -> Sealed:
        """Seal `plan` in the name of `by` and publish it; returns it as sealed.

        Raises LedgerMoved where something was sealed since it was drawn up.
        """
        chain = await self.chain()
        statement = replace(
            plan.statement,
            closed_at=self._now.replace(microsecond=0),
            closed_by=by,
            previous=chain[-1].seal if chain else "",
            evidence=await self._evidence(plan.statement.period),
        )
        one = sealed(statement)
        await self._ledger.seal(one, self._published(statement.period))
        self._finished.forget((), [statement.period.name])
        await self._ledger.record_findings([told(one)])
        return one

    async def _evidence(self, period: Period) -> dict[PlaceId, str]:
        """Return the digest of each place's readings in `period`."""
        start, end = boundaries(self._office, period)
        heard = await self._ledger.heard_between(start, end - _ONE_SECOND)
        return {place: await _digest(self._ledger, place, start, end) for place in sorted(heard)}

    async def evidence_lost(self, statement: Statement) -> tuple[PlaceId, ...]:
        """Return the places whose readings are not those on which `statement` was sealed.

        Where readings of the month went because they are old enough, nothing can be told.
        """
        start, end = boundaries(self._office, statement.period)
        found = []
        for place, sealed_as in statement.evidence.items():
            if await counted_since(self._ledger, place) > start:
                continue
            try:
                is_same = await _digest(self._ledger, place, start, end) == sealed_as
            except LedgerDamaged:
                is_same = False
            if not is_same:
                found.append(place)
        return tuple(found)

    async def held_back(self) -> tuple[PlaceId, ...]:
        """Return the places whose newest reading is not believed yet: pages may be missing."""
        return tuple(
            state.place
            for state in await self._ledger.states()
            if state.track is not None
            and not state.track.is_settled
            and (place := self._context.fleet.place(state.place)) is not None
            and place.stands_on(self._office.local_day(self._now))
        )

    async def note_applied(self, checksum: str) -> None:
        """Note the checksum of the plan, or of several together, that was applied last."""
        await PLAN_APPLIED.put(self._ledger, checksum)

    async def was_applied(self, checksum: str) -> bool:
        """Say whether it was the plan with this checksum that was applied last."""
        return await PLAN_APPLIED.get(self._ledger) == checksum

    async def remember(self, plan: ClosingPlan) -> None:
        """Note `plan` as the one that was shown last."""
        statement = plan.statement
        await PLAN_SHOWN.about(statement.period.name).put(self._ledger, statement)

    async def shown(self, name: str) -> Statement | None:
        """Return what the plan shown last for the month called `name` would have sealed."""
        return await PLAN_SHOWN.about(name).get(self._ledger)

    @property
    def _office(self) -> Office:
        return self._context.office

    async def _first_day(self) -> date | None:
        """Return the first day of which the ledger knows anything."""
        heard = await self._ledger.heard_between(BEGINNING, self._now)
        days = [self._office.local_day(first) for first, _ in heard.values()]
        counted = await self._ledger.first_day()
        return min((*days, *(() if counted is None else (counted,))), default=None)

    async def _openable(self, name: str, after: Sequence[str]) -> Period | Refusal:
        """Return the open month called `name`, or why it is none that can be closed now."""
        stated = self._office.period(name)
        months = await self.open_months()
        found = next((one for one in months if one.name == name), None)
        if found is None:
            return await self._no_open_month(stated)
        earlier = tuple(
            one.name for one in months if one.start < found.start and one.name not in after
        )
        return Refusal(RefusalKind.EARLIER_OPEN, name, names=earlier) if earlier else found

    async def _no_open_month(self, period: Period) -> Period | Refusal:
        if self._now < self._office.midnight(period.end + ONE_DAY):
            return Refusal(RefusalKind.NOT_OVER, period.name, day=period.end)
        if period.name in await sheet_names(self._ledger):
            return period
        first = await self._first_day()
        if first is None:
            return Refusal(RefusalKind.EMPTY, period.name)
        return Refusal(RefusalKind.BEFORE_LEDGER, period.name, day=first)

    async def _drawn_up(self, period: Period, advance: Advance) -> Statement:
        facts = await period_facts(self._ledger, self._context, period, self._now)
        accounts = await Accounts(self._ledger, self._context, facts).first(advance)
        accounts = self._with_paper(accounts, facts)
        targets = await self._targets(period)
        stated = (self._office, self._context.fleet, period, accounts, targets)
        drawn = draw_up(ClosingFacts(*stated, self._pieces(facts)), self._now)
        return await self._numbered(drawn)

    def _pieces(self, facts: PeriodFacts) -> ByDepartment:
        return pieces_counted(facts.days, self._context.fleet, self._office, facts.period)

    def _with_paper(self, accounts: Sequence[Account], facts: PeriodFacts) -> tuple[Account, ...]:
        known = paper_facts(facts.states.values(), self._context.factors)
        return with_paper(accounts, facts.days, known, facts.period)

    async def _targets(self, period: Period) -> dict[DepartmentId, int]:
        """Return the target in impressions of each department that has one in `period`."""
        months = Months(self._ledger, self._context, self._now, self._finished)
        stated = await months.came_to(period)
        return {
            one.department.id: one.target for one in stated.departments if one.target is not None
        }

    def _grace_ends(self, period: Period) -> datetime:
        return grace_ends(self._office, period, self._context.closing.grace_days)

    def _waits(self, statement: Statement) -> Refusal | None:
        """Return what the month waits for within the grace time: silent places, then questions."""
        month, until = statement.period.name, self._grace_ends(statement.period)
        silent = tuple(line.place for line in statement.places if not line.read)
        if silent:
            return Refusal(RefusalKind.STILL_SILENT, month, until=until, names=silent)
        asked = {line.place: sum(line.questions.values()) for line in statement.places}
        named = tuple(f"{place} {pages:,}" for place, pages in asked.items() if pages)
        return Refusal(RefusalKind.IN_QUESTION, month, until=until, names=named) if named else None

    def _published(self, period: Period) -> list[LogRef]:
        """Return the months that show this one: itself, and the same one in later years."""
        running = self._office.period_of(self._office.local_day(self._now))
        names, later = [period.name], period
        while (later := self._office.before(later, -A_YEAR)).name <= running.name:
            names.append(later.name)
        return [LogRef("month", name) for name in names]


async def _digest(ledger: Ledger, place: PlaceId, start: datetime, end: datetime) -> str:
    return digest_of(await ledger.readings(place, start, end - _ONE_SECOND))


def told(one: Sealed) -> Finding:
    """Return the event that a month was closed, or a closed one adjusted."""
    statement = one.statement
    news = [one for one in statement.adjustments if one.revision == statement.revision]
    adjusted = statement.revision > 1
    text = sentence(
        "finding.month_adjusted" if adjusted else "finding.month_closed",
        month=statement.period.name,
        by=statement.closed_by,
        change=sum(each.pages.get(TOTAL, 0) for each in news),
        lines=len(news),
        revision=statement.revision,
        known=_known(statement),
    )
    return Finding(
        Code.MONTH_ADJUSTED if adjusted else Code.MONTH_CLOSED,
        Severity.INFO,
        statement.period.name,
        text,
        statement.closed_at,
        {"revision": statement.revision, "total": statement.total, "seal": one.seal},
    )


def _known(statement: Statement) -> Sentence:
    """Return how far the total of `statement` rests on readings."""
    known = completeness(statement)
    text = sentence("month.total", total=statement.total, read=known.read, places=known.places)
    if known.estimated:
        text = sentence(
            "month.estimated",
            said=text,
            copiers=len(known.estimated),
            margin=max(known.margin.less, known.margin.more),
        )
    if known.in_question:
        ids = tuple(one for line in statement.places for one in line.questions)
        text = sentence("month.in_question", said=text, pages=known.in_question, findings=ids)
    return text


# Verifies every statement: its seal, its chain, and whether the ledger still counts the same.


_SEALING = (Code.MONTH_CLOSED, Code.MONTH_ADJUSTED)


@dataclass(frozen=True, slots=True)
class Differing:
    """A closed month that the ledger counts otherwise today: `changes` against its statement."""

    period: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What verifying came to. `statements` is how many were looked at."""

    statements: int
    faults: tuple[Fault, ...]
    differing: tuple[Differing, ...]

    @property
    def is_good(self) -> bool:
        """Say whether nothing is wrong and nothing differs."""
        return not self.faults and not self.differing


async def audit_statements(
    ledger: Ledger,
    context: OfficeContext,
    now: datetime,
    month: str | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Audit:
    """Return what is wrong with the statements of `month` (None: of all months).

    A chain is only as good as all of it, so every seal is looked at in any case. A month whose
    readings are not those that were sealed is not counted again: it would differ.
    """
    chain = await ledger.statements()
    witnesses = [
        Witness(one.subject, int(one.evidence.get("revision") or 0), str(one.evidence.get("seal")))
        for one in await ledger.findings()
        if one.code in _SEALING
    ]
    latest = {one.statement.period.name: one.statement for one in chain}
    looked_at = [one for name, one in latest.items() if month in {None, name}]
    closing = CloseMonth(ledger, context, now)
    lost = [(one, await closing.evidence_lost(one)) for one in looked_at]
    found = [one for one in faults(chain, witnesses) if month in {None, one.period}]
    found += [
        Fault(FaultKind.READINGS, statement.period.name, statement.revision, place)
        for statement, places in lost
        for place in places
    ]
    sound = [statement for statement, places in lost if not places]
    differing: list[Differing] = []
    for statement in looked_at:
        if statement in sound:
            differing += await _differing(closing, statement, all_sound=sound == looked_at)
        advance()
    return Audit(len(chain), tuple(found), tuple(differing))


async def _differing(
    closing: CloseMonth, statement: Statement, *, all_sound: bool
) -> Sequence[Differing]:
    """Return how the ledger counts the month otherwise today, if it does and can be counted."""
    try:
        revised = await closing.revised(statement)
    except LedgerDamaged:
        if all_sound:
            raise
        return ()  # what is beside it was named already
    changes = () if revised is None else changes_between(statement, revised)
    return () if revised is None else (Differing(statement.period.name, tuple(changes)),)
