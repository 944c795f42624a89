"""What goes into the ledger of one site with one transaction, gathered and written table by table.

Nothing here begins or ends a transaction, nor asks what is there already: see `writer.py`.
"""

import uuid
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from collector.adapters.ledger_postgres.database import Database, insert
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.office.fleet_facts import FleetFact
from collector.encoding.columns import (
    QUALITY_CODES,
    FindingRow,
    encode_entry,
    encode_fact,
    encode_finding,
    split_key,
    to_json,
    to_seconds,
)
from collector.encoding.readings import (
    encode_about,
    encode_brought,
    encode_condition,
    encode_proof,
    encode_raw,
    encode_stock,
)
from collector.encoding.states import encode_state, encode_track
from collector.ports import LogRef, PlaceState, Reread, StateChange

Row = tuple[object, ...]
ReadingKey = tuple[str, int, str]
"""Place, time in seconds, device."""
UsageKey = tuple[str, int, str, str, int]
"""Place, end in seconds, device, meter, epoch."""

_SITE: Final = ("site", "int")
_BIGINT, _TEXT, _UUID = "bigint", "text", "uuid"
_READINGS: Final = (
    *(_SITE, ("place", _TEXT), ("at", _BIGINT), ("device", _TEXT)),
    *(("about", _UUID), ("meters", _UUID), ("counts", _TEXT), ("uptime_s", _BIGINT)),
    *(("status", _TEXT), ("supplies", _UUID), ("remaining", _TEXT), ("stay", "smallint")),
    *(("confirmed_at", _BIGINT), ("confirmed_uptime_s", _BIGINT), ("terms", _UUID)),
    *(("raw", _TEXT), ("wall_at", _BIGINT), ("brought", _TEXT)),
)
_USAGES: Final = (
    *(_SITE, ("place", _TEXT), ("ended", _BIGINT), ("device", _TEXT), ("meter", _TEXT)),
    *(("epoch", "int"), ("lasted_s", _BIGINT), ("first", "numeric"), ("pages", _BIGINT)),
    *(("quality", "smallint"), ("low", _BIGINT), ("high", _BIGINT)),
)
_FINDINGS: Final = (
    *(_SITE, ("id", _TEXT), ("code", _TEXT), ("severity", _TEXT), ("subject", _TEXT)),
    *(("message", _TEXT), ("at_us", _BIGINT), ("evidence", _TEXT), ("said", _TEXT)),
)
_DAYS: Final = (
    *(_SITE, ("day", "date"), ("place", _TEXT), ("pages", _TEXT), ("estimated", _BIGINT)),
)
_STATES: Final = (
    *(_SITE, ("place", _TEXT), ("seen_at", _BIGINT), ("stored_at", _BIGINT)),
    *(("online", "boolean"), ("changed_at", _BIGINT), ("reason", _TEXT), ("track", _TEXT)),
    ("edition", "int"),
)
_CHANGES: Final = (
    *(_SITE, ("place", _TEXT), ("at", _BIGINT), ("online", "boolean")),
    *(("silent_s", _BIGINT), ("reason", _TEXT)),
)
_CHECKPOINTS: Final = (_SITE, ("place", _TEXT), ("at", _BIGINT), ("track", _TEXT))
_REREADINGS: Final = (
    *(_SITE, ("place", _TEXT), ("at", _BIGINT), ("device", _TEXT), ("entry", _TEXT)),
    *(("about", _UUID), ("meters", _UUID), ("counts", _TEXT)),
)
_ENTRIES: Final = (
    *(_SITE, ("seq", _BIGINT), ("id", _TEXT), ("kind", _TEXT), ("place", _TEXT)),
    *(("entered_by", _TEXT), ("why", _TEXT), ("entered_at", _BIGINT)),
    *(("replaces", _TEXT), ("facts", _TEXT)),
)
_FACTS: Final = (
    *(_SITE, ("seq", _BIGINT), ("kind", _TEXT), ("subject", _TEXT), ("facts", _TEXT)),
    *(("recorded_by", _TEXT), ("why", _TEXT), ("recorded_at", _BIGINT)),
)
_LOG: Final = (_SITE, ("seq", _BIGINT), ("kind", _TEXT), ("key", _TEXT), ("number", _BIGINT))
_TEXTS: Final = (_SITE, ("id", _UUID), ("text", _TEXT))

_SKIP: Final = "ON CONFLICT DO NOTHING"


def _instead(key: str, columns: Iterable[tuple[str, str]], *more: str) -> str:
    """Return the clause that puts a row in the place of the one with the same `key`."""
    keys = key.split(", ")
    names = [name for name, _ in columns if name not in keys]
    sets = ", ".join([*(f"{name} = excluded.{name}" for name in names), *more])
    return f"ON CONFLICT ({key}) DO UPDATE SET {sets}"


_NOT_HEARD_AGAIN: Final = ("heard_at = NULL", "heard_uptime_s = NULL")


def reading_key(reading: Reading) -> ReadingKey:
    """Return what tells `reading` from every other of its site."""
    return reading.place, to_seconds(reading.at), reading.answer.identity.key


def usage_key(usage: Usage) -> UsageKey:
    """Return what tells `usage` from every other of its site."""
    return usage.place, to_seconds(usage.end), usage.device, usage.meter, usage.epoch


class SiteRows:
    """Rows of one site on their way into a transaction: add them in order, then `write` once.

    What is added under the same key again takes the place of what was added before.
    """

    def __init__(self, site: int) -> None:
        """Begin empty, for the site numbered so."""
        self._site = site
        self._texts: dict[uuid.UUID, str] = {}
        self._states: dict[str, PlaceState] = {}
        self._changes: dict[tuple[str, int], Row] = {}
        self._checkpoints: dict[tuple[str, int], str] = {}
        self._rereadings: dict[tuple[str, ...], Row] = {}
        self._entries: dict[str, Row] = {}
        self._facts: dict[int, Row] = {}
        self._log: dict[LogRef, None] = {}
        self.readings: dict[ReadingKey, Row] = {}
        self.usages: dict[UsageKey, Row] = {}
        self.findings: dict[str, FindingRow] = {}
        self.day_rows: dict[tuple[object, str], Row] = {}

    def state(self, place: str) -> PlaceState | None:
        """Return the state of `place` that was added last, or None."""
        return self._states.get(place)

    def add_state(self, state: PlaceState) -> None:
        """Leave `state` as what is known of its place."""
        self._states[state.place] = state

    def add_change(self, change: StateChange) -> None:
        """Keep a turn from heard to silent or back."""
        key = (change.place, to_seconds(change.at))
        self._changes[key] = (*key, change.online, change.silent_s, change.reason)

    def add_checkpoint(self, place: str, track: PlaceTrack) -> None:
        """Keep `track` as a point from which `place` can be counted again."""
        self._checkpoints[place, to_seconds(track.at)] = encode_track(track) or ""

    def add_reading(self, reading: Reading) -> None:
        """Keep `reading`."""
        key, answer = reading_key(reading), reading.answer
        shape, remaining = (None, None)
        if answer.supplies or answer.trays:
            shape, remaining = encode_stock(answer.supplies, answer.trays)
        terms, raw = encode_raw(answer.raw, answer.meters, answer.lacks)
        self.readings[key] = (
            *key,
            self._text(encode_about(answer)),
            self._text(to_json(tuple(answer.meters))),
            to_json(list(answer.meters.values())),
            answer.uptime_s,
            encode_condition(answer),
            *(None if shape is None else self._text(shape), remaining),
            *encode_proof(reading),
            *(None if terms is None else self._text(terms), raw),
            None if reading.wall is None else to_seconds(reading.wall),
            encode_brought(reading.brought),
        )

    def add_rereading(self, again: Reread) -> None:
        """Keep what a stored reading says by a corrected profile."""
        key, answer = (*reading_key(again.reading), again.entry), again.reading.answer
        self._rereadings[tuple(map(str, key))] = (
            *key,
            self._text(encode_about(answer)),
            self._text(to_json(tuple(answer.meters))),
            to_json(list(answer.meters.values())),
        )

    def add_usages(self, usages: Iterable[Usage]) -> None:
        """Keep `usages`."""
        for usage in usages:
            key = usage_key(usage)
            lasted_s = key[1] - to_seconds(usage.start)
            self.usages[key] = (
                *(*key, lasted_s, usage.first, usage.pages),
                *(QUALITY_CODES[usage.quality], usage.low, usage.high),
            )

    def add_finding(self, finding: Finding) -> None:
        """Keep `finding`, unless it was added already."""
        self.findings.setdefault(finding.id, encode_finding(finding))

    def put_day(self, day: DayUsage) -> None:
        """Put what `day` says in the place of what is there of that day and place."""
        row = (day.day, day.place, to_json(dict(day.pages)), day.estimated)
        self.day_rows[day.day, day.place] = row

    def add_entry(self, seq: int, entry: Entry) -> None:
        """Keep `entry` as the one before which `seq` were entered."""
        self._entries[entry.id] = (seq, *encode_entry(entry))

    def add_fact(self, seq: int, fact: FleetFact) -> None:
        """Keep `fact` as the one before which `seq` were recorded."""
        self._facts[seq] = (seq, *encode_fact(fact))

    def add_log(self, refs: Iterable[LogRef]) -> None:
        """Append `refs` to the log; the last mention of a reference counts."""
        for ref in refs:
            self._log.pop(ref, None)
            self._log[ref] = None

    async def write(self, connection: Database, seq: int) -> None:
        """Write it all; `seq` is the newest number of the site's log so far."""
        put = _Putting(connection, self._site)
        await put.rows("texts", _TEXTS, self._texts.items(), _SKIP)
        await put.rows("readings", _READINGS, self.readings.values(), _SKIP)
        same = "site, place, ended, device, meter, epoch"
        await put.rows("usages", _USAGES, self.usages.values(), _instead(same, _USAGES))
        await put.rows("findings", _FINDINGS, self.findings.values(), _SKIP)
        instead = _instead("site, day, place", _DAYS)
        await put.rows("days", _DAYS, self.day_rows.values(), instead)
        same = "site, place, at, device, entry"
        instead = _instead(same, _REREADINGS)
        await put.rows("rereadings", _REREADINGS, self._rereadings.values(), instead)
        checkpoints = [(*key, track) for key, track in self._checkpoints.items()]
        instead = _instead("site, place, at", _CHECKPOINTS)
        await put.rows("checkpoints", _CHECKPOINTS, checkpoints, instead)
        states = [(place, *encode_state(one)) for place, one in self._states.items()]
        instead = _instead("site, place", _STATES, *_NOT_HEARD_AGAIN)
        await put.rows("place_states", _STATES, states, instead)
        instead = _instead("site, place, at", _CHANGES)
        await put.rows("state_changes", _CHANGES, self._changes.values(), instead)
        instead = "ON CONFLICT (site, id) DO UPDATE SET seq = excluded.seq"
        await put.rows("entries", _ENTRIES, self._entries.values(), instead)
        await put.rows("fleet_facts", _FACTS, self._facts.values())
        await put.log(self._log, seq)

    def _text(self, text: str) -> uuid.UUID:
        number = uuid.UUID(bytes=sha256(text.encode()).digest()[:16])
        self._texts[number] = text
        return number


class _Putting:
    """Writes rows of one site."""

    def __init__(self, connection: Database, site: int) -> None:
        """Write through `connection`."""
        self._connection = connection
        self._site = site

    async def rows(
        self,
        into: str,
        columns: Iterable[tuple[str, str]],
        rows: Iterable[Iterable[object]],
        otherwise: str = "",
    ) -> None:
        """Write `rows`, which say all but the site."""
        whole = [(self._site, *row) for row in rows]
        await insert(self._connection, into, tuple(columns), whole, otherwise)

    async def log(self, refs: Mapping[LogRef, None], seq: int) -> None:
        """Append `refs` behind `seq`."""
        if not refs:
            return
        rows = [
            (number, ref.kind, ref.key, item if isinstance(item, int) else None)
            for number, ref in enumerate(refs, seq + 1)
            for _, item in [split_key(ref.key)]
        ]
        instead = "ON CONFLICT (site, kind, key) DO UPDATE SET seq = excluded.seq"
        await self.rows("log", _LOG, rows, instead)
        await self._connection.execute(
            "UPDATE ledger.sites SET seq = $2 WHERE site = $1", self._site, seq + len(rows)
        )
