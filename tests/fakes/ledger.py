"""An honest ledger in memory: the same contract as the file, for tests of everything above it."""

from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.reading import Reading
from collector.domain.counting.usage import CLOSE_ENOUGH, DayUsage, Quality, Usage
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Freed, Pack, Thin
from collector.errors import LedgerError, LedgerMoved
from collector.ports import (
    Cycle,
    Heard,
    LedgerSize,
    LogEntry,
    LogRef,
    PlaceState,
    Record,
    StateChange,
)
from tests.fakes.ledger_papers import (
    FakePapers,
    stored_reading,
    stored_state,
    usage_key,
    whole,
    whole_track,
)
from tests.wording import worded


class FakeLedger(FakePapers):
    """Implements `ports.Ledger`. Set `broken` to a sentence and every call raises LedgerError."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.broken: str | None = None
        self.closed = False
        self._changes: dict[tuple[PlaceId, datetime], StateChange] = {}
        self._cycles: dict[datetime, Cycle] = {}
        self._log: dict[LogRef, int] = {}
        self._next = 1
        self._cursors: dict[str, int] = {}
        self._notes: dict[str, str] = {}

    async def state(self, place: PlaceId) -> PlaceState:
        self._work()
        state = self._states.get(place, PlaceState(place))
        stored = [one for (where, _, _), one in self._readings.items() if where == place]
        return replace(state, last=max(stored, key=lambda one: one.at, default=None))

    async def states(self) -> Sequence[PlaceState]:
        self._work()
        return [await self.state(place) for place in sorted(self._states)]

    async def record(self, records: Sequence[Record]) -> None:
        self._work()
        for record in records:
            if record.days and record.reading is None and not record.usages:
                message = f"{record.state.place}: pages of a day need a reading or usages"
                raise ValueError(message)
        for record in records:
            self._refuse_moved(record.state)
        for record in records:
            if not self._is_there(record):
                self._apply(record)

    async def record_heard(self, heard: Sequence[Heard]) -> Collection[PlaceId]:
        self._work()
        moved = set()
        for one in heard:
            state, at = self._states.get(one.place), whole(one.at)
            if state is None or state.track is None or state.edition != one.edition:
                moved.add(one.place)
            elif state.seen_at is not None and state.seen_at < at:
                track = state.track.heard_again(at, one.uptime_s)
                self._states[one.place] = replace(state, seen_at=at, track=track)
        return moved

    async def record_change(self, change: StateChange, state: PlaceState) -> None:
        self._work()
        change = replace(change, at=whole(change.at))
        if self._changes.get((change.place, change.at)) == change:
            return
        self._refuse_moved(state)
        self._changes[change.place, change.at] = change
        self._states[state.place] = stored_state(state)
        self._append([LogRef("state", f"{change.place}|{int(change.at.timestamp())}")])

    async def record_cycle(self, cycle: Cycle) -> None:
        self._work()
        cycle = replace(cycle, at=whole(cycle.at))
        if self._cycles.get(cycle.at) == cycle:
            return
        self._cycles[cycle.at] = cycle
        self._append([LogRef("cycle", str(int(cycle.at.timestamp())))])
        oldest = cycle.at - timedelta(days=90)
        for at in [one for one in self._cycles if one < oldest]:
            del self._cycles[at]
            self._log.pop(LogRef("cycle", str(int(at.timestamp()))), None)

    async def record_findings(self, findings: Sequence[Finding]) -> None:
        self._work()
        for finding in findings:
            if finding.id not in self._findings:
                self._findings[finding.id] = worded(finding)
                self._append([LogRef("event", finding.id)])

    async def touch(self, refs: Sequence[LogRef]) -> None:
        self._work()
        self._append(refs)

    async def reading(self, place: PlaceId, at: datetime) -> Reading | None:
        self._work()
        found = await self.readings(place, whole(at), whole(at))
        return found[0] if found else None

    async def readings_at(self, keys: Sequence[tuple[PlaceId, datetime]]) -> Sequence[Reading]:
        found = [await self.reading(place, at) for place, at in keys]
        return [one for one in found if one is not None]

    async def readings(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reading]:
        self._work()
        found = (
            one
            for (where, at, _), one in self._readings.items()
            if where == place and since <= at <= until
        )
        return sorted(found, key=lambda one: one.at)

    async def change(self, place: PlaceId, at: datetime) -> StateChange | None:
        self._work()
        return self._changes.get((place, whole(at)))

    async def cycle(self, at: datetime | None = None) -> Cycle | None:
        self._work()
        newest = max(self._cycles, default=None) if at is None else whole(at)
        return None if newest is None else self._cycles.get(newest)

    async def usages(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Usage]:
        self._work()
        found = (
            one
            for one in self._usages.values()
            if one.place == place and whole(since) < one.end <= whole(until)
        )
        return sorted(found, key=lambda one: (one.end, one.device, one.meter, one.epoch))

    async def long_usages(self, since: datetime, until: datetime) -> Sequence[Usage]:
        self._work()
        found = (
            one
            for one in self._usages.values()
            if one.meter == TOTAL
            and (one.end - one.start > CLOSE_ENOUGH or one.quality is Quality.ESTIMATED)
            and one.end > whole(since)
            and one.start < until
        )
        return sorted(found, key=lambda one: (one.end, one.place, one.epoch))

    async def days(
        self, first: date, last: date, place: PlaceId | None = None
    ) -> Sequence[DayUsage]:
        self._work()
        return [
            DayUsage(where, day, dict(pages), estimated)
            for (day, where), (pages, estimated) in sorted(self._days.items(), key=lambda x: x[0])
            if first <= day <= last and place in {None, where}
        ]

    async def day_totals(self, first: date, last: date) -> Sequence[DayUsage]:
        return [
            DayUsage(one.place, one.day, {TOTAL: one.pages.get(TOTAL, 0)})
            for one in await self.days(first, last)
        ]

    async def first_day(self) -> date | None:
        self._work()
        return min((day for day, _ in self._days), default=None)

    async def counted_days(self) -> Mapping[PlaceId, tuple[date, date]]:
        self._work()
        days: dict[PlaceId, list[date]] = {}
        for day, place in self._days:
            insort(days.setdefault(place, []), day)
        return {place: (own[0], own[-1]) for place, own in days.items()}

    async def heard_between(
        self, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        self._work()
        heard: dict[PlaceId, list[datetime]] = {}
        for place, at, _ in self._readings:
            if since <= at <= until:
                insort(heard.setdefault(place, []), at)
        return {place: (times[0], times[-1]) for place, times in heard.items()}

    async def finding(self, finding_id: str) -> Finding | None:
        self._work()
        return self._findings.get(finding_id)

    async def findings(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Finding]:
        self._work()
        bound = since is not None or until is not None
        timeless = [one for one in self._findings.values() if one.at is None and not bound]
        timed = [
            (one.at, number, one)
            for number, one in enumerate(self._findings.values())
            if one.at is not None
            and (since is None or since <= one.at)
            and (until is None or one.at <= until)
        ]
        return timeless + [one for _, _, one in sorted(timed, key=lambda x: x[:2])]

    async def log_after(self, seq: int, limit: int) -> Sequence[LogEntry]:
        self._work()
        entries = [LogEntry(number, ref) for ref, number in self._log.items() if number > seq]
        return sorted(entries, key=lambda one: one.seq)[: max(0, limit)]

    async def cursor(self, sink: str) -> int:
        self._work()
        return self._cursors.get(sink, 0)

    async def acknowledge(self, sink: str, seq: int, after: int | None = None) -> None:
        self._work()
        if after is None or after == self._cursors.get(sink, 0):
            self._cursors[sink] = seq

    async def log_before(self, moment: datetime, day: date, month: str) -> int:
        self._work()
        numbers = [
            number for ref, number in self._log.items() if self._concerns(ref, moment, day, month)
        ]
        return min(numbers) - 1 if numbers else max(self._log.values(), default=0)

    def _concerns(self, ref: LogRef, moment: datetime, day: date, month: str) -> bool:
        item = ref.key.rpartition("|")[2]
        match ref.kind:
            case "event":
                at = self._findings[ref.key].at if ref.key in self._findings else None
                return at is not None and at >= moment
            case "month":
                return item >= month
            case "day" | "office_day" | "paper":
                return item >= day.isoformat()
            case "entry" | "fact" | "statement":
                return False
        return not item.isdigit() or int(item) >= int(moment.timestamp())

    async def waiting_since(self, sink: str) -> datetime | None:
        self._work()
        times = [
            int(ref.key.rpartition("|")[2])
            for ref, number in self._log.items()
            if number > self._cursors.get(sink, 0) and ref.kind in {"reading", "state", "cycle"}
        ]
        return datetime.fromtimestamp(min(times), UTC) if times else None

    async def backlog(self, sink: str) -> int:
        self._work()
        return sum(number > self._cursors.get(sink, 0) for number in self._log.values())

    def _old(self, what: Thin) -> list[tuple[PlaceId, datetime, DeviceKey]]:
        def stays(key: tuple[PlaceId, datetime, DeviceKey]) -> bool:
            place, at, _ = key
            number = self._log.get(LogRef("reading", f"{place}|{int(at.timestamp())}"), 0)
            return at in what.kept or (what.published is not None and number > what.published)

        return sorted(
            key
            for key in self._readings
            if key[0] == what.place and what.since < key[1] < what.before and not stays(key)
        )

    async def thinnable(self, what: Thin) -> Mapping[str, Freed]:
        self._work()
        return {"readings": Freed(len(self._old(what)), 0)}

    async def thin(self, what: Thin, limit: int) -> int:
        self._work()
        gone = self._old(what)[:limit]
        for key in gone:
            del self._readings[key]
            self._rereadings = [
                one
                for one in self._rereadings
                if (one.reading.place, one.reading.at, one.reading.answer.identity.key) != key
            ]
            self._log.pop(LogRef("reading", f"{key[0]}|{int(key[1].timestamp())}"), None)
        return len(gone)

    async def packable(self, before: datetime) -> Mapping[PlaceId, datetime]:
        self._work()
        oldest: dict[PlaceId, datetime] = {}
        for place, at, _ in self._loose(before):
            oldest.setdefault(place, at)
        return oldest

    async def pack(self, what: Pack, limit: int) -> int:
        self._work()
        some = [one for one in self._loose(what.before) if one[0] == what.place][:limit]
        self._packed.update(some)
        return len(some)

    def _loose(self, before: datetime) -> list[tuple[PlaceId, datetime, DeviceKey]]:
        """Return the keys of readings that can be packed yet."""
        newest: dict[PlaceId, datetime] = {}
        for place, at, _ in self._readings:
            newest[place] = max(at, newest.get(place, at))
        read_again = {
            (one.reading.place, one.reading.at, one.reading.answer.identity.key)
            for one in self._rereadings
        }
        loose = self._readings.keys() - self._packed - read_again
        return sorted(key for key in loose if key[1] < min(before, newest[key[0]]))

    async def note(self, key: str) -> str | None:
        self._work()
        return self._notes.get(key)

    async def set_note(self, key: str, text: str) -> None:
        self._work()
        self._notes[key] = text

    async def size(self) -> LedgerSize:
        self._work()
        rows = {
            "readings": len(self._readings),
            "usages": len(self._usages),
            "findings": len(self._findings),
            "days": len(self._days),
            "entries": len(self._entries),
            "rereadings": len(self._rereadings),
            "statements": len(self._statements),
            "fleet_facts": len(self._facts),
            "checkpoints": len(self._checkpoints),
            "place_states": len(self._states),
            "state_changes": len(self._changes),
            "cycles": len(self._cycles),
            "log": len(self._log),
        }
        return LedgerSize("memory", 0, rows)

    async def close(self) -> None:
        self.closed = True

    def reopen(self) -> "FakeLedger":
        """Return this ledger as after a restart."""
        self.closed = False
        return self

    def _work(self) -> None:
        if self.closed:
            raise LedgerError("ledger memory: it is closed already")
        if self.broken is not None:
            raise LedgerError(self.broken)

    def _is_there(self, record: Record) -> bool:
        reading = record.reading
        if reading is not None:
            key = (record.state.place, whole(reading.at), reading.answer.identity.key)
            if key in self._readings:
                return True
        if record.usages:
            return any(usage_key(usage) in self._usages for usage in record.usages)
        return (
            reading is None
            and all(finding.id in self._findings for finding in record.findings)
            and self._states.get(record.state.place) == stored_state(record.state)
        )

    def _refuse_moved(self, state: PlaceState) -> None:
        known = self._states.get(state.place)
        if known is not None and known.edition != state.edition:
            raise LedgerMoved(f"{state.place}: it was counted anew meanwhile")

    def _apply(self, record: Record) -> None:
        self._states[record.state.place] = stored_state(record.state)
        if record.reading is not None:
            one = stored_reading(record.reading)
            self._readings[one.place, one.at, one.answer.identity.key] = one
        if record.checkpoint is not None:
            track = whole_track(record.checkpoint)
            self._checkpoints[record.state.place, track.at] = track
        self._add_usages(record.usages)
        for day in record.days:
            pages, estimated = self._days.get((day.day, day.place), (Counter(), 0))
            for meter, more in day.pages.items():
                pages[meter] += more
            self._days[day.day, day.place] = pages, estimated + day.estimated
        for finding in record.findings:
            self._findings.setdefault(finding.id, worded(finding))
        self._append(record.log)

    def _append(self, refs: Iterable[LogRef]) -> None:
        for ref in refs:
            self._log[ref] = self._next
            self._next += 1
