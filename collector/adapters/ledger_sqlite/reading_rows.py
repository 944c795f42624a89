"""Stored readings put together again from their rows and the numbered texts these point to.

Decoding damaged text raises ValueError, KeyError or TypeError.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from collector.domain.counting.reading import Answer, Reading
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.encoding.columns import from_seconds
from collector.encoding.readings import (
    REMEMBERED,
    About,
    Stock,
    answer_of,
    decode_about,
    decode_brought,
    decode_proof,
    decode_raw,
    decode_stock,
)
from collector.ports import Reread

READING: Final = """
SELECT p.name, r.at, r.about, r.meters, r.counts, r.uptime_s, r.status, r.supplies,
       r.stay, r.confirmed_at, r.confirmed_uptime_s, r.terms, r.raw,
       r.wall_at, r.brought
FROM names p JOIN readings r ON r.place = p.id WHERE p.name = ?
"""
READING_BY_DEVICE: Final = READING.replace("SELECT ", "SELECT r.device, ", 1)
REREADINGS: Final = """
SELECT p.name, r.at, e.name, a.about, a.meters, a.counts, r.uptime_s, r.status,
       r.stay, r.confirmed_at, r.confirmed_uptime_s, r.brought
FROM names p JOIN rereadings a ON a.place = p.id JOIN names e ON e.id = a.entry
JOIN readings r ON r.place = a.place AND r.at = a.at AND r.device = a.device
WHERE p.name = ? AND r.at >= ? AND r.at <= ? ORDER BY r.at, r.device, a.entry
"""


class ReadingRows:
    """Turns rows of READING and REREADINGS into values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Look numbered texts up through `connection`; they never change once committed."""
        self._connection = connection
        self._abouts: dict[int, About] = {}
        self._meter_sets: dict[int, tuple[Meter, ...]] = {}
        self._supplies: dict[int, Stock] = {}

    def reading(self, row: Sequence[Any]) -> Reading:
        """Return the reading in a row of READING."""
        place, at, about_id, set_id, counts, uptime_s, status, supplies_id = row[:8]
        stay, confirmed = decode_proof(*row[8:11])
        answer = self._answer(about_id, set_id, counts, uptime_s, status)
        if row[11] is not None or supplies_id is not None:
            raw, lacks = self._raw(row[11], row[12], answer.meters)
            supplies, trays = ((), ()) if supplies_id is None else self._stock(supplies_id)
            answer = replace(answer, raw=raw, lacks=lacks, supplies=supplies, trays=trays)
        wall = None if row[13] is None else from_seconds(row[13])
        return Reading(
            PlaceId(place),
            from_seconds(at),
            answer,
            stay,
            confirmed,
            wall=wall,
            brought=decode_brought(row[14]),
        )

    def rereading(self, row: Sequence[Any]) -> Reread:
        """Return what a reading says by a corrected profile, from a row of REREADINGS."""
        place, at, entry, about_id, set_id, counts, uptime_s, status = row[:8]
        stay, confirmed = decode_proof(*row[8:11])
        answer = self._answer(about_id, set_id, counts, uptime_s, status)
        brought = decode_brought(row[11])
        reading = Reading(
            PlaceId(place), from_seconds(at), answer, stay, confirmed, brought=brought
        )
        return Reread(entry, reading)

    def _answer(
        self, about_id: int, set_id: int, counts: str, uptime_s: int | None, status: str
    ) -> Answer:
        """Return an answer without supplies, trays and raw terms."""
        return answer_of(self._about(about_id), self._meter_set(set_id), counts, uptime_s, status)

    def _raw(
        self, set_id: int | None, counts: str | None, meters: Mapping[Meter, int]
    ) -> tuple[Mapping[str, int], frozenset[str]]:
        if set_id is None or counts is None:
            return {}, frozenset()
        return decode_raw(self._meter_set(set_id), json.loads(counts), meters)

    def _about(self, number: int) -> About:
        if number not in self._abouts:
            self._abouts[number] = decode_about(
                *self._must("SELECT about FROM devices WHERE id = ?", number)
            )
        return self._abouts[number]

    def _meter_set(self, number: int) -> tuple[Meter, ...]:
        if number not in self._meter_sets:
            (text,) = self._must("SELECT meters FROM meter_sets WHERE id = ?", number)
            self._meter_sets[number] = tuple(json.loads(text))
        return self._meter_sets[number]

    def _stock(self, number: int) -> Stock:
        if number not in self._supplies:
            row = self._must(
                "SELECT s.shape, l.remaining FROM supply_levels l"
                " JOIN supply_shapes s ON s.id = l.shape WHERE l.id = ?",
                number,
            )
            if len(self._supplies) >= REMEMBERED:
                self._supplies.clear()
            self._supplies[number] = decode_stock(*row)
        return self._supplies[number]

    def _must(self, query: str, number: int) -> Sequence[Any]:
        row: Sequence[Any] | None = self._connection.execute(query, (number,)).fetchone()
        if row is None:
            message = f"row {number} is missing"
            raise ValueError(message)
        return row


# Texts that repeat, each written once and numbered.


_NAMES: Final = ("SELECT id FROM names WHERE name = ?", "INSERT INTO names (name) VALUES (?)")
_ABOUTS: Final = (
    "SELECT id FROM devices WHERE about = ?",
    "INSERT INTO devices (about) VALUES (?)",
)
_METER_SETS: Final = (
    "SELECT id FROM meter_sets WHERE meters = ?",
    "INSERT INTO meter_sets (meters) VALUES (?)",
)
_SHAPES: Final = (
    "SELECT id FROM supply_shapes WHERE shape = ?",
    "INSERT INTO supply_shapes (shape) VALUES (?)",
)


class Numbers:
    """The number of every text of one table, asked once and then remembered.

    Numbers given inside a transaction that is rolled back are void: `forget` them.
    """

    def __init__(self, connection: sqlite3.Connection, statements: tuple[str, str]) -> None:
        """Look up and insert with the two `statements`."""
        self._connection = connection
        self._find, self._insert = statements
        self._known: dict[str, int] = {}

    def known(self, text: str) -> int | None:
        """Return the number of `text`, or None where it was never written."""
        number = self._known.get(text)
        if number is None:
            row = self._connection.execute(self._find, (text,)).fetchone()
            if row is None:
                return None
            number = self._known[text] = int(row[0])
        return number

    def of(self, text: str) -> int:
        """Return the number of `text`, giving it one where it has none."""
        number = self.known(text)
        if number is None:
            number = self._connection.execute(self._insert, (text,)).lastrowid
            if number is None:  # pragma: no cover - an INSERT always leaves a rowid
                raise sqlite3.InternalError("an insert left no row number")
            self._known[text] = number
        return number

    def forget(self) -> None:
        """Ask again from now on."""
        self._known.clear()


class Dictionary:
    """All numbered texts of one ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Number into the tables behind `connection`."""
        self.names = Numbers(connection, _NAMES)
        self.abouts = Numbers(connection, _ABOUTS)
        self.meter_sets = Numbers(connection, _METER_SETS)
        self.shapes = Numbers(connection, _SHAPES)

    def forget(self) -> None:
        """Ask again from now on; to be called after every rollback."""
        for one in (self.names, self.abouts, self.meter_sets, self.shapes):
            one.forget()
