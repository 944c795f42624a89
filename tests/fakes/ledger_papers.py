"""The papers of the ledger in memory: amendments, entries, checkpoints, statements."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from collector.app.centre.tell import mentions
from collector.domain.closing.seal import linked
from collector.domain.closing.statement import Link, Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import MeterTrack, PlaceTrack
from collector.domain.counting.usage import Usage
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.errors import LedgerMoved
from collector.ports import BEGINNING, Amendment, LogRef, PlaceState, Reread

UsageKey = tuple[PlaceId, DeviceKey, str, int, datetime]


def whole(at: datetime) -> datetime:
    """Return `at` in UTC, rounded down to whole seconds, as the ledger keeps times."""
    return at if _is_whole(at) else at.astimezone(UTC).replace(microsecond=0)


def _is_whole(at: datetime | None) -> bool:
    return at is None or (at.tzinfo is UTC and at.microsecond == 0)


def _whole_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else whole(at)


def _whole_meter(one: MeterTrack) -> MeterTrack:
    return one if _is_whole(one.last_at) else replace(one, last_at=whole(one.last_at))


def whole_track(track: PlaceTrack) -> PlaceTrack:
    """Return `track` with its times in whole seconds."""
    meters = {name: _whole_meter(one) for name, one in track.meters.items()}
    held, until = track.held, track.pace.until
    return replace(
        track,
        at=whole(track.at),
        meters=meters,
        held=None if held is None else replace(held, at=whole(held.at)),
        pace=track.pace if _is_whole(until) else replace(track.pace, until=_whole_or_none(until)),
        before=tuple(
            replace(one, stood=whole_track(one.stood), since=whole(one.since))
            for one in track.before
        ),
        former=tuple(whole_track(one) for one in track.former),
        conflict_at=_whole_or_none(track.conflict_at),
    )


def stored_reading(reading: Reading) -> Reading:
    confirmed = reading.confirmed
    if confirmed is not None:
        confirmed = replace(confirmed, at=whole(confirmed.at))
    answer = replace(reading.answer, findings=(), alerts=None, provenance={})
    return replace(reading, at=whole(reading.at), answer=answer, confirmed=confirmed)


def stored_state(state: PlaceState) -> PlaceState:
    return replace(
        state,
        track=None if state.track is None else whole_track(state.track),
        last=None,
        seen_at=_whole_or_none(state.seen_at),
        stored_at=_whole_or_none(state.stored_at),
        changed_at=_whole_or_none(state.changed_at),
    )


def usage_key(usage: Usage) -> UsageKey:
    return usage.place, usage.device, usage.meter, usage.epoch, whole(usage.end)


class FakePapers(ABC):
    """The half of `FakeLedger` that keeps what rests on other things that lie there."""

    def __init__(self) -> None:
        """Begin empty."""
        self._states: dict[PlaceId, PlaceState] = {}
        self._readings: dict[tuple[PlaceId, datetime, DeviceKey], Reading] = {}
        self._usages: dict[UsageKey, Usage] = {}
        self._findings: dict[str, Finding] = {}
        self._days: dict[tuple[date, PlaceId], tuple[Counter[Meter], int]] = {}
        self._entries: dict[str, Entry] = {}
        self._checkpoints: dict[tuple[PlaceId, datetime], PlaceTrack] = {}
        self._statements: list[Sealed] = []
        self._rereadings: list[Reread] = []
        self._packed: set[tuple[PlaceId, datetime, DeviceKey]] = set()
        self._facts: list[FleetFact] = []

    @abstractmethod
    def _work(self) -> None:
        """Refuse to work where the ledger is closed or broken."""

    @abstractmethod
    def _append(self, refs: Iterable[LogRef]) -> None:
        """Append `refs` to the log."""

    @abstractmethod
    async def record_findings(self, findings: Sequence[Finding]) -> None:
        """Keep `findings`, each with its log row."""

    async def amend(
        self,
        entries: Sequence[Entry],
        amendments: Sequence[Amendment],
        log: Sequence[LogRef] = (),
    ) -> None:
        self._work()
        for one in amendments:
            known = self._states.get(one.before.place, PlaceState(one.before.place))
            if known != stored_state(one.before):
                raise LedgerMoved(f"{one.before.place}: it was read or amended meanwhile")
        for entry in entries:
            if entry.id not in self._entries:
                self._append([LogRef("entry", entry.id)])
            self._entries.setdefault(entry.id, entry)
        for one in amendments:
            self._amend(one)
            await self.record_findings(one.findings)
            self._append(mentions(one))
        self._append(log)

    def _amend(self, one: Amendment) -> None:
        place, since = one.before.place, None if one.since is None else whole(one.since)
        for key, usage in list(self._usages.items()):
            if usage.place == place and (since is None or usage.end > since):
                del self._usages[key]
        for where, at in list(self._checkpoints):
            if where == place and (since is None or at > since):
                del self._checkpoints[where, at]
        self._add_usages(one.usages)
        for track in one.checkpoints:
            self._checkpoints[place, whole(track.at)] = whole_track(track)
        for day in one.days:
            if day.pages:
                self._days[day.day, place] = Counter(day.pages), day.estimated
            else:
                self._days.pop((day.day, place), None)
        for reading in map(stored_reading, one.readings):
            key = (reading.place, reading.at, reading.answer.identity.key)
            self._readings.setdefault(key, reading)
        since = one.since
        self._packed = {
            key
            for key in self._packed
            if key[0] != one.before.place or key[1] <= (since or BEGINNING)
        }
        self._rereadings += [
            replace(again, reading=stored_reading(again.reading)) for again in one.rereadings
        ]
        edition = one.before.edition + 1
        self._states[place] = stored_state(replace(one.before, track=one.track, edition=edition))

    async def entries(self, place: PlaceId | None = None) -> Sequence[Entry]:
        self._work()
        found = (one for one in self._entries.values() if place in {None, one.place})
        return sorted(found, key=lambda one: one.signed.at)

    async def facts(self) -> Sequence[FleetFact]:
        self._work()
        return list(self._facts)

    async def add_facts(self, facts: Sequence[FleetFact], known: int) -> None:
        self._work()
        if len(self._facts) != known:
            raise LedgerMoved("the fleet was changed by another process meanwhile")
        self._facts += [
            replace(one, signed=replace(one.signed, at=whole(one.signed.at))) for one in facts
        ]
        self._append([LogRef("fact", str(known + number)) for number in range(len(facts))])

    async def checkpoint(self, place: PlaceId, until: datetime) -> PlaceTrack | None:
        self._work()
        found = [at for where, at in self._checkpoints if where == place and at <= whole(until)]
        return self._checkpoints[place, max(found)] if found else None

    async def seal(self, sealed: Sealed, log: Sequence[LogRef] = ()) -> None:
        self._work()
        statement = sealed.statement
        key = (statement.period.name, statement.revision)
        for one in self._statements:
            if (one.statement.period.name, one.statement.revision) == key:
                if one.seal == sealed.seal:
                    return
                raise LedgerMoved(f"{key[0]}: revision {key[1]} was sealed meanwhile")
        if statement.previous != (self._statements[-1].seal if self._statements else ""):
            raise LedgerMoved(f"{key[0]}: another statement was sealed meanwhile")
        self._statements.append(sealed)
        self._append([*log, LogRef("statement", f"{key[0]}|{key[1]}")])

    async def links(self, period: str | None = None) -> Sequence[Link]:
        return [linked(one.text, one.seal) for one in await self.statements(period)]

    async def statements(self, period: str | None = None) -> Sequence[Sealed]:
        self._work()
        return [one for one in self._statements if period in {None, one.statement.period.name}]

    async def rereadings(
        self, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Reread]:
        self._work()
        found = (
            one
            for one in self._rereadings
            if one.reading.place == place and since <= one.reading.at <= until
        )
        return sorted(found, key=lambda one: one.reading.at)

    def _add_usages(self, usages: Iterable[Usage]) -> None:
        for usage in usages:
            self._usages[usage_key(usage)] = replace(
                usage, start=whole(usage.start), end=whole(usage.end)
            )
