"""Stored readings put together again from their rows and the numbered texts these point to."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from collector.adapters.ledger_sqlite.encode import from_seconds
from collector.adapters.ledger_sqlite.encode_readings import (
    About,
    decode_about,
    decode_brought,
    decode_proof,
    decode_raw,
)
from collector.adapters.ledger_sqlite.encode_stock import Stock, decode_condition, decode_stock
from collector.domain.meters import Meter
from collector.domain.reading import Answer, PlaceId, Reading
from collector.ports import Reread

READING: Final = """
SELECT p.name, r.at, r.about, r.meters, r.counts, r.uptime_s, r.status, r.supplies,
       r.stay, r.confirmed_at, r.confirmed_uptime_s, r.terms, r.raw,
       r.wall_at, r.brought
FROM names p JOIN readings r ON r.place = p.id WHERE p.name = ?
"""
REREADINGS: Final = """
SELECT p.name, r.at, e.name, a.about, a.meters, a.counts, r.uptime_s, r.status,
       r.stay, r.confirmed_at, r.confirmed_uptime_s, r.brought
FROM names p JOIN rereadings a ON a.place = p.id JOIN names e ON e.id = a.entry
JOIN readings r ON r.place = a.place AND r.at = a.at AND r.device = a.device
WHERE p.name = ? AND r.at >= ? AND r.at <= ? ORDER BY r.at, r.device, a.entry
"""
_REMEMBERED: Final = 1000
"""Sets of supply levels kept decoded; a year of one place has some hundreds."""


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
        bare = self._answer(about_id, set_id, counts, uptime_s, status)
        raw, lacks = self._raw(row[11], row[12], bare.meters)
        supplies, trays = ((), ()) if supplies_id is None else self._stock(supplies_id)
        answer = replace(bare, raw=raw, lacks=lacks, supplies=supplies, trays=trays)
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
        about = self._about(about_id)
        condition, errors = decode_condition(status)
        return Answer(
            identity=about.identity,
            meters=dict(zip(self._meter_set(set_id), json.loads(counts), strict=True)),
            uptime_s=uptime_s,
            status=condition,
            errors=errors,
            profile=about.profile,
            wraps=about.wraps,
            rated_ipm=about.rated_ipm,
            nvram_step=about.nvram_step,
            formulas=about.formulas,
        )

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
            if len(self._supplies) >= _REMEMBERED:
                self._supplies.clear()
            self._supplies[number] = decode_stock(*row)
        return self._supplies[number]

    def _must(self, query: str, number: int) -> Sequence[Any]:
        row: Sequence[Any] | None = self._connection.execute(query, (number,)).fetchone()
        if row is None:
            message = f"row {number} is missing"
            raise ValueError(message)
        return row
