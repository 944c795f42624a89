"""Readings stored under a time that was still to come are put right by the next one.

The stored readings stay as they are; an entry tells what their time really was, and the place is
counted again from there on.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from collector.app.amend import Amend
from collector.app.ground import Ground
from collector.domain.entries import Retiming, Signature
from collector.domain.reading import PlaceId, Reading
from collector.domain.times import Heard, Wrong, counted_between, which_is_wrong
from collector.ports import Ledger, PlaceState

BY: Final = "copier-fleet"
"""Who enters what the program itself knows to be right."""

INSISTING: Final = 3
"""Answers in a row under an earlier time that make it the right one where nothing tells."""

_BEGINNING: Final = datetime(1971, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_WHY: Final = "the computer's clock was ahead when these were read"


class Retime:
    """Holds a reading that came under an earlier time than the one before it against both."""

    def __init__(self, ledger: Ledger) -> None:
        """Put right what `ledger` holds."""
        self._ledger = ledger
        self._insisted: dict[PlaceId, int] = {}

    async def __call__(
        self, state: PlaceState, reading: Reading, ground: Ground
    ) -> PlaceState | None:
        """Return the state to count `reading` on; None where its own time is the wrong one.

        Where what came before was read under a time still to come, that is entered and counted
        anew first. Where neither time can be proved wrong, three answers in a row decide.
        """
        if state.seen_at is None or state.track is None or reading.at > state.seen_at:
            self._insisted.pop(reading.place, None)
            return state
        now = Heard(reading.at, reading.answer.uptime_s)
        ahead = heard_last(state) or Heard(state.seen_at, None)
        wrong = which_is_wrong(await self._before(reading), ahead, now)
        insisted = self._insisted[reading.place] = self._insisted.get(reading.place, 0) + 1
        if wrong is Wrong.NOW or (wrong is Wrong.UNKNOWN and insisted < INSISTING):
            return None
        self._insisted.pop(reading.place, None)
        seconds = _seconds_off(ahead, now)
        await self._enter(state, reading, seconds, ground)
        return _moved(await self._ledger.state(reading.place), timedelta(seconds=seconds))

    async def _before(self, reading: Reading) -> Heard | None:
        """Return the last stored answer that is not later than `reading`, or None."""
        heard = await self._ledger.heard_between(_BEGINNING, reading.at)
        if reading.place not in heard:
            return None
        stored = await self._ledger.reading(reading.place, heard[reading.place][1])
        return None if stored is None else Heard(stored.at, stored.answer.uptime_s)

    async def _enter(
        self, state: PlaceState, reading: Reading, seconds: int, ground: Ground
    ) -> None:
        """Enter what was ahead and count the place again; raises LedgerMoved."""
        until = state.seen_at or reading.at
        signed = Signature(BY, _WHY, reading.at)
        entry = Retiming(reading.place, reading.at + _SECOND, until, seconds, signed)
        amend = Amend(self._ledger, ground)
        await amend.carry_out(await amend.work_out([entry]))


def heard_last(state: PlaceState) -> Heard | None:
    """Return when `state` was heard last, with the machine's own count then; None for never."""
    if state.seen_at is None:
        return None
    said = [] if state.track is None else [Heard(state.track.at, state.track.uptime_s)]
    if state.last is not None:
        said.append(Heard(state.last.at, state.last.answer.uptime_s))
    return next((one for one in said if one.at == state.seen_at), Heard(state.seen_at, None))


def _seconds_off(ahead: Heard, now: Heard) -> int:
    """Return by how much the time of `ahead` must be moved: below 0, it was earlier.

    By what the machine counted since; where that is not known, to just before `now`.
    """
    counted = counted_between(ahead, now) or _SECOND
    right = now.at - max(counted, _SECOND)
    return int((right - ahead.at).total_seconds())


def _moved(state: PlaceState, by: timedelta) -> PlaceState:
    """Return `state` with the times of what was read last put right."""
    last = state.last
    return replace(
        state,
        seen_at=None if state.seen_at is None else state.seen_at + by,
        stored_at=None if state.stored_at is None else state.stored_at + by,
        last=None if last is None else replace(last, at=last.at + by),
    )
