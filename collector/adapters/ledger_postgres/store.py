"""`ports.Ledger` on the rows of one site in a database that holds many.

Every change is one transaction that has the site's row to itself; every question sees what was
committed when it was asked.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Self

from collector.adapters.ledger_postgres.database import (
    Connections,
    Database,
    connected,
    in_plain_words,
    locked,
    refuse_other_tables,
    shown,
    site_number,
)
from collector.adapters.ledger_postgres.reader import SiteReader
from collector.adapters.ledger_postgres.writer import SiteWriter
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
from collector.errors import LedgerError
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
    StateChange,
)
from collector.texts import ENGLISH


class PostgresLedger:
    """The ledger of one site; `open` it, or make it `of` connections there are, and `close` it.

    A cancelled call may still take effect: it is either applied whole or not at all.
    """

    def __init__(self, pool: Connections, site: int, where: str, *, owns: bool = False) -> None:
        """Prepare only; `open` and `of` are the ways in. Who `owns` the pool closes it."""
        self._pool = pool
        self._site = site
        self._where = where
        self._owns = owns
        self._is_closed = False
        self._reader = SiteReader(site)

    @classmethod
    async def open(cls, url: str, name: str, *, made: bool = False) -> Self:
        """Open the ledger of the site called `name` in the database at `url`.

        With `made` the site may be new. Raises LedgerNone where nobody has heard of it, LedgerError
        in one sentence where the database is out of reach, or not of this release.
        """
        with in_plain_words(f"{shown(url)} {name}"):
            pool = await connected(url)
        try:
            return await cls.of(pool, name, shown(url), made=made, owns=True)
        except BaseException:
            await pool.close()
            raise

    @classmethod
    async def of(
        cls,
        pool: Connections,
        name: str,
        database: str,
        *,
        made: bool = False,
        owns: bool = False,
    ) -> Self:
        """Return the ledger of the site called `name`, in `database` for whoever reads of it."""
        where = f"{database} {name}"
        with in_plain_words(where):
            async with pool.acquire() as connection:
                await refuse_other_tables(connection)
                number = await site_number(connection, name, made=made)
        return cls(pool, number, where, owns=owns)

    async def state(self, place: PlaceId) -> PlaceState:
        """Return what is known of `place`; a place never heard of has an empty state."""
        async with self._reading() as connection:
            found = await self._reader.states(connection, place)
        return found[0] if found else PlaceState(place)

    async def states(self) -> Sequence[PlaceState]:
        """Return every place that was ever recorded, by id."""
        async with self._reading() as connection:
            return await self._reader.states(connection)

    async def record(self, records: Sequence[Record]) -> None:
        """Apply `records` in order, all in one transaction that is on disk when this returns."""
        async with self._writing() as writer:
            await writer.record(records)

    async def record_heard(self, heard: Sequence[Heard]) -> Collection[PlaceId]:
        """Move `seen_at` and the track of places on to when they said the same again."""
        async with self._writing() as writer:
            return await writer.heard(heard)

    async def amend(
        self,
        entries: Sequence[Entry],
        amendments: Sequence[Amendment],
        log: Sequence[LogRef] = (),
    ) -> None:
        """Keep `entries`, put `amendments` in force and append `log`: all of it or nothing."""
        async with self._writing() as writer:
            await writer.amend(entries, amendments, log)

    async def record_change(self, change: StateChange, state: PlaceState) -> None:
        """Keep a turn from heard to silent or back, with the state it leaves and its log row."""
        async with self._writing() as writer:
            await writer.change(change, state)

    async def change(self, place: PlaceId, at: datetime) -> StateChange | None:
        """Return the state change of `place` at exactly `at` (seconds), or None."""
        async with self._reading() as connection:
            return await self._reader.change(connection, place, at)

    async def entries(self, place: PlaceId | None = None) -> Sequence[Entry]:
        """Return what people entered (for `place`), oldest first, replaced entries included."""
        async with self._reading() as connection:
            return await self._reader.entries(connection, place)

    async def checkpoint(self, place: PlaceId, until: datetime) -> PlaceTrack | None:
        """Return the newest checkpoint of `place` whose track stands at or before `until`."""
        async with self._reading() as connection:
            return await self._reader.checkpoint(connection, place, until)

    async def reading(self, place: PlaceId, at: datetime) -> Reading | None:
        """Return the stored reading of `place` at exactly `at` (seconds), or None."""
        found = await self.readings_at([(place, at)])
        return found[0] if found else None

    async def readings_at(self, keys: Sequence[tuple[PlaceId, datetime]]) -> Sequence[Reading]:
        """Return what `reading` does of each of `keys`, in order, without what is not there."""
        async with self._reading() as connection:
            return await self._reader.readings_at(connection, keys)

    async def readings(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reading]:
        """Return the stored readings with since <= at <= until, oldest first."""
        async with self._reading() as connection:
            return await self._reader.readings(connection, place, since, until)

    async def rereadings(
        self, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Reread]:
        """Return what stored readings with since <= at <= until say by corrected profiles."""
        async with self._reading() as connection:
            return await self._reader.rereadings(connection, place, since, until)

    async def usages(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return the usages with since < end <= until, oldest first."""
        async with self._reading() as connection:
            return await self._reader.usages(connection, place, since, until)

    async def long_usages(self, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return every place's usages of `total` that overlap, if over an hour or estimated."""
        async with self._reading() as connection:
            return await self._reader.long_usages(connection, since, until)

    async def days(
        self, first: date, last: date, place: PlaceId | None = None
    ) -> Sequence[DayUsage]:
        """Return the day table from `first` to `last` inclusive, by day then place."""
        async with self._reading() as connection:
            return await self._reader.days(connection, first, last, place)

    async def day_totals(self, first: date, last: date) -> Sequence[DayUsage]:
        """Return `days` by day with `total` alone, 0 where a day counted other meters only."""
        async with self._reading() as connection:
            return await self._reader.day_totals(connection, first, last)

    async def first_day(self) -> date | None:
        """Return the earliest local day in the day table, or None when it is empty."""
        async with self._reading() as connection:
            return await self._reader.first_day(connection)

    async def counted_days(self) -> Mapping[PlaceId, tuple[date, date]]:
        """Return place -> its first and last local day in the day table."""
        async with self._reading() as connection:
            return await self._reader.counted_days(connection)

    async def heard_between(
        self, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        """Return place -> (first, last) stored reading time within since <= at <= until."""
        async with self._reading() as connection:
            return await self._reader.heard_between(connection, since, until)

    async def record_findings(self, findings: Sequence[Finding]) -> None:
        """Keep findings that come from no reading, each logged; known ones are skipped."""
        async with self._writing() as writer:
            await writer.findings(findings)

    async def finding(self, finding_id: str) -> Finding | None:
        """Return one finding, or None."""
        async with self._reading() as connection:
            return await self._reader.finding(connection, finding_id)

    async def findings(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Finding]:
        """Return the findings with since <= at <= until, oldest first; None is no bound."""
        async with self._reading() as connection:
            return await self._reader.findings(connection, since, until)

    async def facts(self) -> Sequence[FleetFact]:
        """Return every fact of the fleet, in the order in which they were recorded."""
        async with self._reading() as connection:
            return await self._reader.facts(connection)

    async def add_facts(self, facts: Sequence[FleetFact], known: int) -> None:
        """Append `facts` where there are just `known` so far."""
        async with self._writing() as writer:
            await writer.facts(facts, known)

    async def seal(self, sealed: Sealed, log: Sequence[LogRef] = ()) -> None:
        """Append a statement and `log`; the same one twice changes nothing."""
        async with self._writing() as writer:
            await writer.seal(sealed, log)

    async def links(self, period: str | None = None) -> Sequence[Link]:
        """Return what `statements` does without reading what they state of places."""
        async with self._reading() as connection:
            return await self._reader.links(connection, period)

    async def statements(self, period: str | None = None) -> Sequence[Sealed]:
        """Return the sealed statements (of `period`), in the order in which they were sealed."""
        async with self._reading() as connection:
            return await self._reader.statements(connection, period)

    async def touch(self, refs: Sequence[LogRef]) -> None:
        """Append `refs` to the log without any other change: publish these again."""
        async with self._writing() as writer:
            await writer.touch(refs)

    async def record_cycle(self, cycle: Cycle) -> None:
        """Keep a round and its log row; those 90 days older than this one are dropped."""
        async with self._writing() as writer:
            await writer.cycle(cycle)

    async def cycle(self, at: datetime | None = None) -> Cycle | None:
        """Return the round that ended at exactly `at` (seconds), the newest for None, or None."""
        async with self._reading() as connection:
            return await self._reader.cycle(connection, at)

    async def log_after(self, seq: int, limit: int) -> Sequence[LogEntry]:
        """Return at most `limit` log entries with a sequence number above `seq`, in order."""
        async with self._reading() as connection:
            return await self._reader.log_after(connection, seq, limit)

    async def cursor(self, sink: str) -> int:
        """Return the sequence number up to which `sink` has everything; 0 at first."""
        async with self._reading() as connection:
            return await self._reader.cursor(connection, sink)

    async def acknowledge(self, sink: str, seq: int, after: int | None = None) -> None:
        """Move the cursor of `sink` to `seq`; with `after` only where it still stands there."""
        async with self._writing() as writer:
            await writer.acknowledge(sink, seq, after)

    async def log_before(self, moment: datetime, day: date, month: str) -> int:
        """Return the number behind which all stands that concerns that time or later."""
        async with self._reading() as connection:
            return await self._reader.log_before(connection, moment, day, month)

    async def waiting_since(self, sink: str) -> datetime | None:
        """Return the time of the oldest reading, state or round that `sink` has yet to get."""
        async with self._reading() as connection:
            return await self._reader.waiting_since(connection, sink)

    async def backlog(self, sink: str) -> int:
        """Return how many log entries `sink` has yet to get."""
        async with self._reading() as connection:
            return await self._reader.backlog(connection, sink)

    async def thinnable(self, what: Thin) -> Mapping[str, Freed]:
        """Return by table what would go of `what`; nothing is changed."""
        async with self._reading() as connection:
            return await self._reader.thinnable(connection, what)

    async def thin(self, what: Thin, limit: int) -> int:
        """Let at most `limit` readings go, with all that is theirs alone; return how many went."""
        async with self._writing() as writer:
            return await writer.thin(what, limit)

    async def packable(self, before: datetime) -> Mapping[PlaceId, datetime]:
        """Return place -> the time of its oldest reading before `before` that can be packed yet."""
        async with self._reading() as connection:
            return await self._reader.packable(connection, before)

    async def pack(self, what: Pack, limit: int) -> int:
        """Lay at most `limit` readings together; their usages and log rows stay as they are."""
        async with self._writing() as writer:
            return await writer.pack(what, limit)

    async def note(self, key: str) -> str | None:
        """Return what was last noted under `key`, or None."""
        async with self._reading() as connection:
            return await self._reader.note(connection, key)

    async def set_note(self, key: str, text: str) -> None:
        """Remember `text` under `key` instead of what was there."""
        async with self._writing() as writer:
            await writer.note(key, text)

    async def size(self) -> LedgerSize:
        """Return the site's rows by table and the bytes of the whole database."""
        async with self._reading() as connection:
            return await self._reader.size(connection, self._where)

    async def close(self) -> None:
        """Let go of the database; what was asked for before is done. Safe twice."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._owns:
            with in_plain_words(self._where):
                await self._pool.close()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Database]:
        with in_plain_words(self._where):
            async with self._connection() as connection:
                try:
                    yield connection
                except NOT_UNDERSTOOD as error:
                    if type(error).__module__.startswith("asyncpg"):
                        raise
                    raise LedgerError(
                        ENGLISH("ledger.centre_row", path=self._where, why=str(error))
                    ) from error

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[SiteWriter]:
        with in_plain_words(self._where):
            async with self._connection() as connection, connection.transaction():
                yield SiteWriter(connection, self._site, await locked(connection, self._site))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Database]:
        if self._is_closed:
            raise LedgerError(ENGLISH("ledger.closed", path=self._where))
        async with self._pool.acquire() as connection:
            yield connection
