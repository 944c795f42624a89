"""Goes through the lines of a table: which figure is whose, of which month and meter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from collector.domain.meters import METERS, Meter
from collector.domain.old_sheets.cells import Broken, Line, Remarks
from collector.domain.old_sheets.fields import Axis, Field, axis_of, fields_of
from collector.domain.old_sheets.figures import NoFigureError, figure, is_number
from collector.domain.old_sheets.headings import Label, Role, is_total, together
from collector.domain.old_sheets.labels import Labels, Said
from collector.domain.old_sheets.places import LeftOut, Named, NoPlaceError, Places, Section
from collector.domain.old_sheets.tables import Table
from collector.domain.reading import PlaceId

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

    def __init__(self, table: Table, places: Places, begins: int, remarks: Remarks) -> None:
        """Prepare to read `table`; a fiscal year begins with the month `begins`."""
        self._table = table
        self._places = places
        self._remarks = remarks
        self._begins = begins
        self._refused: set[tuple[int, Section]] = set()

    def read(self) -> tuple[Axis | None, list[Observed]]:
        """Return what stands side by side, and every figure that can be meant."""
        axis = axis_of(self._table, self._remarks)
        if axis is None:
            return None, []
        fields = fields_of(self._table, axis, self._places, self._begins, self._remarks)
        labels = Labels(self._table, axis, self._places, self._remarks, self._begins)
        return axis, list(self._observed(fields, labels))

    def _observed(self, fields: tuple[Field, ...], labels: Labels) -> Iterator[Observed]:
        empty: list[int] = []
        for line in self._table.lines:
            word = self._total_word(line, fields)
            if word is not None:
                self._remarks.tell(line.number, None, f"a row of sums ({word}) was left out")
            elif not _has_figures(line, fields, labels):
                labels.of(line, quiet=True)
                empty.append(line.number)
            else:
                said = labels.of(line)
                if said is not None:
                    yield from self._of_line(line, said, fields)
        if empty:
            named = ", ".join(map(str, empty[:_MOST_NAMED]))
            more = ", …" if len(empty) > _MOST_NAMED else ""
            message = f"rows without a figure were left out: {named}{more}"
            self._remarks.tell(empty[0], None, message)

    def _total_word(self, line: Line, fields: tuple[Field, ...]) -> str | None:
        """Return the word that makes `line` a row of sums, if one does."""
        apart = {one.column.index for one in fields} | {self._table.labels.get(Label.METER)}
        for index, value in enumerate(line.values):
            if index in apart or not isinstance(value, str):
                continue
            if is_total(value) and not self._places.knows(value):
                return " ".join(value.split())
        return None

    def _of_line(self, line: Line, said: Said, fields: tuple[Field, ...]) -> Iterator[Observed]:
        for one in fields:
            column = one.column.index
            try:
                value = figure(line.at(column))
            except NoFigureError as exc:
                self._remarks.refuse(line.number, column, str(exc))
                continue
            heading = together(said.heading, one.heading)
            month = one.month or said.month
            named = one.place if said.place is None else said.place
            if value is None or month is None or named is None:
                continue
            if heading is None or heading.meter not in METERS:
                message = "row and column name different meters; this figure was left out"
                self._remarks.tell(line.number, column, message)
                continue
            place = self._place(named, month, line, one)
            if place is not None:
                role = heading.role
                yield Observed(place, month, heading.meter, role, value, line.number, column)

    def _place(self, named: Named, month: str, line: Line, of: Field) -> PlaceId | None:
        if isinstance(named, LeftOut):
            self._remarks.tell(line.number, None, "left out, as you said")
            return None
        if not isinstance(named, Section):
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
                self._remarks.refuse(number, column, str(exc))
            return None
        message = f"{named.department.name} stands for its only place {place}"
        self._remarks.tell(number, column, message)
        return place


def _has_figures(line: Line, fields: tuple[Field, ...], labels: Labels) -> bool:
    """Say whether `line` is meant to state figures; a footnote is not."""
    cells = [line.at(one.column.index) for one in fields]
    if any(is_number(value) or isinstance(value, Broken) for value in cells):
        return True
    return labels.says_anything(line) and any(_is_stated(line, one) for one in fields)


def _is_stated(line: Line, one: Field) -> bool:
    try:
        return figure(line.at(one.column.index)) is not None
    except NoFigureError:
        return True
