"""Tables that describe themselves although no profile knows them: found by how they are built.

SNMP numbers a cell `table.column.index`. Where a number and a text share table and index, and the
texts of that column tell its rows apart, the text is the number's label (RFC 2578, section 7.7).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.calibration.counters import Added, Counter, Naming, spoken
from collector.adapters.snmp.calibration.known import slug
from collector.adapters.snmp.calibration.words import meaning
from collector.adapters.snmp.plan import Cell
from collector.adapters.snmp.profile_sources import Columns, RowName
from collector.adapters.snmp.profile_values import Term
from collector.adapters.snmp.session import Oid, Value
from collector.adapters.snmp.text import clean, folded

_INDEXES: Final = range(1, 5)
"""Arcs of an index: one in most tables, three in Sharp's and the PWG's."""

_SHORTEST: Final = len(mib.ENTERPRISES) + 2
_ENTRY: Final = 1
"""The arc of a table's rows, above that of the column (RFC 2578, section 7.10)."""

_FEWEST_ROWS: Final = 2
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of texts: those of its rows, by index. `size` is how many arcs the index has."""

    oid: Oid
    texts: Mapping[Oid, str]

    @property
    def worth(self) -> tuple[int, int, Oid]:
        """How well it labels; English is preferred, for other texts follow the panel's language."""
        talking = sum(bool(meaning(text).said) for text in self.texts.values())
        plain = sum(text.isascii() for text in self.texts.values())
        return -talking, -plain, self.oid


def labelled(cells: Iterable[Cell], values: Mapping[Oid, Value]) -> Iterator[Counter]:
    """Yield those of `cells` that have a label which no other number of their column has."""
    columns = _columns(values)
    numbers: dict[Oid, list[tuple[Cell, Oid, _Column]]] = defaultdict(list)
    for cell in cells:
        found = _label_column(cell.oid, columns) if cell.tag is None else None
        if found is not None:
            size, column = found
            numbers[cell.oid[:-size]].append((cell, cell.oid[-size:], column))
    for value_column in sorted(numbers):
        yield from _rows(value_column, numbers[value_column])


def _columns(values: Mapping[Oid, Value]) -> Mapping[tuple[int, Oid], Sequence[_Column]]:
    """Return the columns of texts by length of the index and by table, the best first."""
    texts: dict[tuple[int, Oid], dict[Oid, str]] = defaultdict(dict)
    for oid, value in values.items():
        text = clean(value, _LONGEST) if isinstance(value, bytes) else None
        if text is None or not any(letter.isalpha() for letter in text):
            continue
        for size in _INDEXES:
            if len(oid) - size > _SHORTEST and oid[-size - 2] == _ENTRY:
                texts[size, oid[:-size]][oid[-size:]] = text
    found: dict[tuple[int, Oid], list[_Column]] = defaultdict(list)
    for (size, column), rows in texts.items():
        if len(rows) >= _FEWEST_ROWS and len({*map(folded, rows.values())}) * 2 > len(rows):
            found[size, column[:-1]].append(_Column(column, rows))
    return {table: sorted(some, key=lambda one: one.worth) for table, some in found.items()}


def _label_column(
    oid: Oid, columns: Mapping[tuple[int, Oid], Sequence[_Column]]
) -> tuple[int, _Column] | None:
    for size in _INDEXES:
        for column in columns.get((size, oid[: -size - 1]), ()):
            if oid[-size:] in column.texts:
                return size, column
    return None


def _rows(value: Oid, rows: Sequence[tuple[Cell, Oid, _Column]]) -> Iterator[Counter]:
    labels = [folded(column.texts[index]) for _, index, column in rows]
    names: set[str] = set()
    for (cell, index, column), label in zip(rows, labels, strict=True):
        if labels.count(label) > 1 or not label:
            continue
        text = column.texts[index]
        name = slug(text)
        name = f"{name}_{'_'.join(map(str, index))}" if name in names else name
        names.add(name)
        table = "labels_" + "_".join(map(str, value[len(mib.ENTERPRISES) :]))
        added = Added(
            row=RowName(labels=frozenset({label})),
            columns=Columns(value, label=column.oid),
            form=cell.form,
            label=text,
        )
        yield spoken(
            Counter(Term(table, name), (cell,), Naming.LABELLED, table, label=text, added=added)
        )
