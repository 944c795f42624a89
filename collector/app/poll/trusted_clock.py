"""The time to file readings under, while the computer's own clock may be wrong.

The wall clock is held against the monotonic clock and against what the machines counted
themselves (`domain/counting/times.py`). A leap is not followed before a machine agrees with it;
what is known meanwhile is the last trusted time and the seconds since.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from collector.app.enter.amend import Amend, AmendLedger
from collector.app.notes import CLOCK_IN_DOUBT
from collector.app.office_context import OfficeContext
from collector.domain.counting.entries import Retiming, in_force
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.reading import Reading
from collector.domain.counting.times import (
    SLACK,
    UptimeMark,
    Wrong,
    counted_between,
    tolerance,
    which_is_wrong,
)
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.ports import BEGINNING, Clock, Counting, Findings, Notes, PlaceState

LEAP: Final = timedelta(minutes=1)
"""Clocks are slewed by seconds; whoever moves one by more than this moves it in one step."""

_UNVOUCHED: Final = timedelta(hours=36)
"""After a pause longer than this a wrong clock is as likely as a long weekend."""

_PATIENCE: Final = timedelta(hours=24)
"""A leap that no machine can speak for or against is followed after this long."""


class Telling(Findings, Notes, Protocol):
    """Where something is told once: found, and noted as told."""


@dataclass(frozen=True, slots=True)
class _Witness:
    """A machine that counts the seconds since `origin`; `zero` is true time less monotonic time."""

    origin: UptimeMark
    is_older: bool
    """Whether `origin` was read before this program started."""
    zero: datetime | None = None
    slack: timedelta = timedelta(0)

    def agrees(self, zero: datetime) -> bool:
        return self.zero is not None and abs(self.zero - zero) <= self.slack


class TrustedClock:
    """Implements `ports.Clock`: never leaps on the wall clock's word alone."""

    def __init__(self, wall: Clock, monotonic: Callable[[], float]) -> None:
        """Begin by trusting `wall`; `monotonic` gives seconds that only ever grow."""
        self._wall = wall
        self._monotonic = monotonic
        self._started = monotonic()
        self._zero = wall.now() - timedelta(seconds=self._started)
        self._leapt: float | None = None
        self._unvouched = False
        self._witnesses: dict[PlaceId, _Witness] = {}
        self._told = False

    def resume_after(self, newest: datetime | None) -> None:
        """Hold the wall clock against `newest`, the last thing that the ledger knows to have been.

        It cannot be earlier now; and if it is much later, somebody must vouch for it first.
        """
        if newest is None:
            return
        now = self.now()
        if now < newest - LEAP:
            self._zero = newest - timedelta(seconds=self._monotonic())
        self._unvouched = now - newest > _UNVOUCHED

    def now(self) -> datetime:
        """Return the trusted time: the wall clock's, unless it has leapt and nobody vouched."""
        wall, steady = self._wall.now(), self._steady()
        if abs(wall - steady) <= LEAP:
            self._follow(wall)
            return wall
        if self._leapt is None:
            self._leapt = self._monotonic()
            self._ask_anew()
        elif self._monotonic() - self._leapt > _PATIENCE.total_seconds() and (
            abs(wall - steady) <= SLACK or not self._votes()
        ):
            self._follow(wall)
            return wall
        return steady

    def wall_in_doubt(self) -> datetime | None:
        """Return what the wall clock says where that is not the trusted time, else None."""
        trusted, wall = self.now(), self._wall.now()
        return None if abs(wall - trusted) <= LEAP else wall

    @property
    def is_in_doubt(self) -> bool:
        """Say whether nothing should be closed by this time."""
        if self.wall_in_doubt() is not None:
            return True
        if self._unvouched and self._monotonic() - self._started > _PATIENCE.total_seconds():
            self._unvouched = False
        return self._unvouched or self._is_contradicted()

    def hear(self, place: PlaceId, uptime_s: int | None, known: UptimeMark | None) -> None:
        """Let the machine at `place` say how much time has passed.

        `known` is when it was heard last before this program started, None where it was not.
        """
        now = UptimeMark(self.now(), uptime_s)
        witness = self._witnesses.get(place)
        if witness is None:
            witness = _Witness(known or now, is_older=known is not None)
        counted = counted_between(witness.origin, now)
        if counted is None:
            self._witnesses[place] = _Witness(now, is_older=False)
            return
        zero = witness.origin.at + counted - timedelta(seconds=self._monotonic())
        slack = tolerance(counted)
        heard = self._witnesses[place] = _Witness(witness.origin, witness.is_older, zero, slack)
        if self.wall_in_doubt() is None and heard.agrees(self._wall_zero()):
            self._unvouched = False  # one that agrees is enough: nobody else need be asked
        else:
            self._settle()

    def _steady(self) -> datetime:
        return self._zero + timedelta(seconds=self._monotonic())

    def _follow(self, wall: datetime) -> None:
        self._zero = wall - timedelta(seconds=self._monotonic())
        self._leapt = None

    def _ask_anew(self) -> None:
        """Forget what machines said of the time before a leap; only what they say now judges it."""
        for place, one in self._witnesses.items():
            self._witnesses[place] = replace(one, zero=None)

    def _votes(self) -> list[_Witness]:
        return [one for one in self._witnesses.values() if one.zero is not None]

    def _older(self) -> Iterator[_Witness]:
        return (one for one in self._votes() if one.is_older)

    def _wall_zero(self) -> datetime:
        return self._wall.now() - timedelta(seconds=self._monotonic())

    def _settle(self) -> None:
        """Follow a leap that more machines speak for than against; leave a wall that none does."""
        votes, wall = self._votes(), self._wall_zero()
        agreeing = sum(one.agrees(wall) for one in votes)
        if self.wall_in_doubt() is not None:
            if agreeing > sum(one.agrees(self._zero) for one in votes):
                self._follow(self._wall.now())
            return
        if agreeing:
            self._unvouched = False
        elif (agreed := self._agreed_otherwise()) is not None:
            self._zero = agreed

    def _agreed_otherwise(self) -> datetime | None:
        """Return the time's zero that two or more machines known from before agree on, or None."""
        zeros = [one.zero for one in self._older() if one.zero is not None]
        if len(zeros) < 2:  # noqa: PLR2004 - one machine's clock may stand still while it sleeps
            return None
        middle = sorted(zeros)[len(zeros) // 2]
        return middle if all(one.agrees(middle) for one in self._older()) else None

    def _is_contradicted(self) -> bool:
        older = list(self._older())
        return bool(older) and not any(one.agrees(self._wall_zero()) for one in self._votes())

    async def look(self, ledger: Telling) -> tuple[Finding, ...]:
        """Tell once that the clock is in doubt, and once that it is not any more.

        The ledger notes it, so that whoever else would close a month can see it.
        """
        doubt = self.is_in_doubt
        if doubt == self._told:
            return ()
        self._told = doubt
        finding = self._finding(doubt=doubt)
        await CLOCK_IN_DOUBT.put(ledger, finding.message.key if doubt else "")
        await ledger.record_findings([finding])
        return (finding,)

    def _finding(self, *, doubt: bool) -> Finding:
        now, wall = self.now().replace(microsecond=0), self._wall.now().replace(microsecond=0)
        facts: dict[str, str | int | float | None] = {
            "wall": wall.isoformat(),
            "trusted": now.isoformat(),
            "difference_s": int((wall - now).total_seconds()),
        }
        if not doubt:
            text = sentence("finding.clock_trusted")
            return Finding(Code.CLOCK_TRUSTED, Severity.INFO, "clock", text, now, facts)
        text = sentence("finding.clock_in_doubt", wall=wall, trusted=now)
        return Finding(Code.CLOCK_IN_DOUBT, Severity.ERROR, "clock", text, now, facts)


async def is_ahead_of(ledger: Counting, now: datetime) -> bool:
    """Say whether `ledger` heard a machine later than `now`: one of the two clocks is wrong."""
    heard = [one.seen_at for one in await ledger.states() if one.seen_at is not None]
    return any(at - now > LEAP for at in heard)


# Readings stored under a time that was still to come are put right by the next one.
#
# The stored readings stay as they are; an entry tells what their time really was, and the place is
# counted again from there on.


BY: Final = "copier-fleet"
"""Who enters what the program itself knows to be right."""

INSISTING: Final = 3
"""Answers in a row under an earlier time that make it the right one where nothing tells."""

_SECOND: Final = timedelta(seconds=1)


class Retime:
    """Holds a reading that came under an earlier time than the one before it against both."""

    def __init__(self, ledger: AmendLedger) -> None:
        """Put right what `ledger` holds."""
        self._ledger = ledger
        self._insisted: dict[PlaceId, int] = {}
        self._taken: dict[PlaceId, frozenset[datetime]] = {}

    async def __call__(
        self, state: PlaceState, reading: Reading, context: OfficeContext
    ) -> PlaceState | None:
        """Return the state to count `reading` on; None where its own time is the wrong one.

        Where what came before was read under a time still to come, that is entered and counted
        anew first. Where neither time can be proved wrong, three answers in a row decide.
        """
        if state.seen_at is None or state.track is None or reading.at > state.seen_at:
            self._insisted.pop(reading.place, None)
            return state
        now = UptimeMark(reading.at, reading.answer.uptime_s)
        ahead = heard_last(state) or UptimeMark(state.seen_at, None)
        wrong = which_is_wrong(await self._before(reading), ahead, now)
        insisted = self._insisted[reading.place] = self._insisted.get(reading.place, 0) + 1
        if wrong is Wrong.NOW or (wrong is Wrong.UNKNOWN and insisted < INSISTING):
            return None
        self._insisted.pop(reading.place, None)
        seconds = _seconds_off(ahead, now)
        await self._enter(state, reading, seconds, context)
        return _moved(await self._ledger.state(reading.place), timedelta(seconds=seconds))

    async def untaken(self, reading: Reading) -> Reading:
        """Return `reading` under a time at which no reading lies that was taken at another.

        It is a second later where one does: the ledger keeps one reading of a machine a second.
        """
        taken = await self._taken_at(reading.place)
        at = reading.at
        while at in taken:
            at += _SECOND
        return reading if at == reading.at else replace(reading, at=at)

    async def _taken_at(self, place: PlaceId) -> frozenset[datetime]:
        """Return under which times readings of `place` lie that were taken at another."""
        if place not in self._taken:
            known = in_force(await self._ledger.entries(place))
            wrong = (one.times for one in known if isinstance(one, Retiming))
            self._taken[place] = frozenset[datetime]().union(*wrong)
        return self._taken[place]

    async def _before(self, reading: Reading) -> UptimeMark | None:
        """Return the last stored answer that is not later than `reading`, or None."""
        heard = await self._ledger.heard_between(BEGINNING, reading.at)
        if reading.place not in heard:
            return None
        stored = await self._ledger.reading(reading.place, heard[reading.place][1])
        return None if stored is None else UptimeMark(stored.at, stored.answer.uptime_s)

    async def _enter(
        self, state: PlaceState, reading: Reading, seconds: int, context: OfficeContext
    ) -> None:
        """Enter what was ahead and count the place again; raises LedgerMoved."""
        until = state.seen_at or reading.at
        why = context.say(sentence("why.clock_ahead"))
        signed = Signature(BY, why, reading.at)
        since, taken = reading.at + _SECOND, await self._taken_at(reading.place)
        stored = await self._ledger.readings(reading.place, since, until)
        marks = [UptimeMark(one.at, one.answer.uptime_s) for one in stored if one.at not in taken]
        now = UptimeMark(reading.at, reading.answer.uptime_s)
        entries: list[Retiming] = []
        for wrong_by, of in _by_error(marks, now, until, seconds):
            first = since if not entries else min(of)
            entries.append(Retiming(reading.place, first, max(of), wrong_by, signed, times=of))
        amend = Amend(self._ledger, context)
        await amend.carry_out(await amend.work_out(entries))
        times = frozenset[datetime]().union(*(one.times for one in entries))
        self._taken[reading.place] = taken | times


def heard_last(state: PlaceState) -> UptimeMark | None:
    """Return when `state` was heard last, with the machine's own count then; None for never."""
    if state.seen_at is None:
        return None
    said = [] if state.track is None else [UptimeMark(state.track.at, state.track.uptime_s)]
    if state.last is not None:
        said.append(UptimeMark(state.last.at, state.last.answer.uptime_s))
    return next((one for one in said if one.at == state.seen_at), UptimeMark(state.seen_at, None))


def _by_error(
    stored: Sequence[UptimeMark], now: UptimeMark, until: datetime, seconds: int
) -> list[tuple[int, frozenset[datetime]]]:
    """Return the times of what is `stored` by how wrong they are, in order: a clock may leap twice.

    What was heard last, at `until`, is wrong by `seconds`, and so is what nothing else tells of.
    """
    found: list[tuple[int, set[datetime]]] = []
    for one in stored:
        tells = counted_between(one, now) is not None and one.at != until
        wrong_by = _seconds_off(one, now) if tells else seconds
        if not found or abs(found[-1][0] - wrong_by) > LEAP.total_seconds():
            found.append((wrong_by, set()))
        found[-1][1].add(one.at)
    if not found or abs(found[-1][0] - seconds) > LEAP.total_seconds():
        found.append((seconds, set()))
    found[-1][1].add(until)
    return [(wrong_by, frozenset(times)) for wrong_by, times in found]


def _seconds_off(ahead: UptimeMark, now: UptimeMark) -> int:
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
