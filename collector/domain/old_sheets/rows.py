"""Goes through the lines of a table: which figure is whose, of which month and meter."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from collector.domain.meters import METERS, Meter
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import (
    Broken,
    NoFigureError,
    Remarks,
    SheetHint,
    SheetLine,
    Value,
    figure,
    is_number,
    is_remark,
    is_unknown,
    letters,
    shown,
)
from collector.domain.old_sheets.headings import (
    Heading,
    Label,
    Role,
    heading_in,
    is_total,
    together,
)
from collector.domain.old_sheets.months import (
    Stated,
    Years,
    is_usable,
    joined,
    month_in,
    months_of,
    year_in,
)
from collector.domain.old_sheets.places import DepartmentPlace, LeftOut, Named, NoPlaceError, Places
from collector.domain.old_sheets.tables import PLACES, SheetColumn, SheetTable
from collector.domain.sentence import Fact, sentence

# The columns of figures of a table: which month, meter and place the headings give them.


class Axis(StrEnum):
    """What stands side by side: months, places, or the figures of one place and month."""

    MONTHS = "months"
    PLACES = "places"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column of figures; `month` and `place` are None where the rows say them."""

    column: SheetColumn
    heading: Heading
    month: str | None = None
    place: Named | None = None


def axis_of(table: SheetTable, remarks: Remarks) -> Axis | None:
    """Return what stands side by side in `table`, None after telling what is missing."""
    by_row = any(label in table.labels for label in PLACES)
    if any(one.heading and one.heading.has_month for one in table.figures):
        if not by_row and not any(one.place for one in table.figures):
            message = sentence("sheet.no_place_column")
            remarks.refuse(table.heading_line, None, message)
            return None
        return Axis.MONTHS
    if Label.MONTH not in table.labels:
        message = sentence("sheet.no_months")
        remarks.refuse(table.heading_line, None, message)
        return None
    return Axis.FIGURES if by_row else Axis.PLACES


def fields_of(
    table: SheetTable, axis: Axis, places: Places, begins: int, remarks: Remarks
) -> tuple[FigureColumn, ...]:
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
    columns: Sequence[SheetColumn], axis: Axis, year: Stated | None, begins: int, remarks: Remarks
) -> Iterator[FigureColumn]:
    """Yield the columns with their months; those of one meter run on from left to right."""
    if axis is not Axis.MONTHS:
        yield from (FigureColumn(one, one.heading or Heading()) for one in columns)
        return
    runs: dict[tuple[object, ...], list[tuple[SheetColumn, Heading, Stated]]] = defaultdict(list)
    for column in columns:
        heading = column.heading or Heading()
        if heading.month is not None and heading.month.month is not None:
            key = (column.place, heading.meter, heading.role)
            runs[key].append((column, heading, heading.month))
    for run in runs.values():
        names = months_of([stated for _, _, stated in run], year, begins)
        for (column, heading, _), month in zip(run, names, strict=True):
            if month is None:
                message = sentence("sheet.no_year", text=shown(column.text))
                remarks.refuse(column.line, column.index, message, SheetHint.YEAR)
            elif not is_usable(month):
                message = sentence("sheet.unusable_month", text=shown(column.text), month=month)
                remarks.refuse(column.line, column.index, message)
            yield FigureColumn(column, heading, month)


def _placed(
    fields: Sequence[FigureColumn], places: Places, remarks: Remarks
) -> Iterator[FigureColumn]:
    for one in fields:
        column = one.column
        if column.place is None:
            message = sentence("sheet.no_place_above", text=shown(column.text))
            remarks.refuse(column.line, column.index, message)
            continue
        try:
            place = places.find(column.place)
        except NoPlaceError as exc:
            remarks.refuse(column.line, column.index, exc.why, SheetHint.PLACE)
            continue
        if not isinstance(place, LeftOut):
            yield FigureColumn(column, one.heading, one.month, place)


def _holds_numbers(table: SheetTable, column: SheetColumn) -> bool:
    return any(is_number(line.at(column.index)) for line in table.lines)


def _tell_unused(
    column: SheetColumn, used: Collection[int], axis: Axis, places: Places | None, remarks: Remarks
) -> None:
    """Refuse a column of numbers that seems to be meant; tell of any other.

    `places` are given where columns stand for places.
    """
    heading = column.heading
    if heading is not None and heading.label is not None:
        return
    inside = min(used, default=0) < column.index < max(used, default=0)
    if heading is None and column.text and places is not None:
        near = places.near(column.text)
        message = sentence("sheet.no_place", text=shown(column.text), hint=near)
        remarks.refuse(column.line, column.index, message, SheetHint.PLACE)
    elif axis is Axis.MONTHS and heading is None and (inside or _is_dated(column.text)):
        message = sentence("sheet.no_month_heading", text=shown(column.text))
        remarks.refuse(column.line, column.index, message)
    else:
        message = (
            sentence("sheet.column_not_used", text=shown(column.text))
            if column.text
            else sentence("sheet.column_not_used.nameless")
        )
        remarks.tell(column.line, column.index, message)


def _is_dated(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and any(sign in text for sign in "月/-.年")


def _once(fields: Sequence[FigureColumn], remarks: Remarks) -> Iterator[FigureColumn]:
    """Yield each field but those that say the same as one further left: two for one figure."""
    seen: dict[tuple[object, ...], FigureColumn] = {}
    for one in sorted(fields, key=lambda field: field.column.index):
        key = (one.month, one.place, one.heading.meter, one.heading.role)
        other = seen.setdefault(key, one)
        if other is one:
            yield one
            continue
        message = sentence(
            "sheet.says_the_same",
            text=shown(one.column.text),
            column=letters(other.column.index),
            what=f"{one.month} {one.heading.meter}" if one.month else str(one.heading.meter),
        )
        remarks.refuse(one.column.line, one.column.index, message)


# What the labels at the left of a line say: its place, its month, its meter.


_NO_PLACE: Final = sentence("sheet.row_without_place")


@dataclass(frozen=True, slots=True)
class RowLabels:
    """What the labels of one line say; a place or month is None where the headings say it."""

    place: Named | None = None
    month: str | None = None
    heading: Heading = field(default_factory=Heading)


class Labels:
    """Reads labels from the top down: a cell that is merged over lines is only in the first."""

    def __init__(
        self, table: SheetTable, axis: Axis, places: Places, remarks: Remarks, begins: int
    ) -> None:
        """Prepare for the lines of `table`; `begins` is the month of a fiscal year's begin."""
        self._table = table
        self._axis = axis
        self._places = places
        self._remarks = remarks
        self._begins = begins
        self._year = table.year
        self._years: dict[object, Years] = {}
        self._above = RowLabels()
        self._year_above: Stated | None = None
        self._was_dated = False

    def of(self, line: SheetLine, *, quiet: bool = False) -> RowLabels | None:
        """Return what `line` says, or None after telling what is wrong; `quiet` tells nothing."""
        remarks = Remarks() if quiet else self._remarks
        heading = self._heading(line, remarks)
        place = self._place(line, remarks)
        month = self._month(line, (place, heading), remarks)
        by_row = self._axis is not Axis.PLACES and self._lists_places
        if place is not None:
            self._above = replace(self._above, place=place)
        if month is not None:
            self._above = replace(self._above, month=month)
        wanting = heading is None or (by_row and place is None)
        if wanting or (self._axis is not Axis.MONTHS and month is None):
            return None
        return RowLabels(place, month, heading or Heading())

    @property
    def _lists_places(self) -> bool:
        return any(label in self._table.labels for label in PLACES)

    def says_anything(self, line: SheetLine) -> bool:
        """Say whether any label of `line` is filled in."""
        return any(line.at(column) is not None for column in self._table.labels.values())

    def _place(self, line: SheetLine, remarks: Remarks) -> Named | None:
        found: list[tuple[str, Named]] = []
        for label in PLACES:
            column, value = self._table.labels.get(label), self._table.label(line, label)
            if column is None or value is None or (label is Label.DEPARTMENT and found):
                continue
            text = shown(value).strip("'") if isinstance(value, str) else str(value)
            try:
                found.append((text, self._places.find(text)))
            except NoPlaceError as exc:
                if not found:
                    remarks.refuse(line.number, column, exc.why, SheetHint.PLACE)
                    return None
        if len({place for _, place in found}) > 1:
            (one, _), *others = found
            names: Fact = one
            for other, _ in others:
                names = sentence("list.and", first=names, others=other)
            remarks.refuse(line.number, None, sentence("sheet.two_places", names=names))
            return None
        return found[0][1] if found else self._place_above(line, remarks)

    def _place_above(self, line: SheetLine, remarks: Remarks) -> Named | None:
        goes_on = (Label.METER, Label.MONTH) if self._axis is Axis.FIGURES else (Label.METER,)
        continues = any(self._table.label(line, label) is not None for label in goes_on)
        if continues and self._above.place is not None:
            return self._above.place
        if self._lists_places:
            remarks.refuse(line.number, None, _NO_PLACE)
        return None

    def _heading(self, line: SheetLine, remarks: Remarks) -> Heading | None:
        value = self._table.label(line, Label.METER)
        if value is None:
            return Heading()
        found = heading_in(str(value))
        if found is None or found.is_empty or found.month or found.label:
            message = sentence("sheet.no_meter", text=shown(value))
            remarks.tell(line.number, self._table.labels[Label.METER], message)
            return None
        return found

    def _month(self, line: SheetLine, key: object, remarks: Remarks) -> str | None:
        if self._axis is Axis.MONTHS:
            return None
        column, value = self._table.labels[Label.MONTH], self._table.label(line, Label.MONTH)
        year = self._year_of(line, remarks)
        if value is None:
            if self._above.month is None:
                remarks.refuse(line.number, column, sentence("sheet.row_without_month"))
            return self._above.month
        stated = month_in(value)
        if stated is not None and stated.month is None:
            self._year, self._years = stated, {}
        if stated is None or stated.month is None:
            message = sentence("sheet.no_month", text=shown(value))
            remarks.refuse(line.number, column, message)
            return None
        self._tell_day(line, column, stated, remarks)
        stated = stated if year is None else joined(year, stated)
        return self._named(line, column, value, stated, key, remarks)

    def _named(
        self,
        line: SheetLine,
        column: int,
        value: Value,
        stated: Stated,
        key: object,
        remarks: Remarks,
    ) -> str | None:
        years = self._years.setdefault(key, Years(self._year, self._begins))
        month = years.month_of(stated)
        if month is None:
            # One sentence for the whole column: what is missing is a title.
            message = sentence("sheet.no_year", text=shown(value))
            remarks.refuse(self._table.heading_line, column, message, SheetHint.YEAR)
        elif not is_usable(month):
            message = sentence("sheet.unusable_month", text=shown(value), month=month)
            remarks.refuse(line.number, column, message)
            return None
        return month

    def _year_of(self, line: SheetLine, remarks: Remarks) -> Stated | None:
        for label in (Label.FISCAL_YEAR, Label.YEAR):
            value = self._table.label(line, label)
            if value is None:
                continue
            stated = year_in(str(value))
            if stated is None:
                column = self._table.labels[label]
                message = sentence("sheet.not_a_year", text=shown(value))
                remarks.refuse(line.number, column, message)
                return None
            self._year_above = replace(stated, fiscal=label is Label.FISCAL_YEAR or stated.fiscal)
        return self._year_above

    def _tell_day(self, line: SheetLine, column: int, stated: Stated, remarks: Remarks) -> None:
        if stated.day not in {None, 1} and not self._was_dated:
            self._was_dated = True
            remarks.tell(line.number, column, sentence("sheet.dates_are_months"))


_MOST_NAMED: Final = 12
"""Lines that one note names by their numbers."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One figure of a sheet. `role` is None where no heading says what it is."""

    place: PlaceId
    month: str
    meter: Meter
    role: Role | None
    value: int
    line: int
    column: int


class TableReader:
    """Reads one table, and gathers in `remarks` what it could not mean."""

    def __init__(self, table: SheetTable, places: Places, begins: int, remarks: Remarks) -> None:
        """Prepare to read `table`; a fiscal year begins with the month `begins`."""
        self._table = table
        self._places = places
        self._remarks = remarks
        self._begins = begins
        self._refused: set[tuple[int, DepartmentPlace]] = set()

    def read(self) -> tuple[Axis | None, list[Observed]]:
        """Return what stands side by side, and every figure that can be meant."""
        axis = axis_of(self._table, self._remarks)
        if axis is None:
            return None, []
        fields = fields_of(self._table, axis, self._places, self._begins, self._remarks)
        labels = Labels(self._table, axis, self._places, self._remarks, self._begins)
        return axis, list(self._observed(fields, labels))

    def _observed(self, fields: tuple[FigureColumn, ...], labels: Labels) -> Iterator[Observed]:
        empty: list[int] = []
        for line in self._table.lines:
            word = self._total_word(line, fields)
            if word is not None:
                self._remarks.tell(line.number, None, sentence("sheet.row_of_sums", word=word))
            elif not _has_figures(line, fields, labels):
                labels.of(line, quiet=True)
                empty.append(line.number)
            else:
                said = labels.of(line)
                if said is not None:
                    yield from self._of_line(line, said, fields)
        if empty:
            named: tuple[Fact, ...] = tuple(empty[:_MOST_NAMED])
            named += ("…",) if len(empty) > _MOST_NAMED else ()
            self._remarks.tell(empty[0], None, sentence("sheet.empty_rows", rows=named))

    def _total_word(self, line: SheetLine, fields: tuple[FigureColumn, ...]) -> str | None:
        """Return the word that makes `line` a row of sums, if one does."""
        apart = {one.column.index for one in fields} | {self._table.labels.get(Label.METER)}
        for index, value in enumerate(line.values):
            if index in apart or not isinstance(value, str):
                continue
            if is_total(value) and not self._places.knows(value):
                return " ".join(value.split())
        return None

    def _of_line(
        self, line: SheetLine, said: RowLabels, fields: tuple[FigureColumn, ...]
    ) -> Iterator[Observed]:
        for one in fields:
            column = one.column.index
            stated = line.at(column)
            if isinstance(stated, str) and is_remark(stated) and not is_unknown(stated):
                self._remarks.tell(
                    line.number, column, sentence("sheet.remark", text=shown(stated))
                )
                continue
            try:
                value = figure(stated)
            except NoFigureError as exc:
                self._remarks.refuse(line.number, column, exc.why)
                continue
            heading = together(said.heading, one.heading)
            month = one.month or said.month
            named = one.place if said.place is None else said.place
            if value is None or month is None or named is None:
                continue
            if heading is None or heading.meter not in METERS:
                self._remarks.tell(line.number, column, sentence("sheet.two_meters"))
                continue
            place = self._place(named, month, line, one)
            if place is not None:
                role = heading.role
                yield Observed(place, month, heading.meter, role, value, line.number, column)

    def _place(self, named: Named, month: str, line: SheetLine, of: FigureColumn) -> PlaceId | None:
        if isinstance(named, LeftOut):
            self._remarks.tell(line.number, None, sentence("sheet.left_out"))
            return None
        if not isinstance(named, DepartmentPlace):
            return named
        number: int = line.number
        column: int | None = None
        if of.place is not None:
            number, column = of.column.line, of.column.index
        try:
            place = self._places.place_in(named, month)
        except NoPlaceError as exc:
            if (number, named) not in self._refused:
                self._refused.add((number, named))
                self._remarks.refuse(number, column, exc.why)
            return None
        name = named.department.name
        message = sentence("sheet.only_place", department=name, place=place)
        self._remarks.tell(number, column, message)
        return place


def _has_figures(line: SheetLine, fields: tuple[FigureColumn, ...], labels: Labels) -> bool:
    """Say whether `line` is meant to state figures; a footnote is not."""
    cells = [line.at(one.column.index) for one in fields]
    if any(is_number(value) or isinstance(value, Broken) for value in cells):
        return True
    return labels.says_anything(line) and any(_is_stated(line, one) for one in fields)


def _is_stated(line: SheetLine, one: FigureColumn) -> bool:
    try:
        return figure(line.at(one.column.index)) is not None
    except NoFigureError:
        return True
