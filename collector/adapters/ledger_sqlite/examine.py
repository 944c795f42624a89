"""Whether a ledger's file is what was written: its pages, its tables, and every row in them.

SQLite's own check finds what does not fit together; a single bit within a row fits everywhere. So
every row is read as the program reads it, and held against what else depends on it: the ids of
findings and entries come of their content, statements are sealed, and days add up to the usages.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from collector.adapters.ledger_sqlite.file import open_for_reading, open_in_memory
from collector.adapters.ledger_sqlite.packed import Segments
from collector.adapters.ledger_sqlite.reader import Reader
from collector.domain.closing.seal import broken_seals
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence
from collector.encoding.columns import from_seconds
from collector.errors import LedgerError
from collector.texts import ENGLISH

_MOST: Final = 5
"""Damages that are told; a broken disk has thousands."""

_SCHEMA: Final = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
)
_SPAN: Final = """
SELECT min(first), max(last) FROM (
    SELECT min(r.at) AS first, max(r.at) AS last FROM readings r JOIN names n ON n.id = r.place
    WHERE n.name = ?1
    UNION ALL
    SELECT min(k.first), max(k.last) FROM packed k JOIN names n ON n.id = k.place
    WHERE n.name = ?1)
"""
_SPAN_S: Final = 90 * 86400
"""Readings of one place are looked at a quarter at a time."""

_BEGINNING, _END = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def damages(path: Path) -> tuple[Sentence, ...]:
    """Return what is wrong with the ledger at `path`, at most five things; nothing is written.

    Raises LedgerError where it cannot be opened at all. Takes a second for each 50 MB or so.
    """
    with closing(open_for_reading(path)) as connection:
        return tuple(islice(_Examination(connection, path).found(), _MOST))


def refuse_damaged(path: Path) -> None:
    """Raise LedgerError, which says what and how to restore, where the ledger is damaged."""
    if found := damages(path):
        raise LedgerError(ENGLISH("ledger.damaged", path=str(path), what=found))


class _Examination:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._reader = Reader(connection, path)

    def found(self) -> Iterator[Sentence]:
        """Yield what is wrong, the file's own structure first."""
        for look in (self._structure, self._schema, self._rows, self._papers, self._sums):
            try:
                yield from look()
            except sqlite3.Error as error:
                yield sentence("damage.structure", why=str(error))
                return
            except Exception as error:  # noqa: BLE001 - a row may come to anything
                yield sentence("damage.row", why=f"{type(error).__name__}: {error}"[:200])

    def _structure(self) -> Iterator[Sentence]:
        for (told,) in self._all(f"PRAGMA integrity_check({_MOST})"):
            if told != "ok":
                yield sentence("damage.structure", why=" ".join(str(told).split()))
        for table, *_ in self._all("PRAGMA foreign_key_check"):
            yield sentence("damage.structure", why=str(table))

    def _schema(self) -> Iterator[Sentence]:
        with closing(open_in_memory()) as fresh:
            wanted = {tuple(row) for row in fresh.execute(_SCHEMA)}
        own = {tuple(row) for row in self._all(_SCHEMA)}
        for _, name, *_ in sorted(wanted ^ own):
            yield sentence("damage.schema", name=str(name))

    def _rows(self) -> Iterator[Sentence]:
        """Read every row as the program does; one that cannot be understood raises."""
        reader = self._reader
        for state in reader.states():
            place = state.place
            reader.rereadings(place, _BEGINNING, _END)
            since = _BEGINNING
            for first, last in self._spans(place):
                reader.readings(place, first, last)
                reader.usages(place, since, last)
                since = last
            reader.usages(place, since, _END)
        reader.days(date.min, date.max, None)
        reader.facts()
        for (at,) in self._all("SELECT at FROM cycles"):
            reader.cycle(from_seconds(at))
        for (track,) in self._all("SELECT track FROM checkpoints"):
            json.loads(track)
        yield from ()

    def _spans(self, place: PlaceId) -> Iterator[tuple[datetime, datetime]]:
        first, last = next(iter(self._all(_SPAN, place)))
        for start in range(first, last + 1, _SPAN_S) if first is not None else ():
            yield from_seconds(start), from_seconds(min(start + _SPAN_S - 1, last))

    def _papers(self) -> Iterator[Sentence]:
        yield from self._ids("findings", lambda: self._reader.findings(None, None))
        yield from self._ids("entries", lambda: self._reader.entries(None))
        for fault in broken_seals(self._reader.statements(None)):
            yield sentence("damage.seal", period=fault.period, revision=fault.revision)

    def _ids(self, table: str, read: Callable[[], Iterable[object]]) -> Iterator[Sentence]:
        stored = {row[0] for row in self._all(f"SELECT id FROM {table}")}  # noqa: S608 - a constant
        for one in stored ^ {getattr(paper, "id", "") for paper in read()}:
            yield sentence("damage.id", table=table, id=str(one)[:20])

    def _sums(self) -> Iterator[Sentence]:
        """Hold the days of each place against the usages that they are made of."""
        days: Counter[tuple[str, str]] = Counter()
        find = "SELECT n.name, d.pages FROM days d JOIN names n ON n.id = d.place"
        for place, pages in self._all(find):
            for meter, count in json.loads(pages).items():
                days[place, meter] += count
        find = (
            "SELECT p.name, m.name, sum(u.pages) FROM usages u JOIN names p ON p.id = u.place"
            " JOIN names m ON m.id = u.meter GROUP BY u.place, u.meter"
        )
        for place, meter, count in self._all(find):
            days[place, meter] -= count
        for place, meter, count in Segments(self._connection).pages():
            days[place, meter] -= count
        for place in sorted({place for (place, _), left in days.items() if left}):
            yield sentence("damage.days", place=place)

    def _all(self, query: str, *values: object) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(query, values)
