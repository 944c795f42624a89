"""Books written anew, and statements sealed: the changes that rest on what lies there already.

Runs on the ledger's own thread, inside a transaction that `writer.py` begins.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from collector.adapters.ledger_sqlite.batch import FIND_STATE, Batch
from collector.adapters.ledger_sqlite.encode import to_json, to_seconds
from collector.adapters.ledger_sqlite.encode_state import encode_state
from collector.adapters.ledger_sqlite.numbers import Dictionary
from collector.adapters.ledger_sqlite.papers import encode_entry
from collector.domain.entries import Entry
from collector.domain.statement import Sealed
from collector.domain.usage import DayUsage
from collector.errors import LedgerMoved
from collector.ports import Amendment

_ADD_ENTRY: Final = """
INSERT INTO entries (id, kind, place, entered_by, why, entered_at, replaces, facts)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM entries WHERE id = ?1)
"""
_BEGINNING: Final = -(2**62)


class Amender:
    """Puts amendments in force within the caller's transaction."""

    def __init__(
        self, connection: sqlite3.Connection, dictionary: Dictionary, batch: Batch
    ) -> None:
        """Write through `connection`; what can wait goes into `batch`."""
        self._connection = connection
        self._dictionary = dictionary
        self._batch = batch

    def enter(self, entries: Iterable[Entry]) -> None:
        """Append those of `entries` that are not there yet."""
        for entry in entries:
            number, kind, place, *rest = encode_entry(entry)
            row = (number, kind, self._dictionary.names.of(place), *rest)
            self._connection.execute(_ADD_ENTRY, row)

    def amend(self, amendment: Amendment) -> None:
        """Replace what follows from the evidence after `since`; raises LedgerMoved."""
        before = amendment.before
        place = self._dictionary.names.of(before.place)
        self._refuse_moved(place, amendment)
        since = _BEGINNING if amendment.since is None else to_seconds(amendment.since)
        execute = self._connection.execute
        execute("INSERT INTO amending VALUES (?)", (place,))
        execute("DELETE FROM usages WHERE place = ? AND ended > ?", (place, since))
        execute("DELETE FROM amending")
        execute("DELETE FROM checkpoints WHERE place = ? AND at > ?", (place, since))
        books = before.books + 1
        execute("UPDATE place_states SET books = ? WHERE place = ?", (books, place))
        self._batch.add_state(replace(before, track=amendment.track, books=books))
        self._batch.add_usages(amendment.usages)
        for track in amendment.checkpoints:
            self._batch.add_checkpoint(before.place, track)
        for reading in amendment.readings:
            self._batch.add_reading(reading)
        for again in amendment.rereadings:
            self._batch.add_rereading(again)
        for day in amendment.days:
            self._put_day(place, day)
        self._batch.add_findings(amendment.findings)

    def _refuse_moved(self, place: int, amendment: Amendment) -> None:
        row = self._connection.execute(FIND_STATE, (place,)).fetchone()
        before = amendment.before
        if row is None and before.seen_at is None and before.books == 0:
            return
        if row != encode_state(before):
            raise LedgerMoved(f"{before.place}: it was read or amended meanwhile")

    def _put_day(self, place: int, day: DayUsage) -> None:
        key = (day.day.isoformat(), place)
        if not day.pages:
            self._connection.execute("DELETE FROM days WHERE day = ? AND place = ?", key)
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO days (day, place, pages, estimated) VALUES (?, ?, ?, ?)",
            (*key, to_json(dict(day.pages)), day.estimated),
        )

    def seal(self, sealed: Sealed) -> bool:
        """Append `sealed`; False where just that lies there already. Raises LedgerMoved."""
        statement = sealed.statement
        key = (statement.period.name, statement.revision)
        execute = self._connection.execute
        there = execute(
            "SELECT seal FROM statements WHERE period = ? AND revision = ?", key
        ).fetchone()
        if there is not None:
            if there[0] == sealed.seal:
                return False
            raise LedgerMoved(f"{key[0]}: revision {key[1]} was sealed meanwhile")
        last = execute("SELECT seal FROM statements ORDER BY seq DESC LIMIT 1").fetchone()
        if statement.previous != (last[0] if last else ""):
            raise LedgerMoved(f"{key[0]}: another statement was sealed meanwhile")
        execute(
            "INSERT INTO statements (period, revision, text, seal) VALUES (?, ?, ?, ?)",
            (*key, sealed.text, sealed.seal),
        )
        return True
