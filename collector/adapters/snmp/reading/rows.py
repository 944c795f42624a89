"""Rows of a machine's counter tables: read once, told apart by code, label and named columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.client.text import clean, folded
from collector.adapters.snmp.condition.facts import Facts
from collector.adapters.snmp.plan import Cell
from collector.adapters.snmp.profiles.numbers import Form, NumberKind, Unreadable, number
from collector.adapters.snmp.profiles.values import (
    CodeFrom,
    Columns,
    Conditions,
    CounterTable,
    MachinePart,
    PartName,
    RowColumn,
    RowName,
    Said,
    Template,
)

_LEAST_MAXIMUM = 9_999
"""A row's stated largest value below this is no width of a page counter."""


class Missing(Enum):
    """Why a term has no cell, or a formula has no counters."""

    ABSENT = "absent"
    """The machine does not have it."""
    AMBIGUOUS = "ambiguous"
    """Several rows may be meant."""
    UNKNOWN = "unknown"
    """Nothing tells whether the machine has it."""
    UNEQUAL = "unequal"
    """It is there, but what the formula compares is not equal."""


@dataclass(frozen=True, slots=True)
class FoundCells:
    """The cells of a term; `wrap` is the modulus that the machine itself states.

    Not `readable`: something stands there that is no counter.
    """

    cells: tuple[Cell, ...]
    wrap: int | None = None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class CounterRow:
    """One counter; `says` holds what its named columns say, in every way they can be read."""

    oid: Oid
    value: Value
    code: Oid | None
    label: str | None
    wrap: int | None
    says: Mapping[str, frozenset[Said]] = field(default_factory=dict)


def every(rows: Sequence[CounterRow], table: CounterTable) -> FoundCells | Missing:
    """Return all rows as one sum."""
    return _sum_of(rows, table.form) if rows else Missing.ABSENT


def pick(rows: Sequence[CounterRow], table: CounterTable, name: RowName) -> FoundCells | Missing:
    """Return the row called `name`, or the sum of all such rows where it is a sum."""
    fitting = [row for row in rows if _meets(row, name.where)] if name.where else rows
    if name.codes or name.labels:
        fitting = _called(fitting, table, name)
    if not fitting:
        return Missing.ABSENT
    return _sum_of(fitting, table.form) if name.summed else _one_of(fitting, table.form)


def _called(rows: Sequence[CounterRow], table: CounterTable, name: RowName) -> list[CounterRow]:
    for code in name.codes:
        fitting = [row for row in rows if row.code == code and _label_fits(row, table, name)]
        if fitting:
            return fitting
    return [
        row for row in rows if row.code is None and row.label and folded(row.label) in name.labels
    ]


def _label_fits(row: CounterRow, table: CounterTable, name: RowName) -> bool:
    if not table.verify_label or row.label is None:
        return True
    return folded(row.label) in name.labels


def _meets(row: CounterRow, conditions: Conditions) -> bool:
    return all(row.says.get(name, frozenset()) & wanted for name, wanted in conditions.items())


def _meets_any(row: CounterRow, conditions: Conditions) -> bool:
    return any(row.says.get(name, frozenset()) & wanted for name, wanted in conditions.items())


def _sum_of(rows: Sequence[CounterRow], form: Form) -> FoundCells:
    readable = all(form.is_readable(row.value) for row in rows)
    return FoundCells(tuple(Cell(row.oid, form) for row in rows), readable=readable)


def _one_of(rows: Sequence[CounterRow], form: Form) -> FoundCells | Missing:
    """Return the row meant. Rows of one name with different values are never chosen among."""
    if len({row.value for row in rows}) > 1:
        return Missing.AMBIGUOUS
    first, *others = rows
    cell = Cell(first.oid, form, twins=tuple(row.oid for row in others))
    return FoundCells((cell,), first.wrap, form.is_readable(first.value))


class RowReader:
    """Walks the tables of one machine, each column once however many tables speak of it."""

    def __init__(self, session: Session, facts: Facts, parts: Mapping[str, MachinePart]) -> None:
        """Ask `session`; OIDs name `parts` of the machine that `facts` tell of."""
        self._session = session
        self._facts = facts
        self._parts = parts
        self._walked: dict[Oid, Mapping[Oid, Value]] = {}
        self._named: dict[int, list[Said]] = {}
        for name, part in parts.items():
            index = facts.part_index(part)
            if index is not None:
                self._named.setdefault(index, []).append(PartName(name))

    async def places(self, table: CounterTable) -> list[tuple[CounterRow, ...]]:
        """Return the rows of each place of `table`, the one with the most known rows first."""
        found = [await self._rows(one, table) for one in table.candidates]
        if len(found) == 1:
            return found

        def known(rows: Sequence[CounterRow]) -> int:
            return sum(
                isinstance(pick(rows, table, row), FoundCells) for row in table.rows.values()
            )

        return sorted(found, key=known, reverse=True)

    async def _rows(self, columns: Columns, table: CounterTable) -> tuple[CounterRow, ...]:
        base, values = await self._column(columns.value, _indexes(columns, table))
        if not values:
            return ()
        _, codes = await self._column(columns.code)
        _, labels = await self._column(columns.label)
        _, maxima = await self._column(columns.maximum)
        named = {
            name: (one, (await self._column(one.oid))[1]) for name, one in columns.named.items()
        }
        rows: list[CounterRow] = []
        for index, value in values.items():
            if not _is_like(index, columns.like) or not table.form.is_counter(value):
                continue
            label = labels.get(index)
            row = CounterRow(
                oid=(*base, *index),
                value=value,
                code=_code(columns.code, index, codes.get(index)),
                label=clean(label) if isinstance(label, bytes) else None,
                wrap=_wrap(maxima.get(index)),
                says={name: self._says(*one, index) for name, one in named.items()},
            )
            if _meets(row, table.only) and not _meets_any(row, table.never):
                rows.append(row)
        return tuple(rows)

    async def _column(
        self, column: Template | CodeFrom | None, indexes: Sequence[Oid] = ()
    ) -> tuple[Oid, Mapping[Oid, Value]]:
        """Return the column's OID and its cells by the arcs below it.

        Rows at `indexes` are asked for by name where the walk is cut short.
        """
        base = (
            self._facts.filled(column, self._parts)
            if column is not None and not isinstance(column, CodeFrom)
            else None
        )
        if base is None:
            return (), {}
        if base not in self._walked:
            known = [(*base, *index) for index in indexes]
            walked = await self._session.walk(base, known=known)
            self._walked[base] = {oid[len(base) :]: value for oid, value in walked.items()}
        return base, self._walked[base]

    def _says(self, column: RowColumn, cells: Mapping[Oid, Value], index: Oid) -> frozenset[Said]:
        arcs = _arcs(column, index)
        value = cells.get(arcs) if column.oid is not None else next(iter(arcs), None)
        said = frozenset(_said(value))
        parts = (part for one in said if isinstance(one, int) for part in self._named.get(one, ()))
        return said.union(parts)


def _indexes(columns: Columns, table: CounterTable) -> Sequence[Oid]:
    """Return the indexes of the rows that the profile knows by number."""
    if columns.code is not CodeFrom.INDEX:
        return ()
    return [code for row in table.rows.values() for code in row.codes]


def _arcs(column: RowColumn, index: Oid) -> Oid:
    """Return the arcs of `index` that number the row in the column's own table; () for none."""
    if not column.arcs:
        return index
    places = [arc - 1 if arc > 0 else len(index) + arc for arc in column.arcs]
    if not all(0 <= at < len(index) for at in places):
        return ()
    return tuple(index[at] for at in places)


def _said(value: Value | None) -> Iterator[Said]:
    """Yield what a cell says: its number, and its words folded."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, bytes):
        text = clean(value)
        if text:
            yield folded(text)
        if text and text.isdecimal():
            yield int(text)


def _is_like(index: Oid, like: tuple[int | None, ...] | None) -> bool:
    if like is None:
        return True
    pairs = zip(like, index, strict=False)
    return len(like) == len(index) and all(want is None or want == arc for want, arc in pairs)


def _code(column: Template | CodeFrom | None, index: Oid, cell: Value | None) -> Oid | None:
    if column is CodeFrom.INDEX:
        return index
    if column is CodeFrom.LAST:
        return index[-1:]
    if column is None or cell is None:
        return None
    if isinstance(cell, tuple):
        return cell
    try:
        code = number(NumberKind.TEXT, cell)
    except Unreadable:
        return None
    return (code,) if code else None


def _wrap(cell: Value | None) -> int | None:
    if isinstance(cell, int) and cell >= _LEAST_MAXIMUM:
        return number(NumberKind.COUNTER, cell + 1)
    return None
