"""Texts that repeat, each written once and numbered."""

import sqlite3
from typing import Final

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
