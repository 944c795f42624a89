"""Every change of the ledger, each within a transaction that `commits.py` begins and ends."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, replace
from datetime import timedelta
from typing import Final

from collector.adapters.ledger_sqlite.batch import FIND_STATE, Batch, Known
from collector.adapters.ledger_sqlite.packing import PackedWriter
from collector.adapters.ledger_sqlite.reading_rows import Dictionary
from collector.adapters.ledger_sqlite.thinned import let_go
from collector.app.centre.tell import mentions
from collector.domain.closing.statement import Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.usage import DayUsage
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack, Thin
from collector.encoding.columns import encode_entry, encode_fact, to_json, to_seconds
from collector.encoding.states import encode_state, state_row
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

# Places counted anew, and statements sealed: the changes that rest on what lies there already.
#
# Runs on the ledger's own thread, inside a transaction that `writer.py` begins.


_ADD_ENTRY: Final = """
INSERT INTO entries (id, kind, place, entered_by, why, entered_at, replaces, facts)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM entries WHERE id = ?1)
"""
_BEGINNING: Final = -(2**62)


class Amender:
    """Puts amendments in force within the caller's transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        dictionary: Dictionary,
        batch: Batch,
        packer: PackedWriter,
    ) -> None:
        """Write through `connection`; what can wait goes into `batch`."""
        self._connection = connection
        self._dictionary = dictionary
        self._batch = batch
        self._packer = packer

    def enter(self, entries: Iterable[Entry]) -> None:
        """Append those of `entries` that are not there yet, each with its log row."""
        for entry in entries:
            number, kind, place, *rest = encode_entry(entry)
            row = (number, kind, self._dictionary.names.of(place), *rest)
            if self._connection.execute(_ADD_ENTRY, row).rowcount > 0:
                self._batch.add_log([LogRef("entry", number)])

    def amend(self, amendment: Amendment) -> None:
        """Replace what follows from the evidence after `since`; raises LedgerMoved."""
        before = amendment.before
        place = self._dictionary.names.of(before.place)
        self._refuse_moved(place, amendment)
        since = _BEGINNING if amendment.since is None else to_seconds(amendment.since)
        self._packer.take_apart(place, since)
        execute = self._connection.execute
        execute("INSERT INTO amending VALUES (?)", (place,))
        execute("DELETE FROM usages WHERE place = ? AND ended > ?", (place, since))
        execute("DELETE FROM amending")
        execute("DELETE FROM checkpoints WHERE place = ? AND at > ?", (place, since))
        edition = before.edition + 1
        execute("UPDATE place_states SET books = ? WHERE place = ?", (edition, place))
        self._batch.add_state(replace(before, track=amendment.track, edition=edition))
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
        self._batch.add_log(mentions(amendment))

    def _refuse_moved(self, place: int, amendment: Amendment) -> None:
        row = self._connection.execute(FIND_STATE, (place,)).fetchone()
        before = amendment.before
        if row is None and before.seen_at is None and before.edition == 0:
            return
        if row is None or state_row(row) != encode_state(before):
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


_KEPT_CYCLES: Final = timedelta(days=90)
_ADD_FACT: Final = """
INSERT INTO fleet_facts (kind, subject, facts, recorded_by, why, recorded_at)
VALUES (?, ?, ?, ?, ?, ?)
"""
_FIND_SEEN: Final = """
SELECT s.books, coalesce(h.at, s.seen_at) FROM place_states s
LEFT JOIN heard h ON h.place = s.place WHERE s.place = ? AND s.track IS NOT NULL
"""
_NOTE_HEARD: Final = """
INSERT INTO heard VALUES (?, ?, ?)
ON CONFLICT (place) DO UPDATE SET at = excluded.at, uptime_s = excluded.uptime_s
"""
_ACKNOWLEDGE: Final = """
INSERT OR REPLACE INTO cursors (sink, seq) SELECT ?1, ?2
WHERE ?3 IS NULL OR coalesce((SELECT seq FROM cursors WHERE sink = ?1), 0) = ?3
"""
_FORGET_LOG: Final = """
DELETE FROM log WHERE kind = ? AND subject = ? AND typeof(item) = 'integer' AND item < ?
"""


class Writer:
    """Makes changes, each whole or with an error after which all must be rolled back."""

    def __init__(self, connection: sqlite3.Connection, *, alone: bool) -> None:
        """Write through `connection`, which nobody else uses meanwhile.

        `alone`: no other process hands the log to sinks.
        """
        self._connection = connection
        self._dictionary = Dictionary(connection)
        self._known = Known(connection, alone=alone)
        self._packer = PackedWriter(connection)

    def undo(self) -> None:
        """Forget what a rollback has made void."""
        self._dictionary.forget()
        self._known.forget()
        self._packer.forget()

    def log_is_read(self) -> None:
        """Note that the log was read: what is mentioned from now on must stand behind that."""
        self._known.log_is_read()

    def _batch(self) -> Batch:
        self._known.begin()
        return Batch(self._connection, self._dictionary, self._known, self._packer)

    def _amender(self, batch: Batch) -> Amender:
        return Amender(self._connection, self._dictionary, batch, self._packer)

    def record(self, records: Sequence[Record]) -> None:
        """Apply `records` in order, all of them or none."""
        if not records:
            return
        batch = self._batch()
        for record in records:
            batch.add(record)
        batch.write()

    def heard(self, heard: Sequence[Heard]) -> Collection[PlaceId]:
        """Note that places said the same again; return those that were counted anew meanwhile."""
        execute, names = self._connection.execute, self._dictionary.names
        moved = set()
        for one in heard:
            place = names.of(one.place)
            known = execute(_FIND_SEEN, (place,)).fetchone()
            if known is None or known[0] != one.edition:
                moved.add(one.place)
            elif known[1] is not None and known[1] < (at := to_seconds(one.at)):
                execute(_NOTE_HEARD, (place, at, one.uptime_s))
        return moved

    def amend(
        self, entries: Sequence[Entry], amendments: Sequence[Amendment], log: Sequence[LogRef]
    ) -> None:
        """Keep `entries`, put `amendments` in force and append `log`, all of it or nothing."""
        batch = self._batch()
        amender = self._amender(batch)
        amender.enter(entries)
        for amendment in amendments:
            amender.amend(amendment)
        batch.add_log(log)
        batch.write()

    def seal(self, sealed: Sealed, log: Sequence[LogRef]) -> None:
        """Append `sealed` with `log`, unless just that statement lies there already."""
        batch = self._batch()
        amender = self._amender(batch)
        if amender.seal(sealed):
            period, revision = sealed.statement.period.name, sealed.statement.revision
            batch.add_log([*log, LogRef("statement", f"{period}|{revision}")])
            batch.write()

    def change(self, change: StateChange, state: PlaceState) -> None:
        """Keep `change` and `state`, and log the change, unless the same change is kept."""
        at = to_seconds(change.at)
        key = (self._dictionary.names.of(change.place), at)
        row = (change.online, change.silent_s, change.reason)
        if (
            row
            == self._connection.execute(
                "SELECT online, silent_s, reason FROM state_changes WHERE place = ? AND at = ?",
                key,
            ).fetchone()
        ):
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO state_changes (place, at, online, silent_s, reason)"
            " VALUES (?, ?, ?, ?, ?)",
            (*key, *row),
        )
        batch = self._batch()
        batch.add_state(state)
        batch.add_log([LogRef("state", f"{change.place}|{at}")])
        batch.write()

    def cycle(self, cycle: Cycle) -> None:
        """Keep `cycle`, log it, and drop what is too old, unless the same round is kept."""
        at = to_seconds(cycle.at)
        oldest = at - int(_KEPT_CYCLES.total_seconds())
        row = (at, *astuple(cycle)[1:])
        connection, names = self._connection, self._dictionary.names
        if row == connection.execute("SELECT * FROM cycles WHERE at = ?", (at,)).fetchone():
            return
        connection.execute("INSERT OR REPLACE INTO cycles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        batch = self._batch()
        batch.add_log([LogRef("cycle", str(at))])
        batch.write()
        connection.execute("DELETE FROM cycles WHERE at < ?", (oldest,))
        connection.execute(_FORGET_LOG, (names.of("cycle"), names.of(""), oldest))

    def findings(self, findings: Sequence[Finding]) -> None:
        """Keep those of `findings` not yet there, each with its log row."""
        batch = self._batch()
        batch.add_findings(findings)
        batch.write()

    def facts(self, facts: Sequence[FleetFact], known: int) -> None:
        """Append `facts` where there are just `known` so far; raises LedgerMoved otherwise."""
        execute, names = self._connection.execute, self._dictionary.names
        (there,) = execute("SELECT count(*) FROM fleet_facts").fetchone()
        if there != known:
            raise LedgerMoved("the fleet was changed by another process meanwhile")
        for fact in facts:
            kind, subject, *rest = encode_fact(fact)
            execute(_ADD_FACT, (kind, names.of(subject), *rest))
        self.touch([LogRef("fact", str(known + number)) for number in range(len(facts))])

    def thin(self, what: Thin, limit: int) -> int:
        """Let at most `limit` readings of `what` go; return how many went."""
        place = self._dictionary.names.known(what.place)
        if place is not None:
            self._packer.take_apart(place, to_seconds(what.since) + 1, to_seconds(what.before) - 1)
        return let_go(self._connection, what, limit)

    def pack(self, what: Pack, limit: int) -> int:
        """Lay at most `limit` readings of `what` together; return how many those are."""
        return self._packer.pack(what, limit)

    def note(self, key: str, text: str) -> None:
        """Remember `text` under `key`."""
        self._connection.execute(
            "INSERT OR REPLACE INTO notes (key, text) VALUES (?, ?)", (key, text)
        )

    def touch(self, refs: Sequence[LogRef]) -> None:
        """Append `refs` to the log."""
        if not refs:
            return
        batch = self._batch()
        batch.add_log(refs)
        batch.write()

    def acknowledge(self, sink: str, seq: int, after: int | None) -> None:
        """Move the cursor of `sink` to `seq`, but not where it has left `after`."""
        self._connection.execute(_ACKNOWLEDGE, (sink, seq, after))
