"""Every change of the ledger, each in one transaction. Runs on the ledger's own thread."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from collector.adapters.ledger_sqlite.amender import Amender
from collector.adapters.ledger_sqlite.batch import Batch
from collector.adapters.ledger_sqlite.encode import to_seconds
from collector.adapters.ledger_sqlite.encode_facts import encode_fact
from collector.adapters.ledger_sqlite.file import transaction
from collector.adapters.ledger_sqlite.numbers import Dictionary
from collector.domain.entries import Entry
from collector.domain.findings import Finding
from collector.domain.fleet_facts import FleetFact
from collector.domain.statement import Sealed
from collector.errors import LedgerMoved
from collector.ports import Amendment, Cycle, LogRef, PlaceState, Record, StateChange

_KEPT_CYCLES: Final = timedelta(days=90)
_ADD_FACT: Final = """
INSERT INTO fleet_facts (kind, subject, facts, recorded_by, why, recorded_at)
VALUES (?, ?, ?, ?, ?, ?)
"""
_FORGET_LOG: Final = """
DELETE FROM log WHERE kind = ? AND subject = ? AND typeof(item) = 'integer' AND item < ?
"""


class Writer:
    """Applies changes; what raises leaves the ledger as it was."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write through `connection`, which nobody else uses meanwhile."""
        self._connection = connection
        self._dictionary = Dictionary(connection)

    def record(self, records: Sequence[Record]) -> None:
        """Apply `records` in order, all of them or none."""
        if not records:
            return
        batch = Batch(self._connection, self._dictionary)
        with _Undo(self._dictionary), transaction(self._connection):
            for record in records:
                batch.add(record)
            batch.write()

    def amend(
        self, entries: Sequence[Entry], amendments: Sequence[Amendment], log: Sequence[LogRef]
    ) -> None:
        """Keep `entries`, put `amendments` in force and append `log`, all of it or nothing."""
        batch = Batch(self._connection, self._dictionary)
        amender = Amender(self._connection, self._dictionary, batch)
        with _Undo(self._dictionary), transaction(self._connection):
            amender.enter(entries)
            for amendment in amendments:
                amender.amend(amendment)
            batch.add_log(log)
            batch.write()

    def seal(self, sealed: Sealed, log: Sequence[LogRef]) -> None:
        """Append `sealed` with `log`, unless just that statement lies there already."""
        batch = Batch(self._connection, self._dictionary)
        amender = Amender(self._connection, self._dictionary, batch)
        with _Undo(self._dictionary), transaction(self._connection):
            if amender.seal(sealed):
                batch.add_log(log)
                batch.write()

    def change(self, change: StateChange, state: PlaceState) -> None:
        """Keep `change` and `state`, and log the change, unless the same change is kept."""
        at = to_seconds(change.at)
        with _Undo(self._dictionary), transaction(self._connection):
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
            batch = Batch(self._connection, self._dictionary)
            batch.add_state(state)
            batch.add_log([LogRef("state", f"{change.place}|{at}")])
            batch.write()

    def cycle(self, cycle: Cycle) -> None:
        """Keep `cycle`, log it, and drop what is too old, unless the same round is kept."""
        at = to_seconds(cycle.at)
        oldest = at - int(_KEPT_CYCLES.total_seconds())
        row = (at, cycle.polled, cycle.failed, cycle.slow, cycle.cycle_s, cycle.lag_s)
        connection, names = self._connection, self._dictionary.names
        with _Undo(self._dictionary), transaction(connection):
            if row == connection.execute("SELECT * FROM cycles WHERE at = ?", (at,)).fetchone():
                return
            connection.execute("INSERT OR REPLACE INTO cycles VALUES (?, ?, ?, ?, ?, ?)", row)
            batch = Batch(connection, self._dictionary)
            batch.add_log([LogRef("cycle", str(at))])
            batch.write()
            connection.execute("DELETE FROM cycles WHERE at < ?", (oldest,))
            connection.execute(_FORGET_LOG, (names.of("cycle"), names.of(""), oldest))

    def findings(self, findings: Sequence[Finding]) -> None:
        """Keep those of `findings` not yet there, each with its log row."""
        batch = Batch(self._connection, self._dictionary)
        with _Undo(self._dictionary), transaction(self._connection):
            batch.add_findings(findings)
            batch.write()

    def facts(self, facts: Sequence[FleetFact], known: int) -> None:
        """Append `facts` where there are just `known` so far; raises LedgerMoved otherwise."""
        execute, names = self._connection.execute, self._dictionary.names
        with _Undo(self._dictionary), transaction(self._connection):
            (there,) = execute("SELECT count(*) FROM fleet_facts").fetchone()
            if there != known:
                raise LedgerMoved("the fleet was changed by another process meanwhile")
            for fact in facts:
                kind, subject, *rest = encode_fact(fact)
                execute(_ADD_FACT, (kind, names.of(subject), *rest))

    def note(self, key: str, text: str) -> None:
        """Remember `text` under `key`."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO notes (key, text) VALUES (?, ?)", (key, text)
            )

    def touch(self, refs: Sequence[LogRef]) -> None:
        """Append `refs` to the log."""
        if not refs:
            return
        batch = Batch(self._connection, self._dictionary)
        with _Undo(self._dictionary), transaction(self._connection):
            batch.add_log(refs)
            batch.write()

    def acknowledge(self, sink: str, seq: int) -> None:
        """Move the cursor of `sink` to `seq`."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO cursors (sink, seq) VALUES (?, ?)", (sink, seq)
            )


class _Undo:
    """Forgets numbers that a rollback has made void."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Forget where the work failed; the error goes on."""
        if kind is not None:
            self._dictionary.forget()
