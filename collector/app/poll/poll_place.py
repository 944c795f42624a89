"""Poll one place: read, judge, write down. A failed poll writes no reading."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from collector.app.count_reading import (
    answers_twice,
    at_two_places,
    moved_here,
    record_reading,
    still_there,
)
from collector.app.enter.amend import Amend
from collector.app.notes import FIRST_ASKED, TOLD_OF
from collector.app.office_context import CurrentOffice
from collector.app.poll.device_locations import DeviceLocations
from collector.app.poll.place_states import PlaceStates
from collector.app.poll.trusted_clock import Retime, TrustedClock, heard_last
from collector.domain.closing.guesses import ASKED_AFTER
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.meter_findings import out_of_order
from collector.domain.counting.reading import Alert, Answer, DeviceStatus, Reading, Stay
from collector.domain.counting.times import UptimeMark
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Fleet, Place
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Fact, Sentence, sentence, verbatim
from collector.errors import (
    DeviceError,
    DeviceNonsense,
    DeviceNotAsked,
    DeviceRefused,
    LedgerMoved,
)
from collector.ports import (
    Clock,
    Counting,
    DeviceReader,
    Notes,
    PlaceState,
    PollTarget,
    Record,
    StateChange,
)

# Places that fell silent together: their common key or network is told once, not each place.


FEWEST: Final = 3
"""Places with one credential of which none answers, before the credential is the likely reason."""


def silent_together(
    place: PlaceId, fleet: Fleet, states: Mapping[PlaceId, PlaceState]
) -> tuple[PlaceId, ...]:
    """Return the places asked with the credential of `place`, where none of them answers.

    In the order of their names; empty where one answers, or where they are fewer than three.
    """
    alike = tuple(sorted(one.id for one in _alike(place, fleet)))
    known = [states.get(one) for one in alike]
    are_silent = all(one is not None and one.online is False for one in known)
    return alike if are_silent and len(alike) >= FEWEST else ()


def shared_reason(place: PlaceId, fleet: Fleet) -> Sentence:
    """Return the one sentence for all places that share the credential of `place`."""
    alike = _alike(place, fleet)
    name = alike[0].credential
    return sentence("finding.credential_silent", places=len(alike), credential=name)


def _alike(place: PlaceId, fleet: Fleet) -> tuple[Place, ...]:
    keys = {one.credential for one in fleet.places if one.id == place}
    return tuple(one for one in fleet.places if one.credential in keys)


# What a machine reports of itself, told once for as long as it lasts.


_MARK = f"{Code.DEVICE_ALERT.value}:"


def alert_findings(reading: Reading) -> tuple[Finding, ...]:
    """Return a finding for each alert that is news; a machine's routine is none."""
    alerts = reading.answer.alerts or ()
    return tuple(_finding(reading, one) for one in alerts if one.severity is not Severity.INFO)


def mark(finding: Finding) -> str:
    """Return under which name `finding` counts as told: its code, of an alert which one."""
    if finding.code is not Code.DEVICE_ALERT:
        return finding.code.value
    return f"{_MARK}{finding.evidence.get('alert')}"


def unseen_marks(reading: Reading, told: Iterable[str]) -> frozenset[str]:
    """Return those of `told` that `reading` says nothing about: alerts that were not asked for.

    They neither ended nor began; to forget them would tell them again.
    """
    if reading.answer.alerts is not None:
        return frozenset()
    return frozenset(one for one in told if one.startswith(_MARK))


def _finding(reading: Reading, alert: Alert) -> Finding:
    advice = sentence("alert.for_service" if alert.for_service else "alert.at_machine")
    text = alert.said or alert.text
    said = sentence("finding.device_alert", text=text, advice=advice)
    if alert.part and alert.part not in alert.text:
        about: dict[str, Fact] = {"text": text, "part": alert.part, "advice": advice}
        said = Sentence("finding.device_alert.part", about)
    return Finding(
        Code.DEVICE_ALERT,
        alert.severity,
        reading.place,
        said,
        reading.at,
        {"alert": alert.key, "code": alert.code, "part": alert.part},
    )


_FAILED: Final[Mapping[type[DeviceError], str]] = {
    DeviceRefused: "refused",
    DeviceNonsense: "nonsense",
    DeviceNotAsked: "not_asked",
}
"""What kind of failure an error is; any other one is a silence."""

FAILURES_UNTIL_OFFLINE = 2
"""One lost datagram is no news; two polls in a row without an answer are."""


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What became of a poll. `turned` is True when the place just fell silent or came back.

    `unasked` is True where this program could not even ask. `failed` says why it failed, in one
    word for programs; `counted` is how many impressions it counted. `asleep` is what it said.
    """

    place: PlaceId
    ok: bool
    seconds: float
    failed: str = ""
    counted: int = 0
    refused: bool = False
    unasked: bool = False
    asleep: bool = False
    turned: bool = False
    reason: str = ""
    findings: tuple[Finding, ...] = ()


def _is_asleep(reading: Reading) -> bool:
    return reading.answer.status is DeviceStatus.ASLEEP


class PollLedger(Counting, Notes, Protocol):
    """What polls are counted in, with what was told of a place and where each machine stands."""


class PollPlace:
    """Polls places one after another or side by side; each place by one caller at a time."""

    def __init__(
        self, reader: DeviceReader, ledger: PollLedger, clock: Clock, current: CurrentOffice
    ) -> None:
        """Begin without knowing any place; `remember` fills in what the ledger knows.

        A `TrustedClock` is told what the machines say of the time that has passed.
        """
        self._reader = reader
        self._ledger = ledger
        self._clock = clock
        self._current = current
        self._states = PlaceStates(ledger)
        self._failures: dict[PlaceId, int] = {}
        self._unanswered: dict[PlaceId, datetime] = {}
        self._told: dict[PlaceId, frozenset[str]] = {}
        self._locations = DeviceLocations()
        self._trusted = clock if isinstance(clock, TrustedClock) else None
        self._known: dict[PlaceId, UptimeMark] = {}
        self._retime = Retime(ledger)

    async def read_with(self, reader: DeviceReader) -> None:
        """Use `reader` from the next poll on, and close the old one; polls in flight may finish."""
        old, self._reader = self._reader, reader
        await old.close()

    async def close(self) -> None:
        """Close the reader that is in use."""
        await self._reader.close()

    async def remember(self) -> None:
        """Load what the ledger knows of every place, and what was told of it and still holds."""
        states = await self._ledger.states()
        for state in states:
            self._states.put(state)
            if (heard := heard_last(state)) is not None:
                self._known[state.place] = heard
            noted = await TOLD_OF.about(state.place).get(self._ledger)
            self._told[state.place] = noted or frozenset()
        await self._locations.settle(self._ledger, states)

    @property
    def states(self) -> Mapping[PlaceId, PlaceState]:
        """What is known of every place polled or remembered so far."""
        return self._states

    async def __call__(self, target: PollTarget) -> PollOutcome:
        """Poll `target` once. Device errors become outcomes; LedgerError passes through."""
        started = self._clock.now()
        try:
            answer = await self._reader.read(target)
        except DeviceNotAsked as error:
            return replace(self._failure(target, error, started), unasked=True)
        except DeviceError as error:
            return await self._failed(target, error, started)
        reading = self._timed(target.place, answer)
        context = self._current.context
        if self._locations.is_at_home(reading) and self._states.hear_again(
            reading, context.heartbeat
        ):
            return await self._heard_again(reading, started)
        return await self._answered(reading, started)

    async def write_heard(self) -> None:
        """Write down which machines were heard again since that was written last."""
        await self._states.write()

    async def _heard_again(self, reading: Reading, started: datetime) -> PollOutcome:
        """Return how a poll went that found nothing new."""
        self._forget_failures(reading.place)
        await self._states.write_where_due(reading.at, self._current.context.office)
        seconds = (self._clock.now() - started).total_seconds()
        return PollOutcome(reading.place, ok=True, seconds=seconds, asleep=_is_asleep(reading))

    def _timed(self, place: PlaceId, answer: Answer) -> Reading:
        """Return `answer` as a reading of now; both times where the clock is in doubt."""
        wall = None
        if self._trusted is not None:
            self._trusted.hear(place, answer.uptime_s, self._known.get(place))
            wall = self._trusted.wall_in_doubt()
        now = self._clock.now().replace(microsecond=0)
        return Reading(
            place, now, answer, wall=None if wall is None else wall.replace(microsecond=0)
        )

    async def _answered(self, reading: Reading, started: datetime) -> PollOutcome:
        """Count `reading`; again from the start where the place was counted anew meanwhile."""
        while True:
            with suppress(LedgerMoved):
                return await self._count(reading, started)

    async def _count(self, reading: Reading, started: datetime) -> PollOutcome:
        place, context = reading.place, self._current.context
        state = await self._state(place)
        with self._forgetting(place):
            state = await self._retime(state, reading, context) or state
        reading = await self._retime.untaken(reading)
        await self._locations.look_up(self._ledger, reading)
        stay = self._locations.stay(self._states, reading, context.heartbeat)
        brought = self._locations.brought(self._states, reading)
        reading = replace(reading, stay=stay, brought=brought if stay is Stay.ARRIVED else None)
        holding = self._holding(state, reading)
        news = [*self._untold(place, holding), *self._move(reading)]
        record = record_reading(state, reading, context, news)
        turned = state.online is False
        with self._forgetting(place):
            await self._ledger.record([record])
            if turned:
                change = StateChange(place, reading.at, online=True)
                await self._ledger.record_change(change, record.state)
        told = self._told.get(place, frozenset())
        await self._tell(place, {*map(mark, holding), *unseen_marks(reading, told)})
        self._forget_failures(place)
        self._states.put(record.state, reading)
        findings = (*record.findings, *await self._take_back(record, reading.at))
        await self._locations.arrive(self._ledger, reading, context.rules.conflict)
        seconds = (self._clock.now() - started).total_seconds()
        counted = sum(one.pages for one in record.usages if one.meter == TOTAL)
        outcome = PollOutcome(place, ok=True, seconds=seconds, counted=counted)
        return replace(outcome, turned=turned, findings=findings, asleep=_is_asleep(reading))

    async def _take_back(self, record: Record, at: datetime) -> tuple[Finding, ...]:
        """Count anew where the reading of `at` unmade usages; return what is found."""
        if record.recount_since is None:
            return ()
        place, amend = record.state.place, Amend(self._ledger, self._current.context)
        with self._forgetting(place):
            found = await amend.take_back(place, record.recount_since, at)
            self._states.put(await self._ledger.state(place))
        return found

    async def _state(self, place: PlaceId) -> PlaceState:
        """Return what is known of `place`, asking the ledger where it is not remembered."""
        if place not in self._states:
            self._states.put(await self._ledger.state(place))
        return self._states[place]

    @contextmanager
    def _forgetting(self, place: PlaceId) -> Iterator[None]:
        """Forget what is known of `place` where writing it down is cut short.

        A poll may be cancelled while the ledger is at work. Whether the ledger then has it, only
        the ledger knows; judging the next reading by the old state would count pages twice.
        """
        try:
            yield
        except BaseException:
            self._states.forget(place)
            raise

    def _holding(self, state: PlaceState, reading: Reading) -> tuple[Finding, ...]:
        """Return the findings that hold as long as the machine answers like this."""
        place, home = reading.place, self._locations.home_of(reading)
        decoded = [
            replace(finding, subject=place, at=reading.at) for finding in reading.answer.findings
        ]
        if reading.stay is Stay.TWICE and home is not None:
            decoded.append(answers_twice(reading, home))
        if state.track is not None and reading.at < state.track.at:
            decoded.append(out_of_order(reading))
        return (*decoded, *alert_findings(reading))

    def _move(self, reading: Reading) -> tuple[Finding, ...]:
        home = self._locations.home_of(reading)
        if reading.stay is not Stay.ARRIVED or home is None:
            return ()
        day = self._current.context.rules.conflict
        if not self._locations.is_in_two_minds(reading, day):
            return (moved_here(reading, home),)
        if self._locations.was_told(reading, day):
            return ()
        return (at_two_places(reading, home),)

    def _untold(self, place: PlaceId, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return those of `findings` that were not told of `place` since they began to hold."""
        told = self._told.get(place, frozenset())
        return tuple(finding for finding in findings if mark(finding) not in told)

    async def _tell(self, place: PlaceId, marks: Iterable[str]) -> None:
        """Remember, over a restart too, that `marks` are told and hold; others may be told anew."""
        holding = frozenset(marks)
        if holding != self._told.get(place, frozenset()):
            self._told[place] = holding
            await TOLD_OF.about(place).put(self._ledger, holding)

    async def _failed(
        self, target: PollTarget, error: DeviceError, started: datetime
    ) -> PollOutcome:
        """Note a failed poll; again where the place was counted anew meanwhile."""
        failures = self._failures.get(target.place, 0) + 1
        self._failures[target.place] = failures
        self._unanswered.setdefault(target.place, started)
        while True:
            with suppress(LedgerMoved):
                return await self._note_failure(target, error, started)

    async def _note_failure(
        self, target: PollTarget, error: DeviceError, started: datetime
    ) -> PollOutcome:
        place, now = target.place, self._clock.now().replace(microsecond=0)
        refused = isinstance(error, DeviceRefused)
        failures = self._failures[place]
        state = await self._state(place)
        outcome = replace(self._failure(target, error, started), refused=refused)
        if failures < FAILURES_UNTIL_OFFLINE and not refused and state.online:
            return outcome
        turned = state.online is not False
        if turned or self._silence_is_due(state, now):
            findings = await self._note_silence(state, error, now)
            outcome = replace(outcome, turned=turned, findings=findings)
        return outcome

    def _failure(self, target: PollTarget, error: DeviceError, started: datetime) -> PollOutcome:
        seconds = (self._clock.now() - started).total_seconds()
        failed = _FAILED.get(type(error), "silent")
        return PollOutcome(
            target.place, ok=False, seconds=seconds, failed=failed, reason=error.message
        )

    def _silence_is_due(self, state: PlaceState, now: datetime) -> bool:
        """Say whether the hourly row that shows how long a place is silent is due."""
        written = state.changed_at
        return written is None or now - written >= self._current.context.heartbeat

    async def _note_silence(
        self, state: PlaceState, error: DeviceError, now: datetime
    ) -> tuple[Finding, ...]:
        """Write down that a place is silent, and tell what was not told of this silence.

        Findings come first: after a crash in between they are told twice, not never.
        """
        place = state.place
        since = await self._silent_since(state, now)
        silent = max(now - since, timedelta(0))
        findings = self._untold(place, self._silence_findings(state, error, now, since))
        if findings:
            await self._ledger.record_findings(findings)
        after = replace(state, online=False, changed_at=now, reason=error.message)
        seconds = int(silent.total_seconds())
        change = StateChange(place, now, online=False, silent_s=seconds, reason=error.message)
        with self._forgetting(place):
            await self._ledger.record_change(change, after)
        self._states.put(after)
        told = self._told.get(place, frozenset())
        await self._tell(place, told | set(map(mark, findings)))
        return findings

    async def _silent_since(self, state: PlaceState, now: datetime) -> datetime:
        """Return since when a place is silent: since its last answer, or since it was first asked.

        Where places rest, one may not have been asked for long after it answered: its silence was
        not heard before the first poll left unanswered; it is told as if asked a heartbeat earlier.
        """
        place, context = state.place, self._current.context
        seen_at = state.seen_at or await self._first_asked(place, now)
        if not context.rules.rests:
            return seen_at
        if state.online is False and state.changed_at is not None:
            told = await self._ledger.change(place, state.changed_at)
            if told is not None:
                return told.at - timedelta(seconds=told.silent_s)
        unanswered = min(self._unanswered.get(place, now), now).replace(microsecond=0)
        return max(seen_at, unanswered - context.heartbeat)

    def _forget_failures(self, place: PlaceId) -> None:
        """Begin anew: the place answered."""
        self._failures.pop(place, None)
        self._unanswered.pop(place, None)

    async def _first_asked(self, place: PlaceId, now: datetime) -> datetime:
        """Return when a place that never answered was asked first; a wrong address is one."""
        note = FIRST_ASKED.about(place)
        noted = await note.get(self._ledger)
        if noted is None:
            await note.put(self._ledger, now)
        return noted or now

    def _silence_findings(
        self, state: PlaceState, error: DeviceError, now: datetime, since: datetime
    ) -> Iterable[Finding]:
        """Yield all that a person should know of a silence, told already or not."""
        if isinstance(error, DeviceRefused | DeviceNonsense):
            refused = isinstance(error, DeviceRefused)
            code = Code.DEVICE_REFUSED if refused else Code.DEVICE_NONSENSE
            said = verbatim(error.message)
            yield Finding(code, Severity.ERROR, state.place, said, now)
        context = self._current.context
        if state.track is not None and now - since >= ASKED_AFTER:
            yield still_there(state, now)
        limit = context.silent_after
        if now - since < limit:
            return
        code, why = Code.DEVICE_SILENT, verbatim(error.message)
        alike = silent_together(state.place, context.fleet, self._states)
        if alike:
            code, why = Code.CREDENTIAL_SILENT, shared_reason(state.place, context.fleet)
        if alike and state.place != alike[0]:
            return  # told at the first of them
        hours = int(limit.total_seconds() // 3600)
        text = sentence("finding.device_silent", hours=hours, why=why)
        heard = None if state.seen_at is None else state.seen_at.isoformat()
        evidence: dict[str, str | int | float | None] = {"last_answer": heard}
        yield Finding(code, Severity.WARNING, state.place, text, now, evidence)
