"""Every change of one site's ledger, each within a transaction that `store.py` begins and ends.

The site's row is locked then (`database.locked`), so nobody else changes that ledger meanwhile and
what was asked for is still so when it is written.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from collector.adapters.ledger_postgres.database import Database
from collector.adapters.ledger_postgres.rows import (
    ReadingKey,
    SiteRows,
    UsageKey,
    reading_key,
    usage_key,
)
from collector.app.centre.tell import mentions
from collector.domain.closing.statement import Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack, Thin
from collector.encoding.columns import to_seconds
from collector.encoding.states import StateRow, encode_state, state_row
from collector.errors import LedgerMoved
from collector.ports import (
    Amendment,
    Cycle,
    Heard,
    LogRef,
    PlaceState,
    Record,
    StateChange,
)

_ALL: Final = 2**62
_KEPT_CYCLES: Final = timedelta(days=90)
_STATES: Final = """
SELECT place, seen_at, stored_at, online, changed_at, reason, track, edition, heard_at,
    heard_uptime_s
FROM ledger.place_states WHERE site = $1 AND place = ANY ($2::text[])
"""
_READINGS_THERE: Final = """
SELECT k.place, k.at, k.device
FROM unnest($2::text[], $3::bigint[], $4::text[]) k (place, at, device)
WHERE EXISTS (SELECT 1 FROM ledger.readings_between($1, k.place, k.at, k.at) r
    WHERE r.device = k.device)
"""
_USAGES_THERE: Final = """
SELECT u.place, u.ended, u.device, u.meter, u.epoch
FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::int[])
    k (place, ended, device, meter, epoch)
JOIN ledger.usages u ON u.site = $1 AND u.place = k.place AND u.ended = k.ended
    AND u.device = k.device AND u.meter = k.meter AND u.epoch = k.epoch
"""
_FINDINGS_THERE: Final = "SELECT id FROM ledger.findings WHERE site = $1 AND id = ANY ($2::text[])"
_DAYS_THERE: Final = """
SELECT d.day, d.place, d.pages, d.estimated
FROM unnest($2::date[], $3::text[]) k (day, place)
JOIN ledger.days d ON d.site = $1 AND d.day = k.day AND d.place = k.place
"""
_NOTE_HEARD: Final = """
UPDATE ledger.place_states SET heard_at = $3, heard_uptime_s = $4 WHERE site = $1 AND place = $2
"""
_SEAL: Final = """
INSERT INTO ledger.statements (site, seq, period, revision, text, seal)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_CHANGE: Final = """
SELECT online, silent_s, reason FROM ledger.state_changes WHERE site = $1 AND place = $2 AND at = $3
"""
_CYCLE: Final = """
SELECT at, polled, failed, slow, cycle_s, lag_s, backlog, slowest, slowest_s
FROM ledger.cycles WHERE site = $1 AND at = $2
"""
_KEEP_CYCLE: Final = """
INSERT INTO ledger.cycles
    (site, at, polled, failed, slow, cycle_s, lag_s, backlog, slowest, slowest_s)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (site, at) DO UPDATE SET polled = excluded.polled, failed = excluded.failed,
    slow = excluded.slow, cycle_s = excluded.cycle_s, lag_s = excluded.lag_s,
    backlog = excluded.backlog, slowest = excluded.slowest, slowest_s = excluded.slowest_s
"""
_NOTE: Final = """
INSERT INTO ledger.notes (site, key, text) VALUES ($1, $2, $3)
ON CONFLICT (site, key) DO UPDATE SET text = excluded.text
"""
_ACKNOWLEDGE: Final = """
INSERT INTO ledger.cursors (site, sink, seq) SELECT $1, $2, $3
WHERE $4::bigint IS NULL OR coalesce(
    (SELECT seq FROM ledger.cursors WHERE site = $1 AND sink = $2), 0) = $4
ON CONFLICT (site, sink) DO UPDATE SET seq = excluded.seq
"""

# Readings that go, or are laid together: $1 site, $2 place, $3 since, $4 before (both exclusive).
OLD: Final = """
SELECT r.place, r.at, r.device, 40 + length(r.counts) + coalesce(length(r.raw), 0)
    + coalesce(length(r.brought), 0) AS octets
FROM ledger.readings_between($1, $2, $3::bigint + 1, $4::bigint - 1) r
WHERE NOT r.at = ANY ($5::bigint[])
AND ($6::bigint IS NULL OR NOT EXISTS (SELECT 1 FROM ledger.log l
    WHERE l.site = $1 AND l.kind = 'reading' AND l.key = r.place || '|' || r.at AND l.seq > $6))
ORDER BY r.at, r.device
"""
_SAME_READING: Final = """
site = $1 AND (place, at, device) IN (SELECT * FROM unnest($2::text[], $3::bigint[], $4::text[]))
"""
_FORGET_IN_LOG: Final = """
DELETE FROM ledger.log l USING unnest($2::text[], $3::bigint[]) k (place, at)
WHERE l.site = $1 AND l.kind = 'reading' AND l.key = k.place || '|' || k.at
AND NOT EXISTS (SELECT 1 FROM ledger.readings r WHERE r.site = $1 AND r.place = k.place
    AND r.at = k.at)
"""
# The newest reading of a place stays: what is known of the place now begins with it. So does one
# that was read again by a corrected profile, which points to it.
_LOOSE: Final = """
FROM ledger.readings r WHERE r.site = $1 AND r.place = {place} AND r.at < $2
AND r.at < (SELECT max(n.at) FROM ledger.readings n WHERE n.site = $1 AND n.place = {place})
AND NOT EXISTS (SELECT 1 FROM ledger.rereadings a WHERE a.site = r.site AND a.place = r.place
    AND a.at = r.at AND a.device = r.device)
ORDER BY r.at, r.device
"""
PACKABLE: Final = f"""
SELECT s.place, oldest.at FROM ledger.place_states s
CROSS JOIN LATERAL (SELECT r.at {_LOOSE.format(place="s.place")} LIMIT 1) oldest
WHERE s.site = $1 ORDER BY s.place
"""  # noqa: S608 - constants only
_LAY_TOGETHER: Final = f"""
WITH oldest AS (SELECT r.place, r.at, r.device {_LOOSE.format(place="$3")} LIMIT $4),
gone AS (DELETE FROM ledger.readings r USING oldest s
    WHERE r.site = $1 AND r.place = s.place AND r.at = s.at AND r.device = s.device RETURNING r.*)
INSERT INTO ledger.packed (site, place, first, last, readings, rows)
SELECT $1, place, min(at), max(at), count(*), jsonb_agg(to_jsonb(gone) ORDER BY at, device)
FROM gone GROUP BY place RETURNING readings
"""  # noqa: S608 - constants only
_TAKE_APART: Final = """
WITH apart AS (DELETE FROM ledger.packed p USING unnest($2::text[], $3::bigint[], $4::bigint[])
    k (place, since, until)
    WHERE p.site = $1 AND p.place = k.place AND p.last >= k.since AND p.first <= k.until
    RETURNING p.rows)
INSERT INTO ledger.readings SELECT r.* FROM apart
CROSS JOIN LATERAL jsonb_populate_recordset(NULL::ledger.readings, apart.rows) r
"""


class SiteWriter:
    """Makes changes of one site, each whole or with an error after which all are rolled back."""

    def __init__(self, connection: Database, site: int, seq: int) -> None:
        """Write through `connection`; `seq` is the newest number of the site's log so far."""
        self._connection = connection
        self._site = site
        self._seq = seq

    async def record(self, records: Sequence[Record]) -> None:
        """Apply `records` in order, all of them or none."""
        if not records:
            return
        there = _There()
        await there.look(self, records)
        rows = SiteRows(self._site)
        for record in records:
            there.refuse_moved(rows, record.state)
            if not there.has(rows, record):
                _add(rows, there, record)
        await rows.write(self._connection, self._seq)

    async def heard(self, heard: Sequence[Heard]) -> Collection[PlaceId]:
        """Note that places said the same again; return those that were counted anew meanwhile."""
        states = await self.states({one.place for one in heard})
        seen = {place: row[8] if row[8] is not None else row[1] for place, row in states.items()}
        moved = set()
        for one in heard:
            known, at = states.get(one.place), to_seconds(one.at)
            if known is None or known[6] is None or known[7] != one.edition:
                moved.add(one.place)
            elif seen[one.place] is not None and seen[one.place] < at:
                seen[one.place] = at
                values = (self._site, one.place, at, one.uptime_s)
                await self._connection.execute(_NOTE_HEARD, *values)
        return moved

    async def amend(
        self, entries: Sequence[Entry], amendments: Sequence[Amendment], log: Sequence[LogRef]
    ) -> None:
        """Keep `entries`, put `amendments` in force and append `log`, all of it or nothing."""
        rows = SiteRows(self._site)
        await self._enter(rows, entries)
        states = await self.states({one.before.place for one in amendments})
        found = [finding for one in amendments for finding in one.findings]
        there = await self.findings_there(found)
        for one in amendments:
            row, again = states.get(one.before.place), rows.state(one.before.place)
            _refuse_amended(None if row is None else state_row(row[1:]), one.before, again)
            await self._amend(rows, one)
            _add_findings(rows, one.findings, there)
            rows.add_log(mentions(one))
        rows.add_log(log)
        await rows.write(self._connection, self._seq)

    async def _enter(self, rows: SiteRows, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        there = await self._connection.fetch(
            "SELECT id FROM ledger.entries WHERE site = $1 AND id = ANY ($2::text[])",
            *(self._site, [one.id for one in entries]),
        )
        known, seq = {row[0] for row in there}, await self.next_of("entries")
        for entry in entries:
            if entry.id not in known:
                known.add(entry.id)
                rows.add_entry(seq, entry)
                rows.add_log([LogRef("entry", entry.id)])
                seq += 1

    async def _amend(self, rows: SiteRows, amendment: Amendment) -> None:
        before = amendment.before
        await self.give_way(before.place, amendment.since)
        rows.add_state(replace(before, track=amendment.track, edition=before.edition + 1))
        rows.add_usages(amendment.usages)
        for track in amendment.checkpoints:
            rows.add_checkpoint(before.place, track)
        there = await self.readings_there(map(reading_key, amendment.readings))
        for reading in amendment.readings:
            if reading_key(reading) not in there:
                rows.add_reading(reading)
        again = [reading_key(one.reading) for one in amendment.rereadings]
        await self.take_apart([(place, at, at) for place, at, _ in again])
        for one in amendment.rereadings:
            rows.add_rereading(one)
        for day in amendment.days:
            if day.pages:
                rows.put_day(day)
            else:
                await self.drop_day(before.place, day.day)

    async def give_way(
        self, place: str, since: datetime | None, until: datetime | None = None
    ) -> None:
        """Take the usages and checkpoints of `place` away that end, or stand, after `since`.

        What is later than `until` stays; None is no bound.
        """
        begun = -_ALL if since is None else to_seconds(since)
        ended = _ALL if until is None else to_seconds(until)
        for table, column in (("usages", "ended"), ("checkpoints", "at")):
            query = f"DELETE FROM ledger.{table} WHERE site = $1 AND place = $2"  # noqa: S608 - constants
            await self._connection.execute(
                f"{query} AND {column} > $3 AND {column} <= $4", self._site, place, begun, ended
            )

    async def drop_day(self, place: str, day: date) -> None:
        """Take what is there of that day of `place` away."""
        query = "DELETE FROM ledger.days WHERE site = $1 AND place = $2 AND day = $3"
        await self._connection.execute(query, self._site, place, day)

    async def forget_rereadings(
        self, place: str, since: datetime | None, until: datetime | None
    ) -> None:
        """Take away what readings of `place` with since < at <= until said by other profiles."""
        span = (
            -_ALL if since is None else to_seconds(since),
            _ALL if until is None else to_seconds(until),
        )
        query = "DELETE FROM ledger.rereadings WHERE site = $1 AND place = $2 AND at > $3"
        await self._connection.execute(f"{query} AND at <= $4", self._site, place, *span)

    async def seal(self, sealed: Sealed, log: Sequence[LogRef]) -> None:
        """Append `sealed` with `log`, unless just that statement lies there already."""
        if not await self.keep_statement(sealed):
            return
        statement = sealed.statement
        period, revision = statement.period.name, statement.revision
        await self.touch([*log, LogRef("statement", f"{period}|{revision}")])

    async def keep_statement(self, sealed: Sealed) -> bool:
        """Append `sealed`; False where just that lies there already. Raises LedgerMoved."""
        statement = sealed.statement
        period, revision = statement.period.name, statement.revision
        there = await self._connection.fetchval(
            "SELECT seal FROM ledger.statements WHERE site = $1 AND period = $2 AND revision = $3",
            *(self._site, period, revision),
        )
        if there == sealed.seal:
            return False
        if there is not None:
            raise LedgerMoved(f"{period}: revision {revision} was sealed meanwhile")
        seq = await self.next_of("statements")
        last = await self._connection.fetchval(
            "SELECT seal FROM ledger.statements WHERE site = $1 AND seq = $2", self._site, seq - 1
        )
        if statement.previous != (last or ""):
            raise LedgerMoved(f"{period}: another statement was sealed meanwhile")
        await self._connection.execute(
            _SEAL, self._site, seq, period, revision, sealed.text, sealed.seal
        )
        return True

    async def change(self, change: StateChange, state: PlaceState) -> None:
        """Keep `change` and `state`, and log the change, unless the same change is kept."""
        at = to_seconds(change.at)
        kept = await self._connection.fetchrow(_CHANGE, self._site, change.place, at)
        if kept is not None and tuple(kept) == (change.online, change.silent_s, change.reason):
            return
        there = _There()
        there.states = await self.states({state.place})
        rows = SiteRows(self._site)
        there.refuse_moved(rows, state)
        rows.add_change(change)
        rows.add_state(state)
        rows.add_log([LogRef("state", f"{change.place}|{at}")])
        await rows.write(self._connection, self._seq)

    async def cycle(self, cycle: Cycle) -> None:
        """Keep `cycle`, log it, and drop what is too old, unless the same round is kept."""
        at = to_seconds(cycle.at)
        row = (at, *astuple(cycle)[1:])
        kept = await self._connection.fetchrow(_CYCLE, self._site, at)
        if kept is not None and tuple(kept) == row:
            return
        execute, oldest = self._connection.execute, at - int(_KEPT_CYCLES.total_seconds())
        await execute(_KEEP_CYCLE, self._site, *row)
        await self.touch([LogRef("cycle", str(at))])
        await execute("DELETE FROM ledger.cycles WHERE site = $1 AND at < $2", self._site, oldest)
        old = "DELETE FROM ledger.log WHERE site = $1 AND kind = 'cycle' AND number < $2"
        await execute(old, self._site, oldest)

    async def findings(self, findings: Sequence[Finding]) -> None:
        """Keep those of `findings` not yet there, each with its log row."""
        rows = SiteRows(self._site)
        _add_findings(rows, findings, await self.findings_there(findings))
        await rows.write(self._connection, self._seq)

    async def facts(self, facts: Sequence[FleetFact], known: int) -> None:
        """Append `facts` where there are just `known` so far; raises LedgerMoved otherwise."""
        there = await self.next_of("fleet_facts")
        if there != known:
            raise LedgerMoved("the fleet was changed by another process meanwhile")
        rows = SiteRows(self._site)
        for seq, fact in enumerate(facts, known):
            rows.add_fact(seq, fact)
            rows.add_log([LogRef("fact", str(seq))])
        await rows.write(self._connection, self._seq)

    async def thin(self, what: Thin, limit: int) -> int:
        """Let at most `limit` readings of `what` go; return how many went."""
        values = old_values(self._site, what)
        old = await self._connection.fetch(f"{OLD} LIMIT $7", *values, limit)
        if not old:
            return 0
        await self.take_apart([(what.place, old[0][1], old[-1][1])])
        keys = tuple(list(one) for one in zip(*(row[:3] for row in old), strict=True))
        for table in ("rereadings", "readings"):
            query = f"DELETE FROM ledger.{table} WHERE {_SAME_READING}"  # noqa: S608 - constants
            await self._connection.execute(query, self._site, *keys)
        await self._connection.execute(_FORGET_IN_LOG, self._site, *keys[:2])
        return len(old)

    async def pack(self, what: Pack, limit: int) -> int:
        """Lay at most `limit` readings of `what` together; return how many those are."""
        values = (self._site, to_seconds(what.before), what.place, limit)
        return await self._connection.fetchval(_LAY_TOGETHER, *values) or 0

    async def take_apart(self, spans: Sequence[tuple[str, int, int]]) -> None:
        """Leave all readings of each place, from the first time to the second, as rows."""
        if spans:
            await self._connection.execute(
                _TAKE_APART, self._site, *map(list, zip(*spans, strict=True))
            )

    async def note(self, key: str, text: str) -> None:
        """Remember `text` under `key`."""
        await self._connection.execute(_NOTE, self._site, key, text)

    async def touch(self, refs: Sequence[LogRef]) -> None:
        """Append `refs` to the log."""
        rows = SiteRows(self._site)
        rows.add_log(refs)
        await rows.write(self._connection, self._seq)

    async def acknowledge(self, sink: str, seq: int, after: int | None) -> None:
        """Move the cursor of `sink` to `seq`, but not where it has left `after`."""
        await self._connection.execute(_ACKNOWLEDGE, self._site, sink, seq, after)

    async def states(self, places: Collection[str]) -> dict[str, Sequence[Any]]:
        """Return the rows of the states of `places` that are known, by place."""
        found = await self._connection.fetch(_STATES, self._site, list(places)) if places else []
        return {row[0]: tuple(row) for row in found}

    async def readings_there(self, keys: Iterable[ReadingKey]) -> set[ReadingKey]:
        """Return those of `keys` that are stored."""
        lists = [list(one) for one in zip(*keys, strict=True)]
        found = await self._connection.fetch(_READINGS_THERE, self._site, *lists) if lists else []
        return {(row[0], row[1], row[2]) for row in found}

    async def usages_there(self, keys: Iterable[UsageKey]) -> set[UsageKey]:
        """Return those of `keys` that are stored."""
        lists = [list(one) for one in zip(*keys, strict=True)]
        found = await self._connection.fetch(_USAGES_THERE, self._site, *lists) if lists else []
        return {(row[0], row[1], row[2], row[3], row[4]) for row in found}

    async def findings_there(self, findings: Sequence[Finding]) -> set[str]:
        """Return the ids of those of `findings` that are stored."""
        ids = [one.id for one in findings]
        found = await self._connection.fetch(_FINDINGS_THERE, self._site, ids) if ids else []
        return {row[0] for row in found}

    async def days_there(
        self, keys: Collection[tuple[date, str]]
    ) -> Mapping[tuple[date, str], tuple[str, int]]:
        """Return day and place -> pages as JSON and how many are estimated, of those stored."""
        lists = [list(one) for one in zip(*keys, strict=True)]
        found = await self._connection.fetch(_DAYS_THERE, self._site, *lists) if lists else []
        return {(row[0], row[1]): (row[2], row[3]) for row in found}

    async def next_of(self, table: str) -> int:
        """Return how many rows of the site `table` has, which counts from 0."""
        query = f"SELECT coalesce(max(seq) + 1, 0) FROM ledger.{table} WHERE site = $1"  # noqa: S608 - constants
        return int(await self._connection.fetchval(query, self._site))


class _There:
    """What of some records lies in the ledger before them, so that each can be judged in order."""

    def __init__(self) -> None:
        """Know of nothing."""
        self.states: dict[str, Sequence[Any]] = {}
        self._readings: set[ReadingKey] = set()
        self._usages: set[UsageKey] = set()
        self._findings: set[str] = set()
        self._days: dict[tuple[date, str], tuple[Counter[Meter], int]] = {}

    async def look(self, writer: SiteWriter, records: Sequence[Record]) -> None:
        """Ask for all that `records` may meet."""
        readings = [one.reading for one in records if one.reading is not None]
        usages = [usage for one in records for usage in one.usages]
        days = {(day.day, str(day.place)) for one in records for day in one.days}
        self.states = await writer.states({one.state.place for one in records})
        self._readings = await writer.readings_there(map(reading_key, readings))
        self._usages = await writer.usages_there(map(usage_key, usages))
        found = [finding for one in records for finding in one.findings]
        self._findings = await writer.findings_there(found)
        for key, (pages, estimated) in (await writer.days_there(days)).items():
            self._days[key] = Counter(json.loads(pages)), estimated

    def refuse_moved(self, rows: SiteRows, state: PlaceState) -> None:
        """Raise LedgerMoved where the place was counted anew since `state` was known."""
        waiting, row = rows.state(state.place), self.states.get(state.place)
        edition = waiting.edition if waiting is not None else None if row is None else row[7]
        if edition not in {None, state.edition}:
            raise LedgerMoved(f"{state.place}: it was counted anew meanwhile")

    def has(self, rows: SiteRows, record: Record) -> bool:
        """Say whether `record` is there already, in the ledger or among `rows`."""
        reading = record.reading
        if reading is not None:
            key = reading_key(reading)
            if key in self._readings or key in rows.readings:
                return True
        if record.usages:
            keys = map(usage_key, record.usages)
            return any(one in self._usages or one in rows.usages for one in keys)
        if reading is not None:
            return False
        if record.days:
            message = (
                f"{record.state.place}: pages of a day need the reading or the usages they come"
                " from; without them a repetition could not be told"
            )
            raise ValueError(message)
        return self._changes_nothing(rows, record)

    def _changes_nothing(self, rows: SiteRows, record: Record) -> bool:
        if any(one.id not in self._findings | rows.findings.keys() for one in record.findings):
            return False
        place = record.state.place
        waiting, row = rows.state(place), self.states.get(place)
        known: StateRow | None = None
        if waiting is not None:
            known = encode_state(waiting)
        elif row is not None:
            known = state_row(row[1:])
        return known == encode_state(record.state)

    def grown(self, day: DayUsage) -> DayUsage:
        """Return the whole of that day of that place once `day` is added to it."""
        pages, estimated = self._days.get((day.day, day.place), (Counter[Meter](), 0))
        for meter, more in day.pages.items():
            pages[meter] += more
        estimated += day.estimated
        self._days[day.day, day.place] = pages, estimated
        return replace(day, pages=dict(pages), estimated=estimated)

    def knows(self, finding: Finding) -> bool:
        """Say whether `finding` lies in the ledger."""
        return finding.id in self._findings


def _add(rows: SiteRows, there: _There, record: Record) -> None:
    rows.add_state(record.state)
    if record.checkpoint is not None:
        rows.add_checkpoint(record.state.place, record.checkpoint)
    if record.reading is not None:
        rows.add_reading(record.reading)
    rows.add_usages(record.usages)
    for day in record.days:
        rows.put_day(there.grown(day))
    for finding in record.findings:
        if not there.knows(finding):
            rows.add_finding(finding)
    rows.add_log(record.log)


def _add_findings(rows: SiteRows, findings: Iterable[Finding], there: Collection[str]) -> None:
    for finding in findings:
        if finding.id not in there and finding.id not in rows.findings:
            rows.add_finding(finding)
            rows.add_log([LogRef("event", finding.id)])


def _refuse_amended(known: StateRow | None, before: PlaceState, again: PlaceState | None) -> None:
    """Raise LedgerMoved where a place was recorded or amended (`again`) since it was `before`."""
    if again is None and known is None and before.seen_at is None and before.edition == 0:
        return
    if again is not None or known != encode_state(before):
        raise LedgerMoved(f"{before.place}: it was read or amended meanwhile")


def old_values(site: int, what: Thin) -> tuple[object, ...]:
    """Return what `OLD` asks for, of `what`."""
    kept = sorted(map(to_seconds, what.kept))
    since, before = to_seconds(what.since), to_seconds(what.before)
    return site, what.place, since, before, kept, what.published
