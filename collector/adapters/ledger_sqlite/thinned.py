"""Readings that are not kept in full any longer: how many they are, and how they go.

With a reading go what it said by corrected profiles, its place in the log, and the levels of
supplies that no reading of its place has any more. Names, machines and shapes stay: they are few.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from collector.adapters.ledger_sqlite.packed import Segment, Segments
from collector.domain.old_readings import Freed, Thin
from collector.encoding.columns import to_seconds

# ?1 place, ?2 since, ?3 before, ?4 kept (JSON), ?5 published
_OLD: Final = """
SELECT r.place, r.at, r.device, r.supplies, r.counts, r.raw, r.brought
FROM names p JOIN readings r ON r.place = p.id
WHERE p.name = ?1 AND r.at > ?2 AND r.at < ?3
AND r.at NOT IN (SELECT value FROM json_each(?4))
AND (?5 IS NULL OR NOT EXISTS (
    SELECT 1 FROM log l JOIN names k ON k.id = l.kind
    WHERE k.name = 'reading' AND l.subject = r.place AND l.item = r.at AND l.seq > ?5))
"""
_COUNTED: Final = f"""
WITH old AS MATERIALIZED ({_OLD})
SELECT 'readings', count(*),
    coalesce(sum(40 + length(counts) + coalesce(length(raw), 0) + coalesce(length(brought), 0)), 0)
FROM old
UNION ALL
SELECT 'rereadings', count(*), coalesce(sum(25 + length(r.counts)), 0)
FROM old o JOIN rereadings r ON r.place = o.place AND r.at = o.at AND r.device = o.device
UNION ALL
SELECT 'log', count(*), count(*) * 35 FROM (SELECT DISTINCT place, at FROM old) o
JOIN names k ON k.name = 'reading'
JOIN log l ON l.kind = k.id AND l.subject = o.place AND l.item = o.at
UNION ALL
SELECT 'supply_levels', count(*), coalesce(sum(10 + length(remaining)), 0) FROM supply_levels
WHERE id IN (SELECT supplies FROM old) AND id NOT IN (
    SELECT s.supplies FROM names p JOIN readings s ON s.place = p.id
    WHERE p.name = ?1 AND s.supplies IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM old o WHERE o.at = s.at AND o.device = s.device))
AND NOT EXISTS (SELECT 1 FROM names p JOIN packed k ON k.place = p.id
    WHERE p.name = ?1 AND (k.last <= ?2 OR k.first >= ?3)
    AND supply_levels.id BETWEEN k.first_level AND k.last_level)
"""  # noqa: S608 - constants only
_LOG_ROW: Final = """
INSERT INTO temp.log SELECT ?1, id, ?2, ?3 FROM names WHERE name = 'reading'
"""
_FORGET_PLACE_IN_LOG: Final = """
DELETE FROM log WHERE kind = (SELECT id FROM names WHERE name = 'reading')
AND subject = ? AND item = ? AND NOT EXISTS (SELECT 1 FROM readings WHERE place = ? AND at = ?)
"""
_FORGET_LEVELS: Final = """
DELETE FROM supply_levels WHERE id IN (SELECT value FROM json_each(?1))
AND id NOT IN (SELECT supplies FROM readings WHERE place = ?2 AND supplies IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM packed
    WHERE place = ?2 AND supply_levels.id BETWEEN first_level AND last_level)
"""


def freed(connection: sqlite3.Connection, segments: Segments, what: Thin) -> Mapping[str, Freed]:
    """Return by table what would go of `what`; what the caller's transaction does is undone."""
    span = (to_seconds(what.since) + 1, to_seconds(what.before) - 1)
    if packed := list(segments.overlapping(what.place, *span)):
        _show_apart(connection, packed)
    rows = connection.execute(_COUNTED, _values(what))
    return {table: Freed(number, octets) for table, number, octets in rows}


def let_go(connection: sqlite3.Connection, what: Thin, limit: int) -> int:
    """Let at most `limit` readings go within the caller's transaction; return how many went."""
    execute = connection.execute
    old = execute(f"{_OLD} ORDER BY r.at LIMIT ?6", (*_values(what), limit)).fetchall()
    if not old:
        return 0
    place = old[0][0]
    keys = [(place, at, device) for _, at, device, *_ in old]
    execute("INSERT INTO thinning VALUES (?, ?)", (place, to_seconds(what.before)))
    same = "place = ? AND at = ? AND device = ?"
    connection.executemany(f"DELETE FROM rereadings WHERE {same}", keys)  # noqa: S608 - a constant
    connection.executemany(f"DELETE FROM readings WHERE {same}", keys)  # noqa: S608 - a constant
    times = [(place, at, place, at) for _, at, _ in keys]
    connection.executemany(_FORGET_PLACE_IN_LOG, times)
    levels = sorted({row[3] for row in old if row[3] is not None})
    if levels:
        execute(_FORGET_LEVELS, (json.dumps(levels), place))
    execute("DELETE FROM thinning")
    return len(keys)


def _show_apart(connection: sqlite3.Connection, packed: Sequence[Segment]) -> None:
    """Let questions to readings and log find `packed` as rows, until the transaction ends."""
    place = packed[0].readings[0][0]
    for table, column in (("readings", "place"), ("log", "subject")):
        connection.execute(
            f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} WHERE {column} = {place:d}"  # noqa: S608 - constants and a number
        )
    for one in packed:
        marks = ", ".join("?" * len(one.readings[0]))
        connection.executemany(f"INSERT INTO temp.readings VALUES ({marks})", one.readings)  # noqa: S608 - question marks only
        rows = [(seq, place, at) for seq, at in one.log]
        connection.executemany(_LOG_ROW, rows)


def _values(what: Thin) -> tuple[object, ...]:
    kept = json.dumps(sorted(map(to_seconds, what.kept)))
    return what.place, to_seconds(what.since), to_seconds(what.before), kept, what.published
