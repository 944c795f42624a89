"""Every question to the ledger of one site. Damaged text raises ValueError or the like."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from collector.adapters.ledger_postgres.database import Database
from collector.adapters.ledger_postgres.writer import OLD, PACKABLE, old_values
from collector.domain.closing.statement import Link, Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import TOTAL
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Freed, Thin
from collector.encoding.columns import (
    decode_entry,
    decode_fact,
    decode_finding,
    from_seconds,
    link_of,
    sealed_of,
    time_or_none,
    to_microseconds,
    to_seconds,
    to_seconds_up,
    usage_of,
)
from collector.encoding.readings import (
    About,
    answer_of,
    decode_about,
    decode_brought,
    decode_proof,
    decode_raw,
    decode_stock,
)
from collector.encoding.states import decode_track, heard_again
from collector.ports import Cycle, LedgerSize, LogEntry, LogRef, PlaceState, Reread, StateChange

_READING: Final = """
r.place, r.at, r.about, r.meters, r.counts, r.uptime_s, r.status, r.supplies, r.remaining, r.stay,
r.confirmed_at, r.confirmed_uptime_s, r.terms, r.raw, r.wall_at, r.brought
"""
_READINGS: Final = f"""
SELECT {_READING} FROM ledger.readings_between($1, $2, $3, $4) r ORDER BY r.at, r.device
"""  # noqa: S608 - constants only
_READINGS_AT: Final = f"""
SELECT DISTINCT ON (k.number) {_READING}
FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY k (place, at, number)
CROSS JOIN LATERAL ledger.readings_between($1, k.place, k.at, k.at) r
ORDER BY k.number, r.device
"""  # noqa: S608 - constants only
_REREADINGS: Final = """
SELECT r.place, r.at, a.about, a.meters, a.counts, r.uptime_s, r.status, NULL, NULL, r.stay,
    r.confirmed_at, r.confirmed_uptime_s, NULL, NULL, NULL, r.brought, a.entry
FROM ledger.rereadings a JOIN ledger.readings_between($1, $2, $3, $4) r
    ON r.at = a.at AND r.device = a.device
WHERE a.site = $1 AND a.place = $2 AND a.at BETWEEN $3 AND $4 ORDER BY a.at, a.device, a.seq
"""
_STATES: Final = f"""
SELECT s.place, coalesce(s.heard_at, s.seen_at), s.stored_at, s.online, s.changed_at, s.reason,
    s.track, s.edition, s.heard_at, s.heard_uptime_s, {_READING}
FROM ledger.place_states s LEFT JOIN LATERAL (
    SELECT * FROM ledger.readings n WHERE n.site = s.site AND n.place = s.place
    ORDER BY n.at DESC, n.device DESC LIMIT 1) r ON true
WHERE s.site = $1 AND ($2::text IS NULL OR s.place = $2) ORDER BY s.place
"""  # noqa: S608 - constants only
_STATE_COLUMNS: Final = 10
_USAGE: Final = "place, ended, device, meter, epoch, lasted_s, first, pages, quality, low, high"
_USAGES: Final = f"""
SELECT {_USAGE} FROM ledger.usages
WHERE site = $1 AND place = $2 AND ended > $3 AND ended <= $4 ORDER BY ended, device, meter, epoch
"""  # noqa: S608 - constants only
# The conditions say the same as the partial index, so that only its few rows are walked.
_LONG_USAGES: Final = f"""
SELECT {_USAGE} FROM ledger.usages
WHERE site = $1 AND meter = 'total' AND (lasted_s > 3600 OR quality = 1)
AND ended > $2 AND ended - lasted_s < $3 ORDER BY ended, place, epoch
"""  # noqa: S608 - constants only
_DAYS: Final = """
SELECT place, day, pages, estimated FROM ledger.days
WHERE site = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR place = $4) ORDER BY day, place
"""
_DAY_TOTALS: Final = """
SELECT place, day, coalesce((pages::json ->> 'total')::bigint, 0) FROM ledger.days
WHERE site = $1 AND day BETWEEN $2 AND $3 ORDER BY day, place
"""
_COUNTED: Final = """
SELECT place, min(day), max(day) FROM ledger.days WHERE site = $1 GROUP BY place
"""
# Two seeks a place instead of a walk through all its readings.
_HEARD: Final = """
SELECT s.place, least(h.first, k.first), greatest(h.last, k.last) FROM ledger.place_states s
CROSS JOIN LATERAL (SELECT min(r.at) AS first, max(r.at) AS last FROM ledger.readings r
    WHERE r.site = $1 AND r.place = s.place AND r.at BETWEEN $2 AND $3) h
CROSS JOIN LATERAL (SELECT min(r.at) AS first, max(r.at) AS last FROM ledger.packed p
    CROSS JOIN LATERAL jsonb_to_recordset(p.rows) r (at BIGINT)
    WHERE p.site = $1 AND p.place = s.place AND p.last >= $2 AND p.first <= $3
    AND r.at BETWEEN $2 AND $3) k
WHERE s.site = $1 AND coalesce(h.first, k.first) IS NOT NULL ORDER BY s.place
"""
_FINDINGS: Final = """
SELECT code, severity, subject, message, at_us, evidence, said FROM ledger.findings
WHERE site = $1
"""
_LOG_BEFORE: Final = """
SELECT min(l.seq) FROM ledger.log l
LEFT JOIN ledger.findings f ON f.site = l.site AND l.kind = 'event' AND f.id = l.key
WHERE l.site = $1 AND CASE l.kind WHEN 'event' THEN f.at_us >= $5 WHEN 'month' THEN l.key >= $4
    WHEN 'day' THEN right(l.key, 10) >= $3 WHEN 'office_day' THEN l.key >= $3
    WHEN 'entry' THEN false WHEN 'fact' THEN false WHEN 'statement' THEN false
    ELSE l.number IS NULL OR l.number >= $2 END
"""
_WAITING_SINCE: Final = """
SELECT min(number) FROM ledger.log WHERE site = $1 AND kind IN ('reading', 'state', 'cycle')
AND seq > coalesce((SELECT seq FROM ledger.cursors WHERE site = $1 AND sink = $2), 0)
"""
_BACKLOG: Final = """
SELECT count(*) FROM ledger.log WHERE site = $1
AND seq > coalesce((SELECT seq FROM ledger.cursors WHERE site = $1 AND sink = $2), 0)
"""
_ENTRIES: Final = """
SELECT kind, place, entered_by, why, entered_at, replaces, facts FROM ledger.entries
WHERE site = $1 AND ($2::text IS NULL OR place = $2) ORDER BY entered_at, seq
"""
_CHECKPOINT: Final = """
SELECT track FROM ledger.checkpoints WHERE site = $1 AND place = $2 AND at <= $3
ORDER BY at DESC LIMIT 1
"""
_STATEMENTS: Final = """
SELECT period, revision, text, seal FROM ledger.statements
WHERE site = $1 AND ($2::text IS NULL OR period = $2) ORDER BY seq
"""
_FACTS: Final = """
SELECT kind, subject, facts, recorded_by, why, recorded_at FROM ledger.fleet_facts
WHERE site = $1 ORDER BY seq
"""
_THINNABLE: Final = f"""
WITH old AS MATERIALIZED ({OLD})
SELECT 'readings', count(*), coalesce(sum(octets), 0)::bigint FROM old
UNION ALL
SELECT 'rereadings', count(*), coalesce(sum(25 + length(a.counts)), 0)::bigint
FROM old o JOIN ledger.rereadings a
    ON a.site = $1 AND a.place = o.place AND a.at = o.at AND a.device = o.device
UNION ALL
SELECT 'log', count(*), count(*) * 35 FROM (SELECT DISTINCT place, at FROM old) o
JOIN ledger.log l ON l.site = $1 AND l.kind = 'reading' AND l.key = o.place || '|' || o.at
"""  # noqa: S608 - constants only
_TABLES: Final = (
    *("readings", "usages", "findings", "days", "entries", "rereadings", "statements"),
    *("fleet_facts", "checkpoints", "place_states", "state_changes", "cycles", "log", "texts"),
)


class SiteReader:
    """Answers from what is committed in the ledger of one site."""

    def __init__(self, site: int) -> None:
        """Ask for the site numbered so."""
        self._site = site
        self._texts: dict[uuid.UUID, str] = {}
        self._abouts: dict[uuid.UUID, About] = {}
        self._names: dict[uuid.UUID, Sequence[Any]] = {}

    async def states(
        self, connection: Database, place: PlaceId | None = None
    ) -> Sequence[PlaceState]:
        """Return the state of every place (of `place`), by id."""
        found = await connection.fetch(_STATES, self._site, place)
        rows = [(row[:_STATE_COLUMNS], row[_STATE_COLUMNS:]) for row in map(tuple, found)]
        lasts = await self._readings(connection, [last for _, last in rows if last[0] is not None])
        last_of = {one.place: one for one in lasts}
        return [_to_state(state, last_of.get(state[0])) for state, _ in rows]

    async def readings_at(
        self, connection: Database, keys: Sequence[tuple[PlaceId, datetime]]
    ) -> Sequence[Reading]:
        """Return the readings at exactly those places and times that are there, in order."""
        places, times = [place for place, _ in keys], [to_seconds(at) for _, at in keys]
        rows = await connection.fetch(_READINGS_AT, self._site, places, times)
        return await self._readings(connection, rows)

    async def readings(
        self, connection: Database, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Reading]:
        """Return the readings with since <= at <= until, oldest first, then by device."""
        span = (to_seconds_up(since), to_seconds(until))
        rows = await connection.fetch(_READINGS, self._site, place, *span)
        return await self._readings(connection, rows)

    async def rereadings(
        self, connection: Database, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Reread]:
        """Return what readings with since <= at <= until say by corrected profiles."""
        span = (to_seconds_up(since), to_seconds(until))
        rows = await connection.fetch(_REREADINGS, self._site, place, *span)
        found = await self._readings(connection, rows)
        return [Reread(row[16], one) for row, one in zip(rows, found, strict=True)]

    async def change(
        self, connection: Database, place: PlaceId, at: datetime
    ) -> StateChange | None:
        """Return the state change at exactly `at`."""
        query = (
            "SELECT at, online, silent_s, reason FROM ledger.state_changes"
            " WHERE site = $1 AND place = $2 AND at = $3"
        )
        row = await connection.fetchrow(query, self._site, place, to_seconds(at))
        if row is None:
            return None
        return StateChange(place, from_seconds(row[0]), row[1], row[2], row[3])

    async def cycle(self, connection: Database, at: datetime | None) -> Cycle | None:
        """Return the round that ended at exactly `at`, the newest for None."""
        query = (
            "SELECT at, polled, failed, slow, cycle_s, lag_s, backlog, slowest, slowest_s"
            " FROM ledger.cycles WHERE site = $1 AND ($2::bigint IS NULL OR at = $2)"
            " ORDER BY at DESC LIMIT 1"
        )
        seconds = None if at is None else to_seconds(at)
        row = await connection.fetchrow(query, self._site, seconds)
        return None if row is None else Cycle(from_seconds(row[0]), *row[1:])

    async def usages(
        self, connection: Database, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Usage]:
        """Return the usages with since < end <= until, oldest first."""
        span = (to_seconds(since), to_seconds(until))
        return list(map(usage_of, await connection.fetch(_USAGES, self._site, place, *span)))

    async def long_usages(
        self, connection: Database, since: datetime, until: datetime
    ) -> Sequence[Usage]:
        """Return those of the total with end > since and start < until that are not short."""
        span = (to_seconds(since), to_seconds_up(until))
        return list(map(usage_of, await connection.fetch(_LONG_USAGES, self._site, *span)))

    async def days(
        self, connection: Database, first: date, last: date, place: PlaceId | None
    ) -> Sequence[DayUsage]:
        """Return the day table from `first` to `last`, by day then place."""
        rows = await connection.fetch(_DAYS, self._site, first, last, place)
        every_pages = json.loads(f"[{','.join(row[2] for row in rows)}]")
        return [
            DayUsage(PlaceId(row[0]), row[1], pages, row[3])
            for row, pages in zip(rows, every_pages, strict=True)
        ]

    async def day_totals(self, connection: Database, first: date, last: date) -> Sequence[DayUsage]:
        """Return `total` of the day table from `first` to `last`, by day."""
        rows = await connection.fetch(_DAY_TOTALS, self._site, first, last)
        return [DayUsage(PlaceId(place), day, {TOTAL: pages}) for place, day, pages in rows]

    async def first_day(self, connection: Database) -> date | None:
        """Return the earliest day of the day table."""
        query = "SELECT min(day) FROM ledger.days WHERE site = $1"
        found: date | None = await connection.fetchval(query, self._site)
        return found

    async def counted_days(self, connection: Database) -> Mapping[PlaceId, tuple[date, date]]:
        """Return place -> its first and last day in the day table."""
        rows = await connection.fetch(_COUNTED, self._site)
        return {PlaceId(place): (first, last) for place, first, last in rows}

    async def facts(self, connection: Database) -> Sequence[FleetFact]:
        """Return every fact of the fleet in the order recorded."""
        return list(map(decode_fact, await connection.fetch(_FACTS, self._site)))

    async def heard_between(
        self, connection: Database, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        """Return place -> first and last reading time within since <= at <= until."""
        span = (to_seconds_up(since), to_seconds(until))
        rows = await connection.fetch(_HEARD, self._site, *span)
        return {
            PlaceId(place): (from_seconds(first), from_seconds(last)) for place, first, last in rows
        }

    async def entries(self, connection: Database, place: PlaceId | None) -> Sequence[Entry]:
        """Return what people entered, oldest first."""
        return list(map(decode_entry, await connection.fetch(_ENTRIES, self._site, place)))

    async def checkpoint(
        self, connection: Database, place: PlaceId, until: datetime
    ) -> PlaceTrack | None:
        """Return the newest checkpoint at or before `until`."""
        values = (self._site, place, to_seconds(until))
        return decode_track(await connection.fetchval(_CHECKPOINT, *values))

    async def statements(self, connection: Database, period: str | None) -> Sequence[Sealed]:
        """Return the sealed statements in the order of sealing."""
        return [sealed_of(*row) for row in await connection.fetch(_STATEMENTS, self._site, period)]

    async def links(self, connection: Database, period: str | None) -> Sequence[Link]:
        """Return the sealed statements in the order of sealing, as links of their chain."""
        return [link_of(*row) for row in await connection.fetch(_STATEMENTS, self._site, period)]

    async def finding(self, connection: Database, finding_id: str) -> Finding | None:
        """Return the finding called `finding_id`."""
        row = await connection.fetchrow(f"{_FINDINGS} AND id = $2", self._site, finding_id)
        return None if row is None else decode_finding(row)

    async def findings(
        self, connection: Database, since: datetime | None, until: datetime | None
    ) -> Sequence[Finding]:
        """Return the findings in time; one without a time only where there is no bound."""
        query = (
            f"{_FINDINGS} AND ($2::bigint IS NULL OR at_us >= $2)"
            " AND ($3::bigint IS NULL OR at_us <= $3) ORDER BY at_us NULLS FIRST, seq"
        )
        span = (to_microseconds(since), to_microseconds(until))
        return list(map(decode_finding, await connection.fetch(query, self._site, *span)))

    async def log_after(self, connection: Database, seq: int, limit: int) -> Sequence[LogEntry]:
        """Return at most `limit` entries above `seq`, in order."""
        query = (
            "SELECT seq, kind, key FROM ledger.log WHERE site = $1 AND seq > $2"
            " ORDER BY seq LIMIT $3"
        )
        rows = await connection.fetch(query, self._site, seq, max(0, limit))
        return [LogEntry(seq, LogRef(kind, key)) for seq, kind, key in rows]

    async def cursor(self, connection: Database, sink: str) -> int:
        """Return how far `sink` is; 0 at first."""
        query = "SELECT seq FROM ledger.cursors WHERE site = $1 AND sink = $2"
        return await connection.fetchval(query, self._site, sink) or 0

    async def backlog(self, connection: Database, sink: str) -> int:
        """Return how many entries lie above the cursor of `sink`."""
        return int(await connection.fetchval(_BACKLOG, self._site, sink))

    async def log_before(
        self, connection: Database, moment: datetime, day: date, month: str
    ) -> int:
        """Return the number behind which all stands that concerns that time or later."""
        at, exactly = to_seconds(moment), to_microseconds(moment)
        values = (self._site, at, day.isoformat(), month, exactly)
        first = await connection.fetchval(_LOG_BEFORE, *values)
        if first is not None:
            return int(first) - 1
        newest = "SELECT coalesce(max(seq), 0) FROM ledger.log WHERE site = $1"
        return int(await connection.fetchval(newest, self._site))

    async def waiting_since(self, connection: Database, sink: str) -> datetime | None:
        """Return the time of the oldest reading, state or round above the cursor of `sink`."""
        return time_or_none(await connection.fetchval(_WAITING_SINCE, self._site, sink))

    async def thinnable(self, connection: Database, what: Thin) -> Mapping[str, Freed]:
        """Return by table what would go of `what`."""
        rows = await connection.fetch(_THINNABLE, *old_values(self._site, what))
        return {table: Freed(number, octets) for table, number, octets in rows}

    async def packable(self, connection: Database, before: datetime) -> Mapping[PlaceId, datetime]:
        """Return place -> the time of its oldest reading that can be packed yet."""
        rows = await connection.fetch(PACKABLE, self._site, to_seconds(before))
        return {PlaceId(place): from_seconds(oldest) for place, oldest in rows}

    async def note(self, connection: Database, key: str) -> str | None:
        """Return what was last noted under `key`."""
        query = "SELECT text FROM ledger.notes WHERE site = $1 AND key = $2"
        found: str | None = await connection.fetchval(query, self._site, key)
        return found

    async def size(self, connection: Database, where: str) -> LedgerSize:
        """Count the site's rows of each table, and the bytes of the whole database."""
        counts = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM ledger.{table} WHERE site = $1"  # noqa: S608 - constants
            for table in _TABLES
        )
        rows = {row[0]: int(row[1]) for row in await connection.fetch(counts, self._site)}
        packed = "SELECT coalesce(sum(readings), 0) FROM ledger.packed WHERE site = $1"
        rows["readings"] += int(await connection.fetchval(packed, self._site))
        in_bytes = await connection.fetchval("SELECT pg_database_size(current_database())")
        return LedgerSize(where, int(in_bytes), rows)

    async def _readings(self, connection: Database, rows: Sequence[Any]) -> list[Reading]:
        """Return the readings in rows of `_READING`."""
        wanted = {one for row in rows for one in (row[2], row[3], row[7], row[12])}
        await self._learn(connection, wanted - self._texts.keys() - {None})
        return [self._reading(row) for row in rows]

    async def _learn(self, connection: Database, ids: set[uuid.UUID]) -> None:
        """Keep these texts by number: a site has few, and they never change."""
        if not ids:
            return
        query = "SELECT id, text FROM ledger.texts WHERE site = $1 AND id = ANY ($2::uuid[])"
        self._texts.update(
            [(row[0], row[1]) for row in await connection.fetch(query, self._site, list(ids))]
        )

    def _reading(self, row: Sequence[Any]) -> Reading:
        place, at, about, meters, counts, uptime_s, status, supplies, remaining = row[:9]
        stay, confirmed = decode_proof(*row[9:12])
        terms, raw, wall_at, brought = row[12:16]
        answer = answer_of(self._about(about), self._names_of(meters), counts, uptime_s, status)
        answer = self._with_the_rest(answer, supplies, remaining, terms, raw)
        return Reading(
            PlaceId(place),
            from_seconds(at),
            answer,
            stay,
            confirmed,
            wall=time_or_none(wall_at),
            brought=decode_brought(brought),
        )

    def _with_the_rest(
        self,
        answer: Answer,
        supplies: uuid.UUID | None,
        remaining: str | None,
        terms: uuid.UUID | None,
        counts: str | None,
    ) -> Answer:
        if supplies is not None and remaining is not None:
            stock, trays = decode_stock(self._texts[supplies], remaining)
            answer = replace(answer, supplies=stock, trays=trays)
        if terms is not None and counts is not None:
            raw, lacks = decode_raw(self._names_of(terms), json.loads(counts), answer.meters)
            answer = replace(answer, raw=raw, lacks=lacks)
        return answer

    def _names_of(self, number: uuid.UUID) -> Sequence[Any]:
        if number not in self._names:
            self._names[number] = json.loads(self._texts[number])
        return self._names[number]

    def _about(self, number: uuid.UUID) -> About:
        if number not in self._abouts:
            self._abouts[number] = decode_about(self._texts[number])
        return self._abouts[number]


def _to_state(row: Sequence[Any], last: Reading | None) -> PlaceState:
    place, seen_at, stored_at, online, changed_at, reason, track, edition, *again = row
    return PlaceState(
        place=PlaceId(place),
        track=heard_again(decode_track(track), *again),
        last=last,
        seen_at=time_or_none(seen_at),
        stored_at=time_or_none(stored_at),
        online=online,
        changed_at=time_or_none(changed_at),
        reason=reason,
        edition=edition,
    )
