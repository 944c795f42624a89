"""What the labels at the left of a line say: its place, its month, its meter."""

from dataclasses import dataclass, field, replace
from typing import Final

from collector.domain.old_sheets.cells import Hint, Line, Remarks, Value, shown
from collector.domain.old_sheets.fields import NO_YEAR, Axis
from collector.domain.old_sheets.headings import Heading, Label, heading_in
from collector.domain.old_sheets.months import (
    Stated,
    Years,
    is_usable,
    joined,
    month_in,
    year_in,
)
from collector.domain.old_sheets.places import Named, NoPlaceError, Places
from collector.domain.old_sheets.tables import PLACES, Table

_NO_PLACE: Final = "has figures and names no place; name it or clear the row"


@dataclass(frozen=True, slots=True)
class Said:
    """What the labels of one line say; a place or month is None where the headings say it."""

    place: Named | None = None
    month: str | None = None
    heading: Heading = field(default_factory=Heading)


class Labels:
    """Reads labels from the top down: a cell that is merged over lines is only in the first."""

    def __init__(
        self, table: Table, axis: Axis, places: Places, remarks: Remarks, begins: int
    ) -> None:
        """Prepare for the lines of `table`; `begins` is the month of a fiscal year's begin."""
        self._table = table
        self._axis = axis
        self._places = places
        self._remarks = remarks
        self._begins = begins
        self._year = table.year
        self._years: dict[object, Years] = {}
        self._above = Said()
        self._year_above: Stated | None = None
        self._was_dated = False

    def of(self, line: Line, *, quiet: bool = False) -> Said | None:
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
        return Said(place, month, heading or Heading())

    @property
    def _lists_places(self) -> bool:
        return any(label in self._table.labels for label in PLACES)

    def says_anything(self, line: Line) -> bool:
        """Say whether any label of `line` is filled in."""
        return any(line.at(column) is not None for column in self._table.labels.values())

    def _place(self, line: Line, remarks: Remarks) -> Named | None:
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
                    remarks.refuse(line.number, column, str(exc), Hint.PLACE)
                    return None
        if len({place for _, place in found}) > 1:
            names = " and ".join(text for text, _ in found)
            remarks.refuse(line.number, None, f"{names} are two places; correct one of them")
            return None
        return found[0][1] if found else self._place_above(line, remarks)

    def _place_above(self, line: Line, remarks: Remarks) -> Named | None:
        goes_on = (Label.METER, Label.MONTH) if self._axis is Axis.FIGURES else (Label.METER,)
        continues = any(self._table.label(line, label) is not None for label in goes_on)
        if continues and self._above.place is not None:
            return self._above.place
        if self._lists_places:
            remarks.refuse(line.number, None, _NO_PLACE)
        return None

    def _heading(self, line: Line, remarks: Remarks) -> Heading | None:
        value = self._table.label(line, Label.METER)
        if value is None:
            return Heading()
        found = heading_in(str(value))
        if found is None or found.is_empty or found.month or found.label:
            message = f"{shown(value)} is no meter known here; this row was left out"
            remarks.tell(line.number, self._table.labels[Label.METER], message)
            return None
        return found

    def _month(self, line: Line, key: object, remarks: Remarks) -> str | None:
        if self._axis is Axis.MONTHS:
            return None
        column, value = self._table.labels[Label.MONTH], self._table.label(line, Label.MONTH)
        year = self._year_of(line, remarks)
        if value is None:
            if self._above.month is None:
                remarks.refuse(line.number, column, "has figures and names no month; fill it in")
            return self._above.month
        stated = month_in(value)
        if stated is not None and stated.month is None:
            self._year, self._years = stated, {}
        if stated is None or stated.month is None:
            message = f"{shown(value)} is no month; write it like 2025-04"
            remarks.refuse(line.number, column, message)
            return None
        self._tell_day(line, column, stated, remarks)
        stated = stated if year is None else joined(year, stated)
        return self._named(line, column, value, stated, key, remarks)

    def _named(
        self,
        line: Line,
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
            remarks.refuse(self._table.heading_line, column, f"{shown(value)} {NO_YEAR}", Hint.YEAR)
        elif not is_usable(month):
            message = f"{shown(value)} is the month {month}; of that there is no sheet"
            remarks.refuse(line.number, column, message)
            return None
        return month

    def _year_of(self, line: Line, remarks: Remarks) -> Stated | None:
        for label in (Label.FISCAL_YEAR, Label.YEAR):
            value = self._table.label(line, label)
            if value is None:
                continue
            stated = year_in(str(value))
            if stated is None:
                column = self._table.labels[label]
                message = f"{shown(value)} is no year; write it like 2025 or 令和7年度"
                remarks.refuse(line.number, column, message)
                return None
            self._year_above = replace(stated, fiscal=label is Label.FISCAL_YEAR or stated.fiscal)
        return self._year_above

    def _tell_day(self, line: Line, column: int, stated: Stated, remarks: Remarks) -> None:
        if stated.day not in {None, 1} and not self._was_dated:
            self._was_dated = True
            message = "dates are taken for the month they lie in, whatever the day"
            remarks.tell(line.number, column, message)
