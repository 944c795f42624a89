"""The tables of a monthly report: columns, rows and sums, before anybody draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from collector.adapters.report.cells import Cell, Column, Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `alert` marks one that has passed its target."""

    cells: tuple[Cell, ...]
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title. `total` is its last line, `notes` stand below it."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[Row, ...]:
        """Return every line, the total last."""
        return self.rows if self.total is None else (*self.rows, self.total)


@dataclass(frozen=True, slots=True)
class Field:
    """A column together with its cells, one for each row and one for the total."""

    column: Column
    cells: tuple[Cell, ...]
    total: Cell = None
    optional: bool = False
    """Left out where no row has anything in it."""


def table_of(
    key: str,
    title: str,
    fields: Iterable[Field],
    *,
    alerts: Sequence[bool] = (),
    has_total: bool = False,
    total_alert: bool = False,
    notes: Iterable[str] = (),
) -> Table:
    """Return the table with these columns; optional ones that are empty everywhere are left out."""
    kept = [one for one in fields if not one.optional or _is_used(one)]
    lines = list(zip(*(one.cells for one in kept), strict=True))
    flags = list(alerts) or [False] * len(lines)
    return Table(
        key=key,
        title=title,
        columns=tuple(one.column for one in kept),
        rows=tuple(Row(cells, alert) for cells, alert in zip(lines, flags, strict=True)),
        total=Row(tuple(one.total for one in kept), total_alert) if has_total else None,
        notes=tuple(notes),
    )


def _is_used(one: Field) -> bool:
    return any(cell is not None for cell in (*one.cells, one.total))


def text_column(key: str, heading: str, width: int) -> Column:
    """Return a column of texts."""
    return Column(key, heading, Kind.TEXT, width)


def word_column(key: str, heading: str, width: int) -> Column:
    """Return a column of words from a short list."""
    return Column(key, heading, Kind.TEXT, width, is_word=True)


def only(table: Table, keys: Sequence[str]) -> Table:
    """Return `table` with the columns called `keys` only, in that order, as far as it has them.

    Its notes are left out: they are about the table as a whole.
    """
    known = {column.key: at for at, column in enumerate(table.columns)}
    order = [known[key] for key in keys if key in known]

    def picked(row: Row) -> Row:
        return replace(row, cells=tuple(row.cells[at] for at in order))

    return replace(
        table,
        columns=tuple(table.columns[at] for at in order),
        rows=tuple(picked(row) for row in table.rows),
        total=None if table.total is None else picked(table.total),
        notes=(),
    )
