"""What one place's readings say of a period: opening, closing, their proof, and its silence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from collector.app.close.closing_facts import PeriodFacts
from collector.app.enter.recount import stored_readings
from collector.app.office_context import OfficeContext
from collector.domain.closing.accounts import ReadingProof
from collector.domain.closing.boundary import Around, plain_spans, spans_of, unique
from collector.domain.closing.guesses import LOOK_BACK, guess_of, silence_in
from collector.domain.closing.statement import BoundaryReading, GrowthSpan, Guess
from collector.domain.counting.entries import ManualReading, in_force
from collector.domain.counting.reading import Reading
from collector.domain.counting.recounted import from_the_panel
from collector.domain.counting.usage import CLOSE_ENOUGH, Usage
from collector.domain.office.fleet import Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import Counting

_BEFORE: Final = timedelta(days=2)
_AFTER: Final = timedelta(days=1)
_REACHES: Final = (timedelta(days=1), timedelta(days=8), timedelta(days=40))
"""How far around a boundary an accepted reading is looked for, where the nearest is none."""


@dataclass(frozen=True, slots=True)
class PeriodReadings:
    """What the readings of one place say of a period: its proof and its silence.

    `last` is the last reading before the closing, `late` when a copier silent then was heard
    again; `silent` is true where it was not.
    """

    proof: ReadingProof
    last: BoundaryReading | None
    late: datetime | None
    silent: bool
    guess: Guess | None = None


class ClosingReadings:
    """Reads what the ledger holds near the two midnights of a period, place by place."""

    def __init__(self, ledger: Counting, context: OfficeContext, facts: PeriodFacts) -> None:
        """Read for the period of `facts`."""
        self._ledger = ledger
        self._context = context
        self._facts = facts

    async def of(self, place: Place) -> PeriodReadings:
        """Return what the readings of `place` say of the period."""
        opening, closing = await self._around(place.id, 0), await self._around(place.id, 1)
        last, late = closing.last_before(), _late(closing)
        silent = late is None and not self._heard_out(closing, place)
        guess = None
        if silent and last is not None and last.at >= self._earliest():
            guess = await self._guess(place, last.at)
        near = unique((*opening.usages, *closing.usages))
        marks = opening.nearest(), closing.nearest()
        return PeriodReadings(
            proof=await self._proof(place.id, marks, near),
            last=last,
            late=late,
            silent=silent,
            guess=guess,
        )

    def _office(self, place: PlaceId) -> Office:
        return self._context.office_at(place, self._facts.end)

    def _earliest(self) -> datetime:
        """Return since when a place must have been heard: else nothing says it still stands."""
        office = self._context.office
        return office.midnight(office.before(self._facts.period).start)

    def _heard_out(self, closing: Around, place: Place) -> bool:
        """Say whether a place was heard until the closing, or until it or its machine left."""
        last = closing.last_before()
        if last is None:
            return False
        if place.until is not None and self._context.office.local_day(last.at) >= place.until:
            return True
        left = self._facts.moved.get((last.device, place.id))
        return last.at >= closing.boundary - CLOSE_ENOUGH or (left is not None and left > last.at)

    async def _guess(self, place: Place, heard_at: datetime) -> Guess | None:
        office, period = self._office(place.id), self._facts.period
        silence = silence_in(office, period, heard_at, place.until)
        until = silence.known_until
        history = await self._ledger.days(until - LOOK_BACK, until, place.id)
        guess = guess_of(place, history, office, silence)
        return None if guess is None else replace(guess, since=heard_at)

    async def _around(self, place: PlaceId, which: int) -> Around:
        """Return the readings nearest the opening (0) or closing (1), with usages to judge by."""
        facts = self._facts
        boundary = (facts.start, facts.end)[which]
        before, after = facts.before[which].get(place), facts.after[which].get(place)
        until = (boundary if after is None else after[0]) + _AFTER
        state = facts.states.get(place)
        around = Around(
            boundary,
            (
                *await self._nearest(place, None if before is None else before[1], after),
                *self._panel(place, boundary),
            ),
            tuple(await self._ledger.usages(place, boundary - _BEFORE, until)),
            None if state is None else state.track,
        )
        for reach in _REACHES:
            if around.is_settled:
                break
            around = await self._wider(around, place, reach, until)
        return around

    async def _nearest(
        self, place: PlaceId, before: datetime | None, after: tuple[datetime, datetime] | None
    ) -> list[Reading]:
        """Return the stored readings on either side, and what was seen after the newest."""
        found: list[Reading] = []
        for at in (before, None if after is None else after[0]):
            if at is not None:
                found += await self._stored(place, at, at)
        state = self._facts.states.get(place)
        if after is None and found and state is not None and state.seen_at is not None:
            last = found[-1]
            if state.stored_at == last.at < state.seen_at:
                found.append(replace(last, at=state.seen_at, confirmed=None))
        return found

    async def _wider(
        self, around: Around, place: PlaceId, reach: timedelta, until: datetime
    ) -> Around:
        since, to = around.boundary - reach, around.boundary + reach
        more = await self._stored(place, since, to)
        usages = await self._ledger.usages(place, since - _BEFORE, max(until, to))
        every = (*around.readings, *more)
        both = {(one.at, one.by_hand, one.answer.identity.key): one for one in every}
        return replace(around, readings=tuple(both.values()), usages=tuple(usages))

    async def _stored(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reading]:
        entries = self._facts.entries.get(place, ())
        return await stored_readings(self._ledger, place, since, until, entries)

    def _panel(self, place: PlaceId, boundary: datetime) -> list[Reading]:
        return [
            from_the_panel(entry)
            for entry in self._by_hand(place)
            if abs(entry.at - boundary) <= _REACHES[-1]
        ]

    def _by_hand(self, place: PlaceId) -> list[ManualReading]:
        entries = in_force(self._facts.entries.get(place, ()))
        return [entry for entry in entries if isinstance(entry, ManualReading)]

    async def _proof(
        self,
        place: PlaceId,
        marks: tuple[BoundaryReading | None, BoundaryReading | None],
        near: Sequence[Usage],
    ) -> ReadingProof:
        """Return both marks and the spans between; the month's usages are read where needed."""
        facts = self._facts
        opening, closing = marks
        spans: tuple[GrowthSpan, ...] | None = ()
        if opening is not None and closing is not None and closing.at > opening.at:
            pages = facts.pages.get(place, {})
            spans = plain_spans(opening, closing, pages, near, self._office(place), facts.period)
            if spans is None:
                usages = await self._ledger.usages(place, opening.at, closing.at)
                spans = spans_of(opening, closing, usages)
        until = facts.end if closing is None else max(facts.end, closing.at)
        edited = any(facts.start <= one.at <= until for one in self._by_hand(place))
        by_hand = any(mark.by_hand for mark in marks if mark is not None)
        return ReadingProof(opening, closing, spans or (), edited or by_hand)


def _late(closing: Around) -> datetime | None:
    """Return when the machine heard last before the closing was heard again after it, or None.

    Another machine that stands there now says nothing of what the one before had printed.
    """
    last, after = closing.last_before(), closing.first_after()
    if last is None or after is None:
        return None
    across = any(one.start < closing.boundary < one.end for one in closing.usages)
    same = last.device == after.device or last.by_hand or after.by_hand
    return after.at if same or across else None
