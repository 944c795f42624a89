"""Laying readings of one place together, and taking them apart before anything of them changes."""

import logging
import sqlite3
import zlib
from typing import Final

from collector.adapters.ledger_sqlite.packed import (
    PackedRow,
    Row,
    Segment,
    Segments,
    laid_together,
)
from collector.domain.old_readings import Pack
from collector.encoding.columns import NOT_UNDERSTOOD, to_seconds

_LOG: Final = logging.getLogger(__name__)

# The newest reading of a place stays: what is known of the place now begins with it. So does one
# that was read again by a corrected profile, which points to it.
_OLD: Final = """
FROM readings r WHERE r.place = ?1 AND r.at < ?2
AND r.at < (SELECT max(at) FROM readings WHERE place = ?1)
AND NOT EXISTS (SELECT 1 FROM rereadings a
    WHERE a.place = r.place AND a.at = r.at AND a.device = r.device)
"""
PACKABLE: Final = f"""
SELECT p.name, (SELECT min(at) {_OLD.replace("?1", "s.place").replace("?2", "?1")}) AS oldest
FROM place_states s JOIN names p ON p.id = s.place WHERE oldest IS NOT NULL ORDER BY p.name
"""  # noqa: S608 - constants only
_READINGS: Final = f"SELECT r.* {_OLD} ORDER BY r.at, r.device LIMIT ?3"
_USAGES: Final = "SELECT * FROM usages WHERE place = ? AND ended > ? AND ended <= ?"
_PLACES: Final = """
SELECT item, seq FROM log WHERE kind = (SELECT id FROM names WHERE name = 'reading')
AND subject = ? AND typeof(item) = 'integer' AND item >= ? AND item <= ? AND seq <= ?
"""
_KEEP: Final = """
INSERT INTO packed (place, first, last, readings, usages, entries, first_seq, last_seq,
    first_level, last_level, octets,
    digest, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_PUT_BACK_LOG: Final = """
INSERT INTO log (seq, kind, subject, item)
SELECT ?1, id, ?2, ?3 FROM names WHERE name = 'reading'
"""
_ALL: Final = 2**62
_LEVEL: Final = 9


class PackedWriter:
    """Changes what is laid together, within the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Work through `connection`, which nobody else uses meanwhile."""
        self._connection = connection
        self._segments = Segments(connection)

    def forget(self) -> None:
        """Ask again from now on; to be called after every rollback."""
        self._segments.forget()

    def pack(self, what: Pack, limit: int) -> int:
        """Lay the oldest readings of `what` together, at most `limit`; return how many those are.

        None are where one of them cannot be understood: it is left as it is.
        """
        place, before = self._segments.number(what.place), to_seconds(what.before)
        if place is None:
            return 0
        readings = self._connection.execute(_READINGS, (place, before, limit)).fetchall()
        if not readings:
            return 0
        first, last = readings[0][1], readings[-1][1]
        usages = self._connection.execute(_USAGES, (place, first, last)).fetchall()
        published = _ALL if what.published is None else what.published
        log = dict(self._connection.execute(_PLACES, (place, first, last, published)))
        try:
            text, segment = self._whole(place, readings, usages, log)
        except NOT_UNDERSTOOD as error:
            _LOG.warning(
                "old readings cannot be read; they stay as they are",
                extra={"place": what.place, "error": repr(error)},
            )
            return 0
        self._keep(place, text, segment)
        self._let_go(place, segment)
        return len(readings)

    def take_apart(self, place: int, since: int, until: int = _ALL) -> None:
        """Leave all readings of `place` from `since` to `until`, and what is theirs, as rows."""
        find = "SELECT id FROM packed WHERE place = ? AND last >= ? AND first <= ?"
        for (number,) in self._connection.execute(find, (place, since, until)).fetchall():
            try:
                segment = self._segments.of(number)
            except NOT_UNDERSTOOD as error:
                raise sqlite3.DatabaseError(str(error)) from error
            self._put_back(place, number, segment)

    def newest(self, place: int) -> int | None:
        """Return the latest time of a reading of `place` that is laid together."""
        find = "SELECT max(last) FROM packed WHERE place = ?"
        (newest,) = self._connection.execute(find, (place,)).fetchone()
        return None if newest is None else int(newest)

    def _whole(
        self, place: int, readings: list[Row], usages: list[Row], log: dict[int, int]
    ) -> tuple[str, Segment]:
        """Return the body of what comes out of it just as it goes in; ValueError otherwise."""
        numbers = self._segments.numbers({row[4] for row in readings})
        text = laid_together(readings, usages, log, self._segments.sets, numbers)
        segment = self._segments.opened(text, place, readings[0][1])
        times = {row[1] for row in readings}
        places = {(seq, at) for at, seq in log.items() if at in times}
        if segment.readings != readings or set(segment.log) != places:
            message = "laid together they would not be the same"
            raise ValueError(message)
        if not set(usages).issuperset(segment.usages):
            message = "usages would follow that are not there"
            raise ValueError(message)
        return text, segment

    def _keep(self, place: int, text: str, segment: Segment) -> None:
        seqs = [seq for seq, _ in segment.log]
        levels = [row[8] for row in segment.readings if row[8] is not None]
        stored = PackedRow(
            *(place, segment.readings[0][1], segment.readings[-1][1]),
            *(len(segment.readings), len(segment.usages), len(seqs)),
            *(min(seqs, default=None), max(seqs, default=None)),
            *(min(levels, default=None), max(levels, default=None)),
            octets=len(text.encode()),
            digest="",
        )
        body = zlib.compress(text.encode(), _LEVEL)
        self._connection.execute(_KEEP, (*stored.beside, stored.digest_of(text), body))

    def _let_go(self, place: int, segment: Segment) -> None:
        execute, many = self._connection.execute, self._connection.executemany
        execute("INSERT INTO thinning VALUES (?, ?)", (place, segment.readings[-1][1] + 1))
        many(
            "DELETE FROM readings WHERE place = ? AND at = ? AND device = ?",
            [row[:3] for row in segment.readings],
        )
        execute("DELETE FROM thinning")
        execute("INSERT INTO amending VALUES (?)", (place,))
        many(
            "DELETE FROM usages WHERE place = ? AND ended = ? AND device = ? AND meter = ?"
            " AND epoch = ?",
            [row[:5] for row in segment.usages],
        )
        execute("DELETE FROM amending")
        many("DELETE FROM log WHERE seq = ?", [(seq,) for seq, _ in segment.log])

    def _put_back(self, place: int, number: int, segment: Segment) -> None:
        execute, many = self._connection.execute, self._connection.executemany
        execute("INSERT INTO amending VALUES (?)", (place,))
        execute("DELETE FROM packed WHERE id = ?", (number,))
        execute("DELETE FROM amending")
        for table, rows in (("readings", segment.readings), ("usages", segment.usages)):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                many(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - constants
        many(_PUT_BACK_LOG, [(seq, place, at) for seq, at in segment.log])
