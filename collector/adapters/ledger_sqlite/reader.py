"""Every question to the ledger. Runs on the ledger's own thread."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from collector.adapters.ledger_sqlite.packed import Segments, at_one_moment
from collector.adapters.ledger_sqlite.packing import PACKABLE
from collector.adapters.ledger_sqlite.reading_rows import (
    READING,
    READING_BY_DEVICE,
    REREADINGS,
    ReadingRows,
)
from collector.adapters.ledger_sqlite.schema import TABLES
from collector.adapters.ledger_sqlite.thinned import freed
from collector.domain.closing.statement import Link, Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Reading
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
    join_key,
    link_of,
    sealed_of,
    time_or_none,
    to_microseconds,
    to_seconds,
    to_seconds_up,
    usage_of,
)
from collector.encoding.states import decode_track, heard_again
from collector.ports import (
    Cycle,
    LedgerSize,
    LogEntry,
    LogRef,
    PlaceState,
    Reread,
    StateChange,
)

_STATE: Final = """
SELECT p.name, coalesce(h.at, s.seen_at), s.stored_at, s.online, s.changed_at, s.reason, s.track,
    s.books, h.at, h.uptime_s
FROM place_states s JOIN names p ON p.id = s.place LEFT JOIN heard h ON h.place = s.place
"""
_USAGES: Final = """
SELECT p.name, u.ended, d.name, m.name, u.epoch, u.lasted_s, u.first, u.pages, u.quality,
    u.low, u.high
FROM names p JOIN usages u ON u.place = p.id
JOIN names d ON d.id = u.device JOIN names m ON m.id = u.meter
WHERE p.name = ? AND u.ended > ? AND u.ended <= ?
"""
# The OR says the same as the partial index, so that only its few rows are walked.
_LONG_USAGES: Final = """
SELECT p.name, u.ended, d.name, m.name, u.epoch, u.lasted_s, u.first, u.pages, u.quality,
    u.low, u.high
FROM names m JOIN usages u INDEXED BY long_usages ON u.meter = m.id
JOIN names p ON p.id = u.place JOIN names d ON d.id = u.device
WHERE m.name = ? AND (u.lasted_s > 3600 OR u.quality = 1)
AND u.ended > ? AND u.ended - u.lasted_s < ? ORDER BY u.ended, p.name, u.epoch
"""
_DAYS: Final = """
SELECT p.name, d.day, d.pages, d.estimated FROM days d JOIN names p ON p.id = d.place
WHERE d.day >= ? AND d.day <= ? AND (?3 IS NULL OR p.name = ?3) ORDER BY d.day, p.name
"""
_DAY_TOTALS: Final = """
SELECT p.name, d.day, coalesce(json_extract(d.pages, '$.total'), 0)
FROM days d JOIN names p ON p.id = d.place WHERE d.day >= ? AND d.day <= ? ORDER BY d.day, d.place
"""
# Two seeks a place instead of a walk through all its readings.
_HEARD: Final = """
SELECT p.name, s.place,
    (SELECT min(at) FROM readings WHERE place = s.place AND at BETWEEN ?1 AND ?2),
    (SELECT max(at) FROM readings WHERE place = s.place AND at BETWEEN ?1 AND ?2)
FROM place_states s JOIN names p ON p.id = s.place ORDER BY p.name
"""
_FINDING: Final = "SELECT code, severity, subject, message, at_us, evidence, said FROM findings"
_LOG: Final = """
SELECT l.seq, k.name, s.name, l.item FROM log l
JOIN names k ON k.id = l.kind JOIN names s ON s.id = l.subject
WHERE l.seq > ? ORDER BY l.seq LIMIT ?
"""
# What the key of each kind names: a time in seconds, a day, a month, or a finding. What no rows
# come of concerns no time.
_LOG_BEFORE: Final = """
SELECT min(l.seq), (SELECT max(seq) FROM log), (SELECT max(last_seq) FROM packed)
FROM log l JOIN names k ON k.id = l.kind LEFT JOIN findings f ON k.name = 'event' AND f.id = l.item
WHERE CASE k.name WHEN 'event' THEN f.at_us >= ?4 WHEN 'month' THEN l.item >= ?3
    WHEN 'day' THEN l.item >= ?2 WHEN 'office_day' THEN l.item >= ?2
    WHEN 'paper' THEN l.item >= ?2
    ELSE k.name NOT IN ('entry', 'fact', 'statement') AND l.item >= ?1 END
"""
_WAITING_SINCE: Final = """
SELECT min(l.item) FROM log l JOIN names k ON k.id = l.kind
WHERE l.seq > ? AND k.name IN ('reading', 'state', 'cycle') AND typeof(l.item) = 'integer'
"""

_ENTRIES: Final = """
SELECT e.kind, p.name, e.entered_by, e.why, e.entered_at, e.replaces, e.facts
FROM entries e JOIN names p ON p.id = e.place WHERE (?1 IS NULL OR p.name = ?1)
ORDER BY e.entered_at, e.seq
"""
_CHECKPOINT: Final = """
SELECT c.track FROM checkpoints c JOIN names p ON p.id = c.place
WHERE p.name = ? AND c.at <= ? ORDER BY c.at DESC LIMIT 1
"""
_STATEMENTS: Final = """
SELECT period, revision, text, seal FROM statements
WHERE (?1 IS NULL OR period = ?1) ORDER BY seq
"""
_FACTS: Final = """
SELECT f.kind, n.name, f.facts, f.recorded_by, f.why, f.recorded_at
FROM fleet_facts f JOIN names n ON n.id = f.subject ORDER BY f.seq
"""
_ALL: Final = 2**62
_COUNTED: Final = """
SELECT p.name, min(d.day), max(d.day) FROM days d JOIN names p ON p.id = d.place GROUP BY d.place
"""


class Reader:
    """Answers from what is committed. Damaged text raises ValueError, KeyError or the like."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Read through `connection` the ledger at `path`."""
        self._connection = connection
        self._path = path
        self._rows = ReadingRows(connection)
        self._segments = Segments(connection)

    def state(self, place: PlaceId) -> PlaceState:
        """Return what is known of `place`."""
        row = self._one(f"{_STATE} WHERE p.name = ?", place)
        return PlaceState(place) if row is None else self._to_state(row)

    def states(self) -> Sequence[PlaceState]:
        """Return the state of every place, by id."""
        return [self._to_state(row) for row in self._all(f"{_STATE} ORDER BY p.name")]

    def reading(self, place: PlaceId, at: datetime) -> Reading | None:
        """Return the reading at exactly `at`; of two machines' the one first by key."""
        return next(iter(self._readings(place, to_seconds(at), to_seconds(at))), None)

    def readings_at(self, keys: Sequence[tuple[PlaceId, datetime]]) -> Sequence[Reading]:
        """Return the readings at exactly those places and times that are there."""
        # By place: what is laid together is taken apart once.
        found = {(place, at): self.reading(place, at) for place, at in sorted(keys)}
        return [one for key in keys if (one := found[key]) is not None]

    def readings(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reading]:
        """Return the readings with since <= at <= until, oldest first."""
        return self._readings(place, to_seconds_up(since), to_seconds(until))

    def _readings(self, place: PlaceId, since: int, until: int) -> Sequence[Reading]:
        query = f"{READING_BY_DEVICE} AND r.at >= ? AND r.at <= ?"
        with at_one_moment(self._connection):
            rows = [*self._all(query, place, since, until)]
            packed = self._segments.readings(place, since, until)
        rows += [(row[2], place, row[1], *row[3:]) for row in packed]
        # By time, then by device.
        rows.sort(key=lambda row: (row[2], row[0]))
        return [self._rows.reading(row[1:]) for row in rows]

    def rereadings(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reread]:
        """Return what readings with since <= at <= until say by corrected profiles."""
        rows = self._all(REREADINGS, place, to_seconds_up(since), to_seconds(until))
        return [self._rows.rereading(row) for row in rows]

    def change(self, place: PlaceId, at: datetime) -> StateChange | None:
        """Return the state change at exactly `at`."""
        row = self._one(
            "SELECT c.at, c.online, c.silent_s, c.reason FROM state_changes c"
            " JOIN names p ON p.id = c.place WHERE p.name = ? AND c.at = ?",
            *(place, to_seconds(at)),
        )
        if row is None:
            return None
        return StateChange(place, from_seconds(row[0]), bool(row[1]), row[2], row[3])

    def cycle(self, at: datetime | None) -> Cycle | None:
        """Return the round that ended at exactly `at`, the newest for None."""
        query = "SELECT * FROM cycles WHERE ?1 IS NULL OR at = ?1 ORDER BY at DESC LIMIT 1"
        row = self._one(query, None if at is None else to_seconds(at))
        return None if row is None else Cycle(from_seconds(row[0]), *row[1:])

    def usages(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return the usages with since < end <= until, oldest first."""
        span = (to_seconds(since), to_seconds(until))
        with at_one_moment(self._connection):
            rows = [*self._all(_USAGES, place, *span), *self._segments.usages(place, *span)]
        # By end, device, meter and epoch.
        return [usage_of(row) for row in sorted(rows, key=lambda row: row[1:5])]

    def long_usages(self, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return those of the total with end > since and start < until that are not short."""
        rows = self._all(_LONG_USAGES, TOTAL, to_seconds(since), to_seconds_up(until))
        return [usage_of(row) for row in rows]

    def days(self, first: date, last: date, place: PlaceId | None) -> Sequence[DayUsage]:
        """Return the day table from `first` to `last`, by day then place."""
        rows = list(self._all(_DAYS, first.isoformat(), last.isoformat(), place))
        # One JSON text instead of one a row: a year of 200 places in half the time.
        every_pages = json.loads(f"[{','.join(row[2] for row in rows)}]")
        return [
            DayUsage(PlaceId(name), date.fromisoformat(day), pages, estimated)
            for (name, day, _, estimated), pages in zip(rows, every_pages, strict=True)
        ]

    def day_totals(self, first: date, last: date) -> Sequence[DayUsage]:
        """Return `total` of the day table from `first` to `last`, by day."""
        rows = self._all(_DAY_TOTALS, first.isoformat(), last.isoformat())
        days: dict[str, date] = {}
        return [
            DayUsage(
                PlaceId(name),
                days.get(day) or days.setdefault(day, date.fromisoformat(day)),
                {TOTAL: n},
            )
            for name, day, n in rows
        ]

    def first_day(self) -> date | None:
        """Return the earliest day of the day table."""
        row = self._one("SELECT min(day) FROM days")
        return None if row is None or row[0] is None else date.fromisoformat(row[0])

    def counted_days(self) -> Mapping[PlaceId, tuple[date, date]]:
        """Return place -> its first and last day in the day table."""
        return {
            PlaceId(name): (date.fromisoformat(first), date.fromisoformat(last))
            for name, first, last in self._all(_COUNTED)
        }

    def facts(self) -> Sequence[FleetFact]:
        """Return every fact of the fleet in the order recorded."""
        return [decode_fact(row) for row in self._all(_FACTS)]

    def heard_between(
        self, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        """Return place -> first and last reading time within since <= at <= until."""
        span = (to_seconds_up(since), to_seconds(until))
        found = {}
        with at_one_moment(self._connection):
            for name, place, first, last in [*self._all(_HEARD, *span)]:
                times = self._segments.times(place, *span)
                times += [] if first is None else [first, last]
                if times:
                    found[PlaceId(name)] = (from_seconds(min(times)), from_seconds(max(times)))
        return found

    def entries(self, place: PlaceId | None) -> Sequence[Entry]:
        """Return what people entered, oldest first."""
        return [decode_entry(row) for row in self._all(_ENTRIES, place)]

    def checkpoint(self, place: PlaceId, until: datetime) -> PlaceTrack | None:
        """Return the newest checkpoint at or before `until`."""
        row = self._one(_CHECKPOINT, place, to_seconds(until))
        return None if row is None else decode_track(row[0])

    def statements(self, period: str | None) -> Sequence[Sealed]:
        """Return the sealed statements in the order of sealing."""
        rows = self._all(_STATEMENTS, period)
        return [sealed_of(*row) for row in rows]

    def links(self, period: str | None) -> Sequence[Link]:
        """Return the sealed statements in the order of sealing, as links of their chain."""
        return [link_of(*row) for row in self._all(_STATEMENTS, period)]

    def finding(self, finding_id: str) -> Finding | None:
        """Return the finding called `finding_id`."""
        row = self._one(f"{_FINDING} WHERE id = ?", finding_id)
        return None if row is None else decode_finding(row)

    def findings(self, since: datetime | None, until: datetime | None) -> Sequence[Finding]:
        """Return the findings in time; one without a time only where there is no bound."""
        query = (
            f"{_FINDING} WHERE (?1 IS NULL OR at_us >= ?1) AND (?2 IS NULL OR at_us <= ?2)"
            " ORDER BY at_us, seq"
        )
        rows = self._all(query, to_microseconds(since), to_microseconds(until))
        return [decode_finding(row) for row in rows]

    def log_after(self, seq: int, limit: int) -> Sequence[LogEntry]:
        """Return at most `limit` entries above `seq`, in order."""
        limit = max(0, limit)
        with at_one_moment(self._connection):
            rows = [*self._all(_LOG, seq, limit)]
            until = rows[-1][0] if rows and len(rows) == limit else _ALL
            packed = self._segments.log_after(seq, until, limit)
            rows += [(one, "reading", self._segments.name(place), at) for one, place, at in packed]
        rows = sorted(rows)[:limit]
        return [LogEntry(row[0], LogRef(row[1], join_key(row[2], row[3]))) for row in rows]

    def cursor(self, sink: str) -> int:
        """Return how far `sink` is; 0 at first."""
        row = self._one("SELECT seq FROM cursors WHERE sink = ?", sink)
        return 0 if row is None else int(row[0])

    def backlog(self, sink: str) -> int:
        """Return how many entries lie above the cursor of `sink`."""
        with at_one_moment(self._connection):
            cursor = self.cursor(sink)
            row = self._one("SELECT count(*) FROM log WHERE seq > ?", cursor)
            packed = self._segments.log_rows_after(cursor)
        return packed if row is None else packed + int(row[0])

    def log_before(self, moment: datetime, day: date, month: str) -> int:
        """Return the number behind which all stands that concerns that time or later."""
        at = to_seconds(moment)
        values = (at, day.isoformat(), month, to_microseconds(moment))
        with at_one_moment(self._connection):
            first, *newest = self._one(_LOG_BEFORE, *values) or (None, None, None)
            firsts = [first, self._segments.first_place_since(at)]
        lowest = min((one for one in firsts if one is not None), default=None)
        return max((one or 0 for one in newest), default=0) if lowest is None else lowest - 1

    def waiting_since(self, sink: str) -> datetime | None:
        """Return the time of the oldest reading, state or round above the cursor of `sink`."""
        with at_one_moment(self._connection):
            cursor = self.cursor(sink)
            row = self._one(_WAITING_SINCE, cursor) or (None,)
            times = [row[0], self._segments.oldest_after(cursor)]
        return time_or_none(min((one for one in times if one is not None), default=None))

    def thinnable(self, what: Thin) -> Mapping[str, Freed]:
        """Return by table what would go of `what`."""
        with at_one_moment(self._connection):
            return freed(self._connection, self._segments, what)

    def packable(self, before: datetime) -> Mapping[PlaceId, datetime]:
        """Return place -> the time of its oldest reading that can be packed yet."""
        rows = self._all(PACKABLE, to_seconds(before))
        return {PlaceId(name): from_seconds(oldest) for name, oldest in rows}

    def note(self, key: str) -> str | None:
        """Return what was last noted under `key`."""
        row = self._one("SELECT text FROM notes WHERE key = ?", key)
        return None if row is None else str(row[0])

    def size(self) -> LedgerSize:
        """Count the rows of each table and the bytes of the file and its write-ahead log."""
        files = (self._path, Path(f"{self._path}-wal"))
        rows = {
            table: int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names from a constant
            for table in TABLES
        }
        for table, count in (("readings", "readings"), ("usages", "usages"), ("log", "entries")):
            query = f"SELECT coalesce(sum({count}), 0) FROM packed"  # noqa: S608 - constants
            rows[table] += int(self._connection.execute(query).fetchone()[0])
        in_bytes = sum(one.stat().st_size for one in files if one.exists())
        return LedgerSize(str(self._path), in_bytes, rows)

    def _one(self, query: str, *values: object) -> Sequence[Any] | None:
        row: Sequence[Any] | None = self._connection.execute(query, values).fetchone()
        return row

    def _all(self, query: str, *values: object) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(query, values)

    def _to_state(self, row: Sequence[Any]) -> PlaceState:
        name, seen_at, stored_at, online, changed_at, reason, track, edition, *again = row
        last = self._one(f"{READING} ORDER BY r.at DESC, r.device DESC LIMIT 1", name)
        return PlaceState(
            place=PlaceId(name),
            track=heard_again(decode_track(track), *again),
            last=None if last is None else self._rows.reading(last),
            seen_at=time_or_none(seen_at),
            stored_at=time_or_none(stored_at),
            online=None if online is None else bool(online),
            changed_at=time_or_none(changed_at),
            reason=reason,
            edition=edition,
        )
