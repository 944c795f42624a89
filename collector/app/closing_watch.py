"""Tells which copiers gave no reading of a closing: the month then rests on a later one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from collector.app.ground import Standing
from collector.app.trusted_clock import CLOCK_NOTE
from collector.domain.findings import Code, Finding, Severity
from collector.domain.office import ONE_DAY, Period
from collector.domain.reading import PlaceId
from collector.ports import Clock, Ledger, PlaceState

AFTER_LADDER: Final = timedelta(minutes=45)
"""The last rung of the ladder of polls after a closing midnight comes about 34 minutes after it."""

_NOTE: Final = "closing-watched"


class ClosingWatch:
    """Looks once after each closing midnight, over restarts too: the ledger notes it."""

    def __init__(self, ledger: Ledger, standing: Standing, clock: Clock) -> None:
        """Watch the closings of the office of `standing`."""
        self._ledger = ledger
        self._standing = standing
        self._clock = clock

    async def look(self, states: Mapping[PlaceId, PlaceState]) -> tuple[Finding, ...]:
        """Record a finding for each place not heard since the last closing midnight, once.

        Before the ladder of tries is over, or where this closing was looked at, nothing happens.
        The first closing watched is the first one after the ledger began.
        """
        office, now = self._standing.ground.office, self._clock.now()
        if await self._ledger.note(CLOCK_NOTE):
            return ()
        running = office.period_of(office.local_day(now))
        closed = office.period_of(running.start - ONE_DAY)
        if now < office.midnight(running.start) + AFTER_LADDER:
            return ()
        noted = await self._ledger.note(_NOTE)
        if noted == closed.name:
            return ()
        findings = self._missing(states, closed, running) if noted is not None else ()
        await self._ledger.record_findings(findings)
        await self._ledger.set_note(_NOTE, closed.name)
        return findings

    def _missing(
        self, states: Mapping[PlaceId, PlaceState], closed: Period, running: Period
    ) -> tuple[Finding, ...]:
        ground = self._standing.ground
        boundary = ground.office.midnight(running.start)
        now = self._clock.now().replace(microsecond=0)
        return tuple(
            _finding(place.id, states.get(place.id, PlaceState(place.id)), closed, now)
            for place in ground.fleet.places
            if place.stands_on(closed.end) and not _heard_since(states.get(place.id), boundary)
        )


def _heard_since(state: PlaceState | None, boundary: datetime) -> bool:
    return state is not None and state.seen_at is not None and state.seen_at >= boundary


def _finding(place: PlaceId, state: PlaceState, closed: Period, now: datetime) -> Finding:
    heard = "never" if state.seen_at is None else f"last on {state.seen_at.isoformat()}"
    text = (
        f"no reading at the closing of {closed.name} (heard {heard}); its pages until then come "
        "with the next answer, split over the closing by estimate; switch it on soon, or read "
        f"the panel: copier-fleet read {place} total=..."
    )
    evidence: dict[str, str | int | float | None] = {
        "period": closed.name,
        "last_answer": None if state.seen_at is None else state.seen_at.isoformat(),
    }
    return Finding(Code.CLOSING_READING_MISSING, Severity.WARNING, place, text, now, evidence)
