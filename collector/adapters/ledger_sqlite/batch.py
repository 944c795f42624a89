"""Many records as few statements: gathered in memory, written once at the end.

Nothing here begins or ends a transaction; `writer.py` does.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from collector.adapters.ledger_sqlite.packing import PackedWriter
from collector.adapters.ledger_sqlite.reading_rows import Dictionary
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import Meter
from collector.encoding.columns import (
    QUALITY_CODES,
    FindingRow,
    encode_finding,
    split_key,
    to_count,
    to_json,
    to_seconds,
)
from collector.encoding.readings import (
    Stock,
    encode_about,
    encode_brought,
    encode_condition,
    encode_proof,
    encode_raw,
    encode_stock,
)
from collector.encoding.states import (
    StateRow,
    encode_state,
    encode_track,
    state_row,
)
from collector.errors import LedgerMoved
from collector.ports import LogRef, PlaceState, Record, Reread

_UPSERT_STATE: Final = """
INSERT INTO place_states (place, seen_at, stored_at, online, changed_at, reason, track, books)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (place) DO UPDATE SET seen_at = excluded.seen_at, stored_at = excluded.stored_at,
online = excluded.online, changed_at = excluded.changed_at, reason = excluded.reason,
track = excluded.track, books = excluded.books
"""
FIND_STATE: Final = """
SELECT s.seen_at, s.stored_at, s.online, s.changed_at, s.reason, s.track, s.books, h.at, h.uptime_s
FROM place_states s LEFT JOIN heard h ON h.place = s.place WHERE s.place = ?
"""
_FIND_EDITION: Final = "SELECT books FROM place_states WHERE place = ?"
_NEWEST_READING: Final = "SELECT max(at) FROM readings WHERE place = ?"
_NEWEST_USAGE: Final = "SELECT max(ended) FROM usages WHERE place = ?"
_FIND_SUPPLIES: Final = """
SELECT r.supplies, s.shape, l.remaining FROM readings r
JOIN supply_levels l ON l.id = r.supplies JOIN supply_shapes s ON s.id = l.shape
WHERE r.place = ? ORDER BY r.at DESC LIMIT 1
"""
_UPSERT_DAY: Final = """
INSERT INTO days (day, place, pages, estimated) VALUES (?, ?, ?, ?)
ON CONFLICT (day, place) DO UPDATE SET pages = excluded.pages, estimated = excluded.estimated
"""

_READING_COLUMNS: Final = 16
_SAVE_CHECKPOINT: Final = "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)"

_NEVER: Final = -(2**63)
_SAID_AGAIN: Final = frozenset({"day", "office_day", "month"})
"""Kinds of references that poll after poll mentions."""

ReadingKey = tuple[int, int, int]
UsageKey = tuple[int, int, int, int, int]


@dataclass(slots=True)
class _Day:
    """A day's sums in the making."""

    pages: Counter[str]
    estimated: int


class Known:
    """What the last changes left behind, so that the next need not ask: see `Writer`.

    It holds as long as nobody else changes the ledger: `begin` with every transaction, `forget`
    after a rollback.
    """

    def __init__(self, connection: sqlite3.Connection, *, alone: bool) -> None:
        """Know nothing yet. `alone`: whoever reads the log does so through this connection."""
        self._connection = connection
        self._alone = alone
        self._version: int | None = None
        self.newest_reading: dict[int, int] = {}
        """Place -> a time (seconds) after which no reading of it is stored."""
        self.newest_usage: dict[int, int] = {}
        """Place -> a time after which no usage of it ends."""
        self._unread: set[LogRef] = set()

    def begin(self) -> None:
        """Begin to change; forget what another connection may have changed meanwhile."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self.forget()
            self._version = version

    def forget(self) -> None:
        """Ask again from now on."""
        self.newest_reading.clear()
        self.newest_usage.clear()
        self.log_is_read()

    def log_is_read(self) -> None:
        """Note that the log was read: what is mentioned from now on must stand behind that."""
        self._unread.clear()

    def mention(self, refs: Iterable[LogRef]) -> list[LogRef]:
        """Return those of `refs` that must be appended: the others stand there unread.

        A reference that is read later says what holds then, so one is enough until it is read.
        """
        found = [ref for ref in refs if ref not in self._unread]
        if self._alone:
            self._unread.update(ref for ref in found if ref.kind in _SAID_AGAIN)
        return found


class Batch:
    """Records on their way into one transaction. `add` each in order, then `write` once.

    A record that is already there is skipped whole (see `ports.Record`).
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        dictionary: Dictionary,
        known: Known,
        packer: PackedWriter,
    ) -> None:
        """Begin empty."""
        self._connection = connection
        self._dictionary = dictionary
        self._known = known
        self._packer = packer
        self._states: dict[int, PlaceState] = {}
        self._readings: dict[ReadingKey, tuple[object, ...]] = {}
        self._usages: dict[UsageKey, tuple[object, ...]] = {}
        self._findings: dict[str, FindingRow] = {}
        self._days: dict[tuple[str, int], _Day] = {}
        self._rereadings: dict[tuple[int, int, int, int], tuple[object, ...]] = {}
        self._checkpoints: dict[tuple[int, int], str] = {}
        self._log: dict[LogRef, None] = {}
        self._abouts: dict[int, tuple[tuple[object, ...], int]] = {}
        self._supplies: dict[int, tuple[Stock, int | None]] = {}
        self._meter_sets: dict[tuple[Meter, ...], int] = {}

    def add(self, record: Record) -> None:
        """Take `record` in, unless it is already there."""
        place = self._dictionary.names.of(record.state.place)
        if self._is_there(place, record):
            return
        self.add_state(record.state)
        if record.checkpoint is not None:
            self.add_checkpoint(record.state.place, record.checkpoint)
        if record.reading is not None:
            self._add_reading(record.reading)
        self.add_usages(record.usages)
        for day in record.days:
            self._add_day(day)
        for finding in record.findings:
            self._findings.setdefault(finding.id, encode_finding(finding))
        self.add_log(record.log)

    def add_usages(self, usages: Iterable[Usage]) -> None:
        """Take `usages` in; none of them is there yet."""
        for usage in usages:
            self._add_usage(usage)

    def add_reading(self, reading: Reading) -> None:
        """Take `reading` in, unless it is already there."""
        if not self._has_reading(self._dictionary.names.of(reading.place), reading):
            self._add_reading(reading)

    def add_rereading(self, again: Reread) -> None:
        """Take in what a stored reading says by a corrected profile."""
        reading, names = again.reading, self._dictionary.names
        key = (
            names.of(reading.place),
            to_seconds(reading.at),
            names.of(reading.answer.identity.key),
            names.of(again.entry),
        )
        self._packer.take_apart(key[0], key[1], key[1])
        self._rereadings[key] = (
            *key,
            self._dictionary.abouts.of(encode_about(reading.answer)),
            self._meter_set(tuple(reading.answer.meters)),
            to_json(list(reading.answer.meters.values())),
        )

    def add_checkpoint(self, place: str, track: PlaceTrack) -> None:
        """Keep `track` as a point from which `place` can be counted again."""
        key = (self._dictionary.names.of(place), to_seconds(track.at))
        self._checkpoints[key] = encode_track(track) or ""

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Take `findings` in, each with its log row, but for those already there."""
        for finding in findings:
            if not self._has_finding(finding):
                self._findings[finding.id] = encode_finding(finding)
                self.add_log([LogRef("event", finding.id)])

    def add_state(self, state: PlaceState) -> None:
        """Leave `state` as what is known of its place.

        Raises LedgerMoved where the place was counted anew since `state` was known.
        """
        place = self._dictionary.names.of(state.place)
        if self._edition(place) not in {None, state.edition}:
            raise LedgerMoved(f"{state.place}: it was counted anew meanwhile")
        self._states[place] = state

    def add_log(self, refs: Iterable[LogRef]) -> None:
        """Append `refs` to the log; the last mention of a reference counts."""
        for ref in refs:
            self._log.pop(ref, None)
            self._log[ref] = None

    def write(self) -> None:
        """Run the statements; raises sqlite3.Error, after which the caller rolls back."""
        many = self._many
        many(
            f"INSERT INTO readings VALUES ({', '.join('?' * _READING_COLUMNS)})",  # noqa: S608 - question marks only
            self._readings.values(),
        )
        many("INSERT INTO usages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._usages.values())
        many(
            "INSERT INTO findings (id, code, severity, subject, message, at_us, evidence, said)"
            " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
            " WHERE NOT EXISTS (SELECT 1 FROM findings WHERE id = ?1)",
            self._findings.values(),
        )
        many(_UPSERT_DAY, [self._day_row(*key, day) for key, day in self._days.items()])
        many("INSERT INTO rereadings VALUES (?, ?, ?, ?, ?, ?, ?)", self._rereadings.values())
        many(_SAVE_CHECKPOINT, [(*key, track) for key, track in self._checkpoints.items()])
        many(_UPSERT_STATE, [(place, *encode_state(one)) for place, one in self._states.items()])
        mentioned = [self._log_row(ref) for ref in self._known.mention(self._log)]
        many("INSERT OR REPLACE INTO log (kind, subject, item) VALUES (?, ?, ?)", mentioned)

    def _many(self, statement: str, rows: Collection[Sequence[object]]) -> None:
        if rows:
            self._connection.executemany(statement, rows)

    def _is_there(self, place: int, record: Record) -> bool:
        if record.reading is not None and self._has_reading(place, record.reading):
            return True
        if record.usages:
            return any(self._has_usage(usage) for usage in record.usages)
        if record.reading is not None:
            return False
        if record.days:
            message = (
                f"{record.state.place}: pages of a day need the reading or the usages they come"
                " from; without them a repetition could not be told"
            )
            raise ValueError(message)
        return self._changes_nothing(place, record)

    def _has_reading(self, place: int, reading: Reading) -> bool:
        """Say whether `reading` is there: not where it is later than all of its place."""
        at = to_seconds(reading.at)
        if at > self._newest(self._known.newest_reading, _NEWEST_READING, place):
            return False
        device = self._dictionary.names.known(reading.answer.identity.key)
        if device is None:
            return False
        self._packer.take_apart(place, at, at)
        key = (place, at, device)
        return key in self._readings or self._exists(
            "SELECT 1 FROM readings WHERE place = ? AND at = ? AND device = ?", key
        )

    def _has_usage(self, usage: Usage) -> bool:
        """Say whether `usage` is there: not where it ends later than all of its place."""
        key = self._usage_key(usage)
        if key[1] > self._newest(self._known.newest_usage, _NEWEST_USAGE, key[0]):
            return False
        self._packer.take_apart(key[0], key[1], key[1])
        return key in self._usages or self._exists(
            "SELECT 1 FROM usages WHERE place = ? AND ended = ? AND device = ? AND meter = ?"
            " AND epoch = ?",
            key,
        )

    def _newest(self, known: dict[int, int], query: str, place: int) -> int:
        """Return a time (seconds) after which neither ledger nor batch has anything of `place`."""
        if place not in known:
            (newest,) = self._connection.execute(query, (place,)).fetchone()
            both = (newest, self._packer.newest(place))
            known[place] = max((one for one in both if one is not None), default=_NEVER)
        return known[place]

    def _changes_nothing(self, place: int, record: Record) -> bool:
        return all(self._has_finding(one) for one in record.findings) and (
            self._state_row(place) == encode_state(record.state)
        )

    def _has_finding(self, finding: Finding) -> bool:
        return finding.id in self._findings or self._exists(
            "SELECT 1 FROM findings WHERE id = ?", (finding.id,)
        )

    def _edition(self, place: int) -> int | None:
        waiting = self._states.get(place)
        if waiting is not None:
            return waiting.edition
        row = self._connection.execute(_FIND_EDITION, (place,)).fetchone()
        return None if row is None else int(row[0])

    def _state_row(self, place: int) -> StateRow | None:
        waiting = self._states.get(place)
        if waiting is not None:
            return encode_state(waiting)
        row = self._connection.execute(FIND_STATE, (place,)).fetchone()
        return None if row is None else state_row(row)

    def _exists(self, query: str, key: Sequence[object]) -> bool:
        return self._connection.execute(query, key).fetchone() is not None

    def _add_reading(self, reading: Reading) -> None:
        names, answer = self._dictionary.names, reading.answer
        place, device = names.of(reading.place), names.of(answer.identity.key)
        at, newest = to_seconds(reading.at), self._known.newest_reading
        newest[place] = max(self._newest(newest, _NEWEST_READING, place), at)
        self._readings[place, at, device] = (
            *(place, at, device),
            self._about(place, answer),
            self._meter_set(tuple(answer.meters)),
            to_json(list(answer.meters.values())),
            answer.uptime_s,
            encode_condition(answer),
            self._supply_levels(place, (answer.supplies, answer.trays)),
            *encode_proof(reading),
            *self._terms(answer),
            None if reading.wall is None else to_seconds(reading.wall),
            encode_brought(reading.brought),
        )

    def _terms(self, answer: Answer) -> tuple[int | None, str | None]:
        names, counts = encode_raw(answer.raw, answer.meters, answer.lacks)
        return None if names is None else self._dictionary.meter_sets.of(names), counts

    def _about(self, place: int, answer: Answer) -> int:
        said = (
            *(answer.identity, answer.profile, answer.wraps),
            *(answer.rated_ipm, answer.nvram_step, answer.formulas),
        )
        before = self._abouts.get(place)
        if before is None or before[0] != said:
            before = self._abouts[place] = said, self._dictionary.abouts.of(encode_about(answer))
        return before[1]

    def _meter_set(self, meters: tuple[Meter, ...]) -> int:
        number = self._meter_sets.get(meters)
        if number is None:
            number = self._meter_sets[meters] = self._dictionary.meter_sets.of(to_json(meters))
        return number

    def _supply_levels(self, place: int, stock: Stock) -> int | None:
        if not any(stock):
            return None
        before = self._supplies.get(place)
        if before is None or before[0] != stock:
            before = self._supplies[place] = stock, self._new_levels(place, stock)
        return before[1]

    def _new_levels(self, place: int, stock: Stock) -> int | None:
        shape, remaining = encode_stock(*stock)
        if place not in self._supplies:
            last = self._connection.execute(_FIND_SUPPLIES, (place,)).fetchone()
            if last is not None and last[1:] == (shape, remaining):
                return int(last[0])
        return self._connection.execute(
            "INSERT INTO supply_levels (shape, remaining) VALUES (?, ?)",
            (self._dictionary.shapes.of(shape), remaining),
        ).lastrowid

    def _usage_key(self, usage: Usage) -> UsageKey:
        names = self._dictionary.names
        return (
            names.of(usage.place),
            to_seconds(usage.end),
            names.of(usage.device),
            names.of(usage.meter),
            usage.epoch,
        )

    def _add_usage(self, usage: Usage) -> None:
        key = self._usage_key(usage)
        newest = self._known.newest_usage
        newest[key[0]] = max(self._newest(newest, _NEWEST_USAGE, key[0]), key[1])
        lasted_s = key[1] - to_seconds(usage.start)
        self._usages[key] = (
            *key,
            lasted_s,
            to_count(usage.first),
            usage.pages,
            QUALITY_CODES[usage.quality],
            *(usage.low, usage.high),
        )

    def _add_day(self, usage: DayUsage) -> None:
        key = (usage.day.isoformat(), self._dictionary.names.of(usage.place))
        day = self._days.setdefault(key, _Day(Counter(), 0))
        for meter, pages in usage.pages.items():
            day.pages[meter] += pages
        day.estimated += usage.estimated

    def _day_row(self, day: str, place: int, more: _Day) -> tuple[object, ...]:
        row = self._connection.execute(
            "SELECT pages, estimated FROM days WHERE day = ? AND place = ?", (day, place)
        ).fetchone()
        pages, estimated = more.pages, more.estimated
        if row is not None:
            for meter, stored in json.loads(row[0]).items():
                pages[meter] += stored
            estimated += row[1]
        return day, place, to_json(pages), estimated

    def _log_row(self, ref: LogRef) -> tuple[object, ...]:
        subject, item = split_key(ref.key)
        names = self._dictionary.names
        if ref.kind == "reading" and isinstance(item, int):
            self._packer.take_apart(names.of(subject), item, item)
        return names.of(ref.kind), names.of(subject), item
