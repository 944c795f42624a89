"""The columns of figures of a table: which month, meter and place the headings give them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collector.domain.old_sheets.cells import Hint, Remarks, letters, shown
from collector.domain.old_sheets.figures import is_number
from collector.domain.old_sheets.headings import Heading, Label
from collector.domain.old_sheets.months import Stated, is_usable, months_of
from collector.domain.old_sheets.places import LeftOut, Named, NoPlaceError, Places
from collector.domain.old_sheets.tables import PLACES, Column, Table

NO_YEAR: Final = "names no year, and no title does; write it like 2025年4月"


class Axis(StrEnum):
    """What stands side by side: months, places, or the figures of one place and month."""

    MONTHS = "one row a copier, one column a month"
    PLACES = "one row a month, one column a copier"
    FIGURES = "one row a copier and month"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of figures; `month` and `place` are None where the rows say them."""

    column: Column
    heading: Heading
    month: str | None = None
    place: Named | None = None


def axis_of(table: Table, remarks: Remarks) -> Axis | None:
    """Return what stands side by side in `table`, None after telling what is missing."""
    by_row = any(label in table.labels for label in PLACES)
    if any(one.heading and one.heading.has_month for one in table.figures):
        if not by_row and not any(one.place for one in table.figures):
            message = "no column says which copier a row is about; add a column 設置場所 (place)"
            remarks.refuse(table.heading_line, None, message)
            return None
        return Axis.MONTHS
    if Label.MONTH not in table.labels:
        message = "no heading and no column names months; write 4月, 2025年4月 or 2025-04"
        remarks.refuse(table.heading_line, None, message)
        return None
    return Axis.FIGURES if by_row else Axis.PLACES


def fields_of(
    table: Table, axis: Axis, places: Places, begins: int, remarks: Remarks
) -> tuple[Field, ...]:
    """Return the columns of figures that can be used; tells of every other one."""
    by_row = any(label in table.labels for label in PLACES)
    columns = [one for one in table.figures if not (by_row and one.place)]
    fields = list(_dated(columns, axis, table.year, begins, remarks))
    if not by_row:
        fields = list(_placed(fields, places, remarks))
    used = {one.column.index for one in fields} | {*table.labels.values()}
    for column in table.columns:
        if column.index not in used and _holds_numbers(table, column):
            _tell_unused(column, used, axis, None if by_row else places, remarks)
    return tuple(_once(fields, remarks))


def _dated(
    columns: Sequence[Column], axis: Axis, year: Stated | None, begins: int, remarks: Remarks
) -> Iterator[Field]:
    """Yield the columns with their months; those of one meter run on from left to right."""
    if axis is not Axis.MONTHS:
        yield from (Field(one, one.heading or Heading()) for one in columns)
        return
    runs: dict[tuple[object, ...], list[tuple[Column, Heading, Stated]]] = defaultdict(list)
    for column in columns:
        heading = column.heading or Heading()
        if heading.month is not None and heading.month.month is not None:
            key = (column.place, heading.meter, heading.role)
            runs[key].append((column, heading, heading.month))
    for run in runs.values():
        names = months_of([stated for _, _, stated in run], year, begins)
        for (column, heading, _), month in zip(run, names, strict=True):
            if month is None:
                remarks.refuse(
                    column.line, column.index, f"{shown(column.text)} {NO_YEAR}", Hint.YEAR
                )
            elif not is_usable(month):
                message = f"{shown(column.text)} is the month {month}; of that there is no sheet"
                remarks.refuse(column.line, column.index, message)
            yield Field(column, heading, month)


def _placed(fields: Sequence[Field], places: Places, remarks: Remarks) -> Iterator[Field]:
    for one in fields:
        column = one.column
        if column.place is None:
            message = f"{shown(column.text)} has no place above it; write it there"
            remarks.refuse(column.line, column.index, message)
            continue
        try:
            place = places.find(column.place)
        except NoPlaceError as exc:
            remarks.refuse(column.line, column.index, str(exc), Hint.PLACE)
            continue
        if not isinstance(place, LeftOut):
            yield Field(column, one.heading, one.month, place)


def _holds_numbers(table: Table, column: Column) -> bool:
    return any(is_number(line.at(column.index)) for line in table.lines)


def _tell_unused(
    column: Column, used: Collection[int], axis: Axis, places: Places | None, remarks: Remarks
) -> None:
    """Refuse a column of numbers that seems to be meant; tell of any other.

    `places` are given where columns stand for places.
    """
    heading = column.heading
    if heading is not None and heading.label is not None:
        return
    inside = min(used, default=0) < column.index < max(used, default=0)
    if heading is None and column.text and places is not None:
        message = f"there is no place {shown(column.text)}; {places.near(column.text)}"
        remarks.refuse(column.line, column.index, message, Hint.PLACE)
    elif axis is Axis.MONTHS and heading is None and (inside or _is_dated(column.text)):
        message = f"{shown(column.text)} is no month; write it like 4月 or 2025-04"
        remarks.refuse(column.line, column.index, message)
    else:
        named = f"headed {shown(column.text)}" if column.text else "without a heading"
        message = f"a column {named} was not used"
        remarks.tell(column.line, column.index, message)


def _is_dated(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and any(sign in text for sign in "月/-.年")


def _once(fields: Sequence[Field], remarks: Remarks) -> Iterator[Field]:
    """Yield each field but those that say the same as one further left: two for one figure."""
    seen: dict[tuple[object, ...], Field] = {}
    for one in sorted(fields, key=lambda field: field.column.index):
        key = (one.month, one.place, one.heading.meter, one.heading.role)
        other = seen.setdefault(key, one)
        if other is one:
            yield one
            continue
        what = f"{one.month} " if one.month else ""
        message = (
            f"{shown(one.column.text)} says the same as column {letters(other.column.index)}"
            f" ({what}{one.heading.meter}); remove one of the two, or name what differs"
        )
        remarks.refuse(one.column.line, one.column.index, message)
