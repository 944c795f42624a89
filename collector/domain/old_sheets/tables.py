"""What each column of a sheet means: which lists places or months, which holds what figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from collector.domain.old_sheets.cells import Sheet, SheetLine, Value, is_number
from collector.domain.old_sheets.headings import (
    Heading,
    Label,
    heading_in,
    heading_lines,
    heading_of,
    together,
)
from collector.domain.old_sheets.months import Stated, month_in, year_in
from collector.domain.old_sheets.places import Places

PLACES: Final = (Label.PLACE_ID, Label.PLACE, Label.DEPARTMENT)
"""Columns that say which place a row is about, the surest first."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column; `text` is all that stands above it, `line` where that begins.

    `heading` is None where a word of it is not known; `place` is the text of it that names one.
    """

    index: int
    text: str
    line: int
    heading: Heading | None = None
    place: str | None = None

    @property
    def is_of_figures(self) -> bool:
        """Whether its heading names a month, a meter or a place, and no list of these."""
        heading = self.heading
        if heading is not None and heading.label is not None:
            return False
        return self.place is not None or (heading is not None and not heading.is_empty)


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The lines below one set of headings; `titles` stand above these, one names its `year`."""

    columns: tuple[SheetColumn, ...]
    lines: tuple[SheetLine, ...]
    heading_line: int
    year: Stated | None = None
    titles: tuple[str, ...] = ()
    labels: Mapping[Label, int] = field(default_factory=dict)

    @property
    def figures(self) -> tuple[SheetColumn, ...]:
        """The columns of figures."""
        listed = self.labels.values()
        return tuple(c for c in self.columns if c.is_of_figures and c.index not in listed)

    def label(self, line: SheetLine, label: Label) -> Value:
        """Return what `line` says of `label`, None where no column lists that."""
        column = self.labels.get(label)
        return None if column is None else line.at(column)


def tables_of(sheet: Sheet, places: Places) -> Iterator[SheetTable]:
    """Yield every table of `sheet` from the top; none where it has no headings."""
    year = None if sheet.name is None else year_in(sheet.name)
    heads = list(heading_lines(sheet.lines, places))
    ends = [first for first, _ in heads][1:] + [len(sheet.lines)] * bool(heads)
    above = 0
    for (first, last), end in zip(heads, ends, strict=True):
        titles = tuple(_texts(sheet.lines[above:first]))
        year = next((y for y in map(year_in, reversed(titles)) if y is not None), year)
        columns = tuple(_columns(sheet.lines[first : last + 1], places))
        lines = tuple(sheet.lines[last + 1 : end])
        table = SheetTable(columns, lines, sheet.lines[last].number, year, titles)
        yield _labelled(table, places)
        above = last + 1


def _texts(lines: Sequence[SheetLine]) -> Iterator[str]:
    for line in lines:
        for value in line.values:
            if isinstance(value, str):
                yield value


def _columns(lines: Sequence[SheetLine], places: Places) -> Iterator[SheetColumn]:
    """Yield what each column's texts say together, spread over the cells that were merged."""
    width = max(len(line.values) for line in lines)
    spread = [[*line.values, *[None] * (width - len(line.values))] for line in lines]
    for number, row in enumerate(spread[:-1]):
        _spread(row, spread[number + 1 :], places)
    for index in range(width):
        first = next((line.number for line in lines if line.at(index) is not None), None)
        number = lines[-1].number if first is None else first
        yield _column(index, number, [row[index] for row in spread], places)


def _spread(row: list[Value], below: Sequence[Sequence[Value]], places: Places) -> None:
    """Fill the blanks right of a cell that groups several columns: those with a heading below."""
    for index in range(1, len(row)):
        left = row[index - 1]
        heading = heading_of(left)
        groups = heading is not None and heading.label is None and not heading.is_empty
        groups = groups or (isinstance(left, str) and places.knows(left))
        if row[index] is None and groups and _says_something(other[index] for other in below):
            row[index] = left


def _says_something(values: Iterator[Value]) -> bool:
    found = [heading_of(value) for value in values]
    return any(one is not None and one.label is None and not one.is_empty for one in found)


def _column(index: int, line: int, values: Sequence[Value], places: Places) -> SheetColumn:
    texts = [value for value in values if value is not None]
    place: str | None = None
    heading: Heading | None = Heading()
    for value in texts:
        if isinstance(value, str) and places.knows(value):
            place = value
            continue
        one = heading_of(value)
        heading = None if one is None or heading is None else together(heading, one)
    text = " ".join(" ".join(str(value).split()) for value in texts)
    return SheetColumn(index, text, line, heading if texts else None, place)


def _labelled(table: SheetTable, places: Places) -> SheetTable:
    """Return `table` with which column lists what; told by its cells where no heading does."""
    table = replace(table, columns=tuple(_with_figures(table, one) for one in table.columns))
    labels: dict[Label, int] = {}
    for column in table.columns:
        label = None if column.heading is None else column.heading.label
        if label is not None and label is not Label.OTHER:
            labels.setdefault(label, column.index)
    table = replace(table, labels=labels)
    if not any(one.heading and one.heading.has_month for one in table.figures):
        table = _found(table, Label.MONTH, _names_a_month)
    if not any(one.place for one in table.figures) and not labels.keys() & {*PLACES}:
        table = _found(table, Label.PLACE, lambda v: isinstance(v, str) and places.knows(v))
    if Label.METER not in table.labels:
        table = _found(table, Label.METER, _names_a_meter, of_figures=True)
    return table


def _with_figures(table: SheetTable, column: SheetColumn) -> SheetColumn:
    """Return `column`; one that seems to list meters but holds numbers is one of figures."""
    heading = column.heading
    if heading is None or heading.label is not Label.METER:
        return column
    cells = [line.at(column.index) for line in table.lines]
    if any(map(is_number, cells)) and not any(map(_names_a_meter, cells)):
        return replace(column, heading=Heading(figures=True))
    return column


def _names_a_month(value: Value) -> bool:
    return month_in(value) is not None and not is_number(value)


def _names_a_meter(value: Value) -> bool:
    one = heading_in(value) if isinstance(value, str) else None
    return one is not None and one.names_a_meter and one.month is None


def _found(
    table: SheetTable, label: Label, fits: Callable[[Value], bool], *, of_figures: bool = False
) -> SheetTable:
    """Return `table` with the column that lists `label` by most of its cells, where one does."""
    if label in table.labels:
        return table
    best: tuple[int, int] | None = None
    for column in table.columns:
        if column.index in table.labels.values() or (column.is_of_figures and not of_figures):
            continue
        cells = [line.at(column.index) for line in table.lines]
        filled = [value for value in cells if value is not None]
        fitting = sum(map(fits, filled))
        if fitting and 2 * fitting >= len(filled) and (best is None or fitting > best[0]):
            best = (fitting, column.index)
    return table if best is None else replace(table, labels={**table.labels, label: best[1]})
