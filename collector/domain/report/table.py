"""One description of a table, for a terminal, CSV, JSON, a page of HTML and a spreadsheet.

A column knows its stable key, which is its name in CSV and JSON alike, its heading in the reader's
language, its kind, and how its value is got from a row. Who draws a table only asks this one.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

Cell = str | int | float | Decimal | datetime | None
"""None is absent: an empty cell, never 0. Times are on the office's wall clock, without a zone."""
Item = TypeVar("Item")
"""What a row is about."""


class CellKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    """Whole things; what they are, the heading says."""
    SIGNED = "signed"
    """A difference of whole things."""
    SHARE = "share"
    CHANGE = "change"
    """A difference as a share."""
    MINUTES = "minutes"
    TIME = "time"
    """Shown without its year, which the report's month tells."""
    AMOUNT = "amount"
    """One decimal."""
    NESTED = "nested"
    """Records within the record: only JSON can hold them."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """A column: its stable key, its heading, what it holds, and how to get that from a row.

    `value` is what programs read, None where they do not; `shown` is what readers see where that
    is something else. `width` is in characters as a spreadsheet counts them; a Japanese character
    takes two.
    """

    key: str
    value: Callable[[Item], object] | None
    heading: str | None = None
    """None: readers do not see it, unless the table names it among what is shown."""
    kind: CellKind = CellKind.COUNT
    width: int = 11
    shown: Callable[[Item], Cell] | None = None
    optional: bool = False
    """Not drawn where no row has anything in it."""
    is_word: bool = False
    """A text of few words that all come from a short list: it stands in the middle, unbroken."""

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind not in {CellKind.TEXT, CellKind.TIME, CellKind.NESTED}

    def cell(self, item: Item) -> Any:  # noqa: ANN401 - any Cell; what is no cell is not shown
        """Return what readers see of it in the row about `item`."""
        of = self.shown or self.value
        return None if of is None else of(item)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table as it is drawn; `alert` marks one that has passed its target."""

    cells: tuple[Cell, ...]
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Table(Generic[Item]):
    """A table with its title. `total` is its last line by key, `notes` stand below it.

    The columns are in the order of JSON. `shown` are the keys that readers see, in their order,
    `csv` those that come first in CSV; by default both are in the order of the columns. `spare`
    are those that a narrow terminal does without, the first of them first.
    """

    key: str
    columns: tuple[Column[Item], ...]
    rows: Sequence[Item]
    title: str = ""
    total: Mapping[str, Cell] | None = None
    notes: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    csv: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    alert: Callable[[Item], bool] | None = None
    total_alert: bool = False
    needs_rows: bool = False
    """Not drawn at all where it has no rows."""

    def drawn(self) -> tuple[Column[Item], ...]:
        """Return the columns that readers see; optional ones that are empty are left out."""
        known = {one.key: one for one in self.columns}
        wanted = [known[key] for key in self.shown if key in known] or [
            one for one in self.columns if one.heading is not None
        ]
        return tuple(one for one in wanted if not one.optional or self._is_used(one))

    def _is_used(self, column: Column[Item]) -> bool:
        total = None if self.total is None else self.total.get(column.key)
        return total is not None or any(column.cell(one) is not None for one in self.rows)

    def body(self, columns: Sequence[Column[Item]]) -> tuple[TableRow, ...]:
        """Return the rows as readers see them in `columns`, without the total."""
        return tuple(
            TableRow(
                tuple(column.cell(one) for column in columns),
                alert=self.alert is not None and self.alert(one),
            )
            for one in self.rows
        )

    def foot(self, columns: Sequence[Column[Item]]) -> TableRow | None:
        """Return the total as readers see it in `columns`, None where there is none."""
        if self.total is None:
            return None
        return TableRow(tuple(self.total.get(one.key) for one in columns), self.total_alert)


def total_of(columns: Iterable[Column[Item]], item: Item, **named: Cell) -> dict[str, Cell]:
    """Return a last line that is about `item`; `named` cells say something else."""
    return {one.key: one.cell(item) for one in columns} | named


def only(table: Table[Item], keys: Sequence[str]) -> Table[Item]:
    """Return `table` with the columns called `keys` only, in that order, as far as it has them.

    Its notes are left out: they are about the table as a whole.
    """
    known = {column.key: column for column in table.columns}
    kept = tuple(known[key] for key in keys if key in known)
    return replace(table, columns=kept, notes=())


# A table for programs. The names are the same in CSV and JSON.


def records(table: Table[Any]) -> list[dict[str, Any]]:
    """Return the rows as plain values by key, as JSON holds them; absent is None."""
    columns = [(one.key, one.value) for one in table.columns if one.value is not None]
    return [{key: value(one) for key, value in columns} for one in table.rows]


def csv_names(table: Table[Any]) -> list[str]:
    """Return the names of CSV in order: all those of JSON but of what CSV cannot hold."""
    flat = [
        one.key
        for one in table.columns
        if one.value is not None and one.kind is not CellKind.NESTED
    ]
    first = [key for key in table.csv if key in flat]
    return [*first, *(key for key in flat if key not in first)]


def csv_text(table: Table[Any], *, with_names: bool = True) -> str:
    """Return the rows as CSV with a line of names above; absent is an empty cell.

    The parts of a list stand in one cell, joined with `; `, those of a mapping as `name=value`;
    what is nested deeper stands there as JSON. Texts that a spreadsheet would run as a formula get
    a leading apostrophe.
    """
    names, out = csv_names(table), io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if with_names:
        writer.writerow(names)
    for record in records(table):
        writer.writerow([_guarded(_flat(record[key])) for key in names])
    return out.getvalue()


def _flat(value: object) -> object:
    """Return the parts of a list or a mapping as one text; what is neither stays as it is."""
    if not isinstance(value, Mapping | list | tuple):
        return value
    parts = value.values() if isinstance(value, Mapping) else value
    if any(isinstance(one, Mapping | list | tuple) for one in parts):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={one}" for key, one in value.items())
    return "; ".join(map(str, value))


def _guarded(value: object) -> object:
    """Return `value` so that no spreadsheet runs it."""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if is_dangerous(text) else text


STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet may run (OWASP, "CSV Injection"; wide forms included)."""

_BLANKS: Final = re.compile(r"[\t\r\n]+")
_UNSHOWN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def is_dangerous(text: str) -> bool:
    """Say whether a spreadsheet might take `text` for a formula, with blanks before it or not."""
    return text.lstrip().startswith(STARTS_A_FORMULA) or text.startswith(("\t", "\r", "\n"))


def clean(text: str) -> str:
    """Return `text` on one line, with `\ufffd` for characters that XML and paper cannot hold.

    Those are control characters, halves of surrogate pairs, and marks that turn the direction of
    writing round: names and models come from outside.
    """
    return _UNSHOWN.sub("\ufffd", _BLANKS.sub(" ", text))
