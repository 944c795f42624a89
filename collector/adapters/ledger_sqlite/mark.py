"""How far a ledger had come, written beside it: a copy put back in its place is then noticed.

What was published and sealed is known outside. A ledger restored from an older backup does not
know it any more, and would give the same numbers to other things.
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite.file import transaction
from collector.app.notes import LEDGER_ID, SEALED_BEFORE
from collector.ports import Restored

_NEWEST_SEQ: Final = """
SELECT max(coalesce((SELECT max(seq) FROM log), 0), coalesce((SELECT max(last_seq) FROM packed), 0))
"""


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """The ledger called `ledger` was published up to `seq`; `sealed` is period -> revision."""

    ledger: str
    seq: int = 0
    sealed: Mapping[str, int] = field(default_factory=dict)


class MarkFile:
    """Keeps the mark of one ledger in `<ledger>.mark`; a lost or damaged file marks nothing."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Find out which ledger `connection` is; one without a name gets one."""
        self._path = Path(f"{path}.mark")
        self._connection = connection
        self._mark = LedgerMark(self._name())

    def hold(self) -> Restored | None:
        """Return what the ledger lacks, None where it lacks nothing; go on above what was used."""
        noted, own = self._read(), self._own()
        if noted is None:
            self._mark = own
            return None
        is_other = noted.ledger != own.ledger
        missing = max(0, noted.seq - own.seq)
        sealed = {
            period: revision
            for period, revision in noted.sealed.items()
            if revision > own.sealed.get(period, 0)
        }
        self._mark = LedgerMark(own.ledger, max(noted.seq, own.seq), {**own.sealed, **sealed})
        if not missing and not sealed and not is_other:
            return None
        self._go_on_above(noted.seq)
        self.save()
        return Restored(missing, sealed, is_other)

    def published(self, seq: int) -> None:
        """Note that a sink has everything up to `seq`."""
        if seq > self._mark.seq:
            self._mark = replace(self._latest(), seq=seq)
            self.save()

    def sealed(self, period: str, revision: int) -> None:
        """Note that `revision` of `period` was sealed."""
        latest = self._latest()
        known = max(revision, latest.sealed.get(period, 0))
        self._mark = replace(latest, sealed={**latest.sealed, period: known})
        self.save()

    def _latest(self) -> LedgerMark:
        """Return the mark with what a command beside the daemon, or the daemon, noted meanwhile."""
        noted = self._read()
        return self._mark if noted is None or noted.ledger != self._mark.ledger else noted

    def save(self) -> None:
        """Write the mark in one step; a folder that cannot be written is no reason to stop."""
        fields = {"ledger": self._mark.ledger, "seq": self._mark.seq, "sealed": self._mark.sealed}
        new = Path(f"{self._path}.new")
        with suppress(OSError):
            new.write_text(json.dumps(fields) + "\n", encoding="utf-8")
            new.replace(self._path)

    def _read(self) -> LedgerMark | None:
        try:
            fields = json.loads(self._path.read_text(encoding="utf-8"))
            sealed = {str(one): int(number) for one, number in fields["sealed"].items()}
            return LedgerMark(str(fields["ledger"]), int(fields["seq"]), sealed)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def _name(self) -> str:
        find = "SELECT text FROM notes WHERE key = ?"
        found = self._connection.execute(find, (LEDGER_ID.key,)).fetchone()
        if found is not None:
            return str(found[0])
        name = uuid.uuid4().hex
        with transaction(self._connection):
            self._connection.execute("INSERT INTO notes VALUES (?, ?)", (LEDGER_ID.key, name))
        return name

    def _own(self) -> LedgerMark:
        (seq,) = self._connection.execute(_NEWEST_SEQ).fetchone()
        rows = self._connection.execute("SELECT period, max(revision) FROM statements GROUP BY 1")
        sealed = self._sealed_before()
        for period, revision in rows:
            sealed[period] = max(revision, sealed.get(period, 0))
        return LedgerMark(self._mark.ledger, int(seq), sealed)

    def _sealed_before(self) -> dict[str, int]:
        """Return the revisions that are known to have been sealed and lost."""
        find = "SELECT text FROM notes WHERE key = ?"
        found = self._connection.execute(find, (SEALED_BEFORE.key,)).fetchone()
        return {} if found is None else dict(SEALED_BEFORE.read(found[0]))

    def _go_on_above(self, seq: int) -> None:
        """Give the next change of the log a number that no sink has seen yet."""
        with transaction(self._connection):
            execute = self._connection.execute
            used = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'log'"
            if execute(used, (seq,)).rowcount == 0:
                execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('log', ?)", (seq,))
            known = SEALED_BEFORE.written(self._mark.sealed)
            execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (SEALED_BEFORE.key, known))
