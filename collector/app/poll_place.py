"""Poll one place: read, judge, write down. A failed poll writes no reading."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.app.count_reading import moved_here, record_reading
from collector.app.ground import Standing
from collector.domain.findings import Code, Finding, Severity
from collector.domain.identity import DeviceKey
from collector.domain.reading import PlaceId, Reading
from collector.errors import DeviceError, DeviceNonsense, DeviceRefused
from collector.ports import (
    Clock,
    DeviceReader,
    Ledger,
    PlaceState,
    PollTarget,
    StateChange,
)

FAILURES_UNTIL_OFFLINE = 2
"""One lost datagram is no news; two polls in a row without an answer are."""


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What became of a poll. `turned` is True when the place just fell silent or came back."""

    place: PlaceId
    ok: bool
    seconds: float
    refused: bool = False
    turned: bool = False
    reason: str = ""
    findings: tuple[Finding, ...] = ()


class PollPlace:
    """Polls places one after another or side by side; each place by one caller at a time."""

    def __init__(
        self, reader: DeviceReader, ledger: Ledger, clock: Clock, standing: Standing
    ) -> None:
        """Begin without knowing any place; `remember` fills in what the ledger knows."""
        self._reader = reader
        self._ledger = ledger
        self._clock = clock
        self._standing = standing
        self._states: dict[PlaceId, PlaceState] = {}
        self._failures: dict[PlaceId, int] = {}
        self._known: dict[PlaceId, frozenset[Code]] = {}
        self._homes: dict[DeviceKey, PlaceId] = {}

    def read_with(self, reader: DeviceReader) -> None:
        """Use `reader` from the next poll on; the caller closes the old one."""
        self._reader = reader

    async def remember(self) -> None:
        """Load what the ledger knows of every place."""
        for state in await self._ledger.states():
            self._keep(state)

    @property
    def states(self) -> Mapping[PlaceId, PlaceState]:
        """What is known of every place polled or remembered so far."""
        return self._states

    async def __call__(self, target: PollTarget) -> PollOutcome:
        """Poll `target` once. Device errors become outcomes; LedgerError passes through."""
        started = self._clock.now()
        try:
            answer = await self._reader.read(target)
        except DeviceError as error:
            return await self._failed(target, error, started)
        now = self._clock.now().replace(microsecond=0)
        return await self._answered(Reading(target.place, now, answer), started)

    async def _answered(self, reading: Reading, started: datetime) -> PollOutcome:
        place = reading.place
        state = self._states.get(place, PlaceState(place))
        news = self._news(reading)
        record = record_reading(state, reading, self._standing.ground, news)
        turned = state.online is False
        await self._ledger.record([record])
        if turned:
            change = StateChange(place, reading.at, online=True)
            await self._ledger.record_change(change, record.state)
        self._failures.pop(place, None)
        self._keep(record.state)
        seconds = (self._clock.now() - started).total_seconds()
        return PollOutcome(place, ok=True, seconds=seconds, turned=turned, findings=record.findings)

    def _news(self, reading: Reading) -> tuple[Finding, ...]:
        """Return the decoder's findings not yet told of this place, and a move between places."""
        place, answer = reading.place, reading.answer
        codes = frozenset(finding.code for finding in answer.findings)
        told = self._known.get(place, frozenset())
        self._known[place] = codes
        news = [
            replace(finding, subject=place, at=reading.at)
            for finding in answer.findings
            if finding.code not in told
        ]
        home = self._homes.get(answer.identity.key)
        if home is not None and home != place and not answer.identity.is_weak:
            news.append(moved_here(reading, home))
        return tuple(news)

    def _keep(self, state: PlaceState) -> None:
        self._states[state.place] = state
        if state.track is not None and not state.track.identity.is_weak:
            self._homes[state.track.identity.key] = state.place

    async def _failed(
        self, target: PollTarget, error: DeviceError, started: datetime
    ) -> PollOutcome:
        place, now = target.place, self._clock.now().replace(microsecond=0)
        refused = isinstance(error, DeviceRefused)
        failures = self._failures.get(place, 0) + 1
        self._failures[place] = failures
        state = self._states.get(place, PlaceState(place))
        seconds = (self._clock.now() - started).total_seconds()
        outcome = PollOutcome(
            place, ok=False, seconds=seconds, refused=refused, reason=error.message
        )
        if failures < FAILURES_UNTIL_OFFLINE and not refused and state.online:
            return outcome
        turned = state.online is not False
        if turned or self._silence_is_due(state, now):
            findings = await self._note_silence(state, error, now)
            outcome = replace(outcome, turned=turned, findings=findings)
        return outcome

    def _silence_is_due(self, state: PlaceState, now: datetime) -> bool:
        """Say whether the hourly row that shows how long a place is silent is due."""
        written = state.stored_at if state.online else state.changed_at
        return written is None or now - written >= self._standing.ground.heartbeat

    async def _note_silence(
        self, state: PlaceState, error: DeviceError, now: datetime
    ) -> tuple[Finding, ...]:
        silent = now - state.seen_at if state.seen_at is not None else timedelta(0)
        after = replace(state, online=False, changed_at=now, reason=error.message)
        change = StateChange(
            state.place,
            now,
            online=False,
            silent_s=int(silent.total_seconds()),
            reason=error.message,
        )
        await self._ledger.record_change(change, after)
        self._keep(after)
        findings = self._silence_findings(state, error, now, silent)
        if findings:
            await self._ledger.record_findings(findings)
        return findings

    def _silence_findings(
        self, state: PlaceState, error: DeviceError, now: datetime, silent: timedelta
    ) -> tuple[Finding, ...]:
        limit = self._standing.ground.silent_after
        if state.reason != error.message and isinstance(error, DeviceRefused | DeviceNonsense):
            refused = isinstance(error, DeviceRefused)
            code = Code.DEVICE_REFUSED if refused else Code.DEVICE_NONSENSE
            return (Finding(code, Severity.ERROR, state.place, error.message, now),)
        if silent < limit or state.seen_at is None or self._told_silent(state, limit):
            return ()
        hours = int(limit.total_seconds() // 3600)
        text = f"no answer for {hours} hours: {error.message}"
        evidence = {"last_answer": state.seen_at.isoformat()}
        return (
            Finding(Code.DEVICE_SILENT, Severity.WARNING, state.place, text, now, dict(evidence)),
        )

    def _told_silent(self, state: PlaceState, limit: timedelta) -> bool:
        """Say whether the previous hourly row already was beyond the limit."""
        if state.changed_at is None or state.seen_at is None or state.online:
            return False
        return state.changed_at - state.seen_at >= limit
