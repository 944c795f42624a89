"""`ports.Ledger` on one SQLite file, off the event loop.

All work runs on one thread of its own, in the order in which it was asked for: waiting for the
disk never holds up a poll, and what was written is what the next question sees.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, Self, TypeVar

from collector.adapters.ledger_sqlite.commits import Commits, PendingChange
from collector.adapters.ledger_sqlite.file import (
    LedgerInUse,
    LedgerPatience,
    hand_over,
    in_plain_words,
    is_at_rest,
    open_beside,
    open_for_reading,
    open_for_writing,
    open_in_memory,
    stands,
    take_lock,
    trouble,
)
from collector.adapters.ledger_sqlite.held import HeldFile, lost, stamp
from collector.adapters.ledger_sqlite.mark import MarkFile
from collector.adapters.ledger_sqlite.reader import Reader
from collector.adapters.ledger_sqlite.writer import Writer
from collector.domain.closing.statement import Link, Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Freed, Pack, Thin
from collector.encoding.columns import NOT_UNDERSTOOD
from collector.errors import LedgerDamaged, LedgerError, LedgerLost, LedgerNone
from collector.ports import (
    Amendment,
    Cycle,
    Heard,
    LedgerSize,
    LogEntry,
    LogRef,
    PlaceState,
    Record,
    Reread,
    Restored,
    StateChange,
)
from collector.texts import ENGLISH

T = TypeVar("T")


class _Write(Protocol):
    """Makes one change on the connection that makes all of them."""

    async def __call__(self, work: Callable[[], T], told: Callable[[], None] | None) -> T:
        """Return what `work` returns once that is on disk; `told` is called then."""
        ...


class SqliteLedger:
    """The ledger in one file; `open` it, `close` it.

    A cancelled call may still take effect: it is either applied whole or not at all.
    """

    def __init__(self, path: Path, thread: ThreadPoolExecutor | None) -> None:
        """Prepare only; `open` is the way in. Without `thread`, work is done when asked for."""
        self._path = path
        self._thread = thread
        self._lock: int | None = None
        self._connection: sqlite3.Connection | None = None
        self._mark: MarkFile | None = None
        self._committing: asyncio.Future[None] | None = None
        self._held: HeldFile | None = None
        self._lost: LedgerLost | None = None
        self._write_elsewhere: _Write | None = None
        self._is_read_only = False
        self._is_at_rest = False
        self.patience: LedgerPatience | None = None
        """Waits out what holds a change up, where a daemon can wait."""
        self.restored: Restored | None = None
        """What was published or sealed before and is not here: an older copy was put back."""

    @classmethod
    async def open(cls, path: Path, *, read_only: bool = False, beside: bool = False) -> Self:
        """Open the ledger at `path`; without `read_only`, make it and its folder where missing.

        One process at a time may record what machines say; any number may read meanwhile. With
        `beside`, a command may amend while the daemon runs: where nobody has the lock it is taken,
        else each change waits for its turn. Raises LedgerError, in one
        sentence that says what to do, for a ledger in use, of a newer version, damaged, foreign or
        out of reach. Damage deep inside the file shows when it is first touched.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        ledger = cls(path, thread)
        start = ledger._open_to_write
        if read_only:
            start = ledger._open_to_read
        elif beside:
            start = ledger._open_beside
        try:
            await asyncio.get_running_loop().run_in_executor(thread, start)
        except BaseException:
            # Where the caller was cancelled, what is still being opened is closed after it.
            thread.submit(ledger._release)
            thread.shutdown(wait=False)
            raise
        return ledger

    async def reading_beside(self) -> Self:
        """Return this ledger with a connection and thread of its own to read by; close it first.

        Who asks much, as deliveries do, then waits for no poll, and no poll waits for the asking.
        What was written is on disk and seen at once; what is written goes the one way in.
        """
        beside = await type(self).open(self._path, read_only=True)
        beside.write_through(self._write, self._writer, self._mark)
        beside.patience = self.patience
        return beside

    def write_through(self, write: _Write, writer: Writer, mark: MarkFile | None) -> None:
        """Let `write` make every change from now on, by `writer`: this one only reads."""
        self._write_elsewhere, self._writer, self._mark = write, writer, mark

    @classmethod
    async def in_memory(cls) -> Self:
        """Return an empty ledger that lies nowhere: it is gone when it is closed."""
        ledger = cls(Path(":memory:"), None)
        ledger._start(open_in_memory())
        return ledger

    async def state(self, place: PlaceId) -> PlaceState:
        """Return what is known of `place`; a place never heard of has an empty state."""
        return await self._read(lambda: self._reader.state(place))

    async def states(self) -> Sequence[PlaceState]:
        """Return every place that was ever recorded, by id."""
        return await self._read(self._reader.states)

    async def record(self, records: Sequence[Record]) -> None:
        """Apply `records` in order, all in one transaction that is on disk when this returns."""
        await self._write(lambda: self._writer.record(records))

    async def record_heard(self, heard: Sequence[Heard]) -> Collection[PlaceId]:
        """Move `seen_at` and the track of places on to when they said the same again."""
        return await self._write(lambda: self._writer.heard(heard))

    async def amend(
        self,
        entries: Sequence[Entry],
        amendments: Sequence[Amendment],
        log: Sequence[LogRef] = (),
    ) -> None:
        """Keep `entries`, put `amendments` in force and append `log`: all of it or nothing."""
        await self._write(lambda: self._writer.amend(entries, amendments, log))

    async def entries(self, place: PlaceId | None = None) -> Sequence[Entry]:
        """Return what people entered (for `place`), oldest first, replaced entries included."""
        return await self._read(lambda: self._reader.entries(place))

    async def checkpoint(self, place: PlaceId, until: datetime) -> PlaceTrack | None:
        """Return the newest checkpoint of `place` whose track stands at or before `until`."""
        return await self._read(lambda: self._reader.checkpoint(place, until))

    async def seal(self, sealed: Sealed, log: Sequence[LogRef] = ()) -> None:
        """Append a statement and `log`; the same one twice changes nothing."""
        statement = sealed.statement
        noted = (statement.period.name, statement.revision)
        await self._write(
            lambda: self._writer.seal(sealed, log),
            lambda: None if self._mark is None else self._mark.sealed(*noted),
        )

    async def links(self, period: str | None = None) -> Sequence[Link]:
        """Return what `statements` does without reading what they state of places."""
        return await self._read(lambda: self._reader.links(period))

    async def statements(self, period: str | None = None) -> Sequence[Sealed]:
        """Return the sealed statements (of `period`), in the order in which they were sealed."""
        return await self._read(lambda: self._reader.statements(period))

    async def record_change(self, change: StateChange, state: PlaceState) -> None:
        """Keep a turn from heard to silent or back, with the state it leaves and its log row."""
        await self._write(lambda: self._writer.change(change, state))

    async def record_cycle(self, cycle: Cycle) -> None:
        """Keep a round and its log row; those 90 days older than this one are dropped."""
        await self._write(lambda: self._writer.cycle(cycle))
        await self._run(self._stamp)

    async def record_findings(self, findings: Sequence[Finding]) -> None:
        """Keep findings that come from no reading, each logged; known ones are skipped."""
        await self._write(lambda: self._writer.findings(findings))

    async def touch(self, refs: Sequence[LogRef]) -> None:
        """Append `refs` to the log without any other change: publish these again."""
        await self._write(lambda: self._writer.touch(refs))

    async def reading(self, place: PlaceId, at: datetime) -> Reading | None:
        """Return the stored reading of `place` at exactly `at` (seconds), or None.

        What it carried as findings is among the findings, not in the reading.
        """
        return await self._read(lambda: self._reader.reading(place, at))

    async def readings_at(self, keys: Sequence[tuple[PlaceId, datetime]]) -> Sequence[Reading]:
        """Return what `reading` does of each of `keys`, in order, without what is not there."""
        return await self._read(lambda: self._reader.readings_at(keys))

    async def readings(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reading]:
        """Return the stored readings with since <= at <= until, oldest first."""
        return await self._read(lambda: self._reader.readings(place, since, until))

    async def rereadings(
        self, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Reread]:
        """Return what stored readings with since <= at <= until say by corrected profiles."""
        return await self._read(lambda: self._reader.rereadings(place, since, until))

    async def change(self, place: PlaceId, at: datetime) -> StateChange | None:
        """Return the state change of `place` at exactly `at` (seconds), or None."""
        return await self._read(lambda: self._reader.change(place, at))

    async def cycle(self, at: datetime | None = None) -> Cycle | None:
        """Return the round that ended at exactly `at` (seconds), the newest for None, or None."""
        return await self._read(lambda: self._reader.cycle(at))

    async def usages(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return the usages with since < end <= until, oldest first."""
        return await self._read(lambda: self._reader.usages(place, since, until))

    async def long_usages(self, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return every place's usages of `total` that overlap, if over an hour or estimated."""
        return await self._read(lambda: self._reader.long_usages(since, until))

    async def days(
        self, first: date, last: date, place: PlaceId | None = None
    ) -> Sequence[DayUsage]:
        """Return the day table from `first` to `last` inclusive, by day then place."""
        return await self._read(lambda: self._reader.days(first, last, place))

    async def day_totals(self, first: date, last: date) -> Sequence[DayUsage]:
        """Return `days` by day with `total` alone, 0 where a day counted other meters only."""
        return await self._read(lambda: self._reader.day_totals(first, last))

    async def first_day(self) -> date | None:
        """Return the earliest local day in the day table, or None when it is empty."""
        return await self._read(self._reader.first_day)

    async def counted_days(self) -> Mapping[PlaceId, tuple[date, date]]:
        """Return place -> its first and last local day in the day table."""
        return await self._read(self._reader.counted_days)

    async def facts(self) -> Sequence[FleetFact]:
        """Return every fact of the fleet, in the order in which they were recorded."""
        return await self._read(self._reader.facts)

    async def add_facts(self, facts: Sequence[FleetFact], known: int) -> None:
        """Append `facts` where there are just `known` so far."""
        await self._write(lambda: self._writer.facts(facts, known))

    async def heard_between(
        self, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        """Return place -> (first, last) stored reading time within since <= at <= until."""
        return await self._read(lambda: self._reader.heard_between(since, until))

    async def finding(self, finding_id: str) -> Finding | None:
        """Return one finding, or None."""
        return await self._read(lambda: self._reader.finding(finding_id))

    async def findings(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Finding]:
        """Return the findings with since <= at <= until, oldest first; None is no bound."""
        return await self._read(lambda: self._reader.findings(since, until))

    async def log_after(self, seq: int, limit: int) -> Sequence[LogEntry]:
        """Return at most `limit` log entries with a sequence number above `seq`, in order.

        Then it is noted, where changes are made, that the log was read: what is mentioned from then
        on stands behind what was read. A mention that was left out until then, since an older one
        stood there unread, is committed when this returns: whoever renders now sees what it is of.
        Noted before, what is mentioned in between would be read and yet pass for unread.
        """
        entries = await self._read(lambda: self._reader.log_after(seq, limit))
        if self._write_elsewhere is not None or not self._is_read_only:
            await self._write(self._writer.log_is_read)
        return entries

    async def cursor(self, sink: str) -> int:
        """Return the sequence number up to which `sink` has everything; 0 at first."""
        return await self._read(lambda: self._reader.cursor(sink))

    async def acknowledge(self, sink: str, seq: int, after: int | None = None) -> None:
        """Move the cursor of `sink` to `seq`; with `after` only where it still stands there."""
        await self._write(
            lambda: self._writer.acknowledge(sink, seq, after),
            lambda: None if self._mark is None else self._mark.published(seq),
        )

    async def backlog(self, sink: str) -> int:
        """Return how many log entries `sink` has yet to get."""
        return await self._read(lambda: self._reader.backlog(sink))

    async def log_before(self, moment: datetime, day: date, month: str) -> int:
        """Return the number behind which all stands that concerns that time or later."""
        return await self._read(lambda: self._reader.log_before(moment, day, month))

    async def waiting_since(self, sink: str) -> datetime | None:
        """Return the time of the oldest reading, state or round that `sink` has yet to get."""
        return await self._read(lambda: self._reader.waiting_since(sink))

    async def thinnable(self, what: Thin) -> Mapping[str, Freed]:
        """Return by table what would go of `what`; nothing is changed."""
        return await self._read(lambda: self._reader.thinnable(what))

    async def thin(self, what: Thin, limit: int) -> int:
        """Let at most `limit` readings go, with all that is theirs alone; return how many went."""
        return await self._write(lambda: self._writer.thin(what, limit))

    async def packable(self, before: datetime) -> Mapping[PlaceId, datetime]:
        """Return place -> the time of its oldest reading before `before` that can be packed yet."""
        return await self._read(lambda: self._reader.packable(before))

    async def pack(self, what: Pack, limit: int) -> int:
        """Lay at most `limit` readings together that are over; return how many those are."""
        return await self._write(lambda: self._writer.pack(what, limit))

    async def note(self, key: str) -> str | None:
        """Return what was last noted under `key`, or None."""
        return await self._read(lambda: self._reader.note(key))

    async def set_note(self, key: str, text: str) -> None:
        """Remember `text` under `key` instead of what was there."""
        await self._write(lambda: self._writer.note(key, text))

    async def size(self) -> LedgerSize:
        """Return rows by table and bytes of the file with its write-ahead log."""
        return await self._read(self._reader.size)

    async def close(self) -> None:
        """Finish what was asked for, flush and close; free for another writer. Safe twice."""
        try:
            await self._run(self._release)
        except LedgerError:
            if self._connection is not None:
                raise
        finally:
            if self._thread is not None:
                self._thread.shutdown(wait=False)

    async def _read(self, question: Callable[[], T]) -> T:
        async def attempt() -> T:
            return await self._run(question)

        try:
            if self.patience is not None:
                return await self.patience.until_done(attempt, is_change=False)
            answer = await attempt()
        except NOT_UNDERSTOOD as error:
            raise LedgerDamaged(
                ENGLISH("ledger.damaged_row", path=str(self._path), why=str(error))
            ) from error
        if self._is_at_rest and not is_at_rest(self._path):
            raise LedgerError(ENGLISH("ledger.begun", path=str(self._path)))
        return answer

    async def _write(self, work: Callable[[], T], told: Callable[[], None] | None = None) -> T:
        """Return what `work` comes to once it is on disk; `told` is called then."""
        if self._write_elsewhere is not None:
            return await self._write_elsewhere(work, told)

        async def attempt() -> T:
            return await self._changed(work, told)

        return await (attempt() if self.patience is None else self.patience.until_done(attempt))

    async def _changed(self, work: Callable[[], T], told: Callable[[], None] | None) -> T:
        """Return what `work` comes to, committed with all that waits for the disk meanwhile."""
        change = PendingChange(work, told)
        self._commits.add(change)
        try:
            await self._committed(change)
        except BaseException:
            self._commits.take_back(change)  # what comes next knows nothing of it
            raise
        if change.error is not None and self._lost is not None:
            raise LedgerLost(str(self._lost)) from change.error
        if isinstance(change.error, sqlite3.Error):
            raise trouble(change.error, self._path) from change.error
        if change.error is not None:
            raise change.error
        return change.answer  # type: ignore[return-value]  # of what `work` returned

    async def _committed(self, change: PendingChange) -> None:
        """Return once `change` is done; whoever finds nobody at it has it and all others made.

        One that came too late for the commit under way is in the next one.
        """
        if self._thread is None:
            self._commits.commit()
        while self._thread is not None and not change.is_done:
            if self._committing is None or self._committing.done():
                self._committing = self._submit(self._commits.commit, self._thread)
            await asyncio.shield(self._committing)  # others want it, though a caller is cancelled

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return work() if self._thread is None else await self._submit(work, self._thread)
        except sqlite3.Error as error:
            if self._lost is not None:  # closed by then; why is what matters
                raise LedgerLost(str(self._lost)) from error
            raise trouble(error, self._path) from error

    def _submit(self, work: Callable[[], T], thread: ThreadPoolExecutor) -> asyncio.Future[T]:
        try:
            return asyncio.get_running_loop().run_in_executor(thread, work)
        except RuntimeError as error:
            raise LedgerError(ENGLISH("ledger.closed", path=str(self._path))) from error

    def _look_at_the_file(self) -> None:
        """Raise LedgerLost where the file is another than the one that was opened."""
        if self._lost is not None:
            raise LedgerLost(str(self._lost))
        held, connection = self._held, self._connection
        if held is not None and connection is not None and held.is_lost(connection):
            kept = held.keep(connection)
            self._connection = None
            self._lost = lost(self._path, kept)
            raise self._lost

    def _stamp(self) -> None:
        """Let copies be known; where that cannot be written now, the next round will."""
        if self._held is not None and self._connection is not None:
            with suppress(sqlite3.Error):
                stamp(self._connection, self._held)
            self._look_at_the_file()

    def _open_to_write(self) -> None:
        self._lock = take_lock(self._path)
        try:
            connection = open_for_writing(self._path)
            self._start(connection)
            self.restored = self._hold_mark(connection)
            with in_plain_words(self._path):
                stamp(connection)
            self._held = HeldFile(self._path)
            hand_over(self._path)
        except BaseException:
            self._release()
            raise

    def _open_to_read(self) -> None:
        self._is_read_only = True
        self._is_at_rest = is_at_rest(self._path)
        self._start(open_for_reading(self._path))

    def _open_beside(self) -> None:
        if not stands(self._path):  # its owner would be whoever typed the command
            raise LedgerNone(ENGLISH("ledger.none_yet", path=str(self._path)))
        try:
            self._open_to_write()
        except LedgerInUse:
            connection = open_beside(self._path)
            self._start(connection)
            self._hold_mark(connection)

    def _start(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._reader = Reader(connection, self._path)
        self._writer = Writer(connection, alone=self._lock is not None)
        self._commits = Commits(connection, self._writer.undo, self._look_at_the_file)

    def _hold_mark(self, connection: sqlite3.Connection) -> Restored | None:
        """Hold the ledger against its mark; damage shows where it is touched, not here."""
        try:
            mark = MarkFile(self._path, connection)
            restored = mark.hold()
        except sqlite3.DatabaseError:
            return None
        self._mark = mark
        return restored

    def _release(self) -> None:
        try:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._held is not None:
                self._held.close()
                self._held = None
                hand_over(self._path)
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None
