"""The fleet as a spreadsheet, both ways.

One row is one department's share of one place from a date; a place with several shares or dates
has several rows, which may leave its other cells empty. A row without a place states a
department (and its targets), so that departments without a copier are kept. A cell of calendars
may stand in any row.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from collector.domain.office.fleet import EVERYBODY, WHOLE_OFFICE, Department, Fleet, Place
from collector.domain.office.targets import Targets
from collector.errors import Problem, Spot, said
from collector.settings.fleet.csv_layout import (
    HEADINGS,
    SHIFT_JIS,
    CsvColumn,
    CsvLine,
    decode,
    month_heading,
    read_lines,
)
from collector.settings.fleet.csv_rows import (
    Rows,
    guard,
    write_calendars_cell,
    write_parents_cell,
    write_plans_cell,
    write_staff_cell,
    write_unit_cell,
)
from collector.settings.fleet.office_lists import read_list
from collector.settings.values import Language
from collector.user_files.report import ProblemReport, refusal

_IF_STATED: Final = frozenset(
    {
        *(CsvColumn.PLAN, CsvColumn.TARGET_UNIT, CsvColumn.STAFF),
        *(CsvColumn.UNTIL, CsvColumn.WAS, CsvColumn.PARENT, CsvColumn.DEPARTMENT_UNTIL),
        *(CsvColumn.PLACE_CALENDAR, CsvColumn.DEPARTMENT_CALENDAR, CsvColumn.CALENDARS),
    }
)
"""Columns that are written only where something stands in them."""


class CsvEncoding(StrEnum):
    """Encoding of a written file. UTF-8 gets a mark at its start, so that Excel knows it."""

    UTF8 = "utf-8"
    SHIFT_JIS = "shift_jis"

    @property
    def codec(self) -> str:
        """Python's name of the codec."""
        return "utf-8-sig" if self is CsvEncoding.UTF8 else SHIFT_JIS


@dataclass(frozen=True, slots=True)
class ImportedList:
    """The fleet that a list states, and what was left out of the list or decided."""

    fleet: Fleet
    notes: tuple[Problem, ...]


def import_csv(data: bytes, name: str = "CSV") -> Fleet:
    """Return the whole fleet in `data`; `name` is what problems call the file.

    Encoding (UTF-8, UTF-16 with mark, Shift_JIS), separator (comma, tab, semicolon) and the
    language of the headings are found out. Names of credentials are not checked here. Raises
    ConfigError with every problem and its line; nothing is half-imported.
    """
    report = ProblemReport()
    lines = read_lines(data, name, report)
    report.refuse()
    return import_list(lines, name).fleet


def import_list(lines: Sequence[CsvLine], name: str, since: date | None = None) -> ImportedList:
    """Return the whole fleet in the lines of a list, an export or one that an office keeps.

    `since` is the day from which departments answer where no column says it. Raises ConfigError
    with every problem and its line.
    """
    report = ProblemReport()
    read = read_list(lines, name, report, since)
    report.refuse()
    if read is None:
        message = "headings were refused without a problem"
        raise AssertionError(message)
    rows = Rows(read[0], name, report)
    for line in read[1]:
        rows.add(line)
    fleet = rows.draft().fleet(report, Spot(name))
    report.in_order()
    report.refuse()
    if fleet is None:
        message = "a spreadsheet was refused without a problem"
        raise AssertionError(message)
    return ImportedList(fleet, tuple(report.warnings))


def export_csv(
    fleet: Fleet,
    encoding: CsvEncoding = CsvEncoding.UTF8,
    language: Language = Language.JA,
) -> bytes:
    """Return `fleet` as a spreadsheet that `import_csv` reads back to the same fleet.

    Departments with their targets come first, then the places. Cells that a spreadsheet would
    take for a formula are guarded by an apostrophe. Raises ConfigError where a name cannot be
    written in this encoding.
    """
    months = sorted({month for one in fleet.targets.values() for month in one.months})
    rows = [*_rows(fleet, language)]
    named = [one for one in CsvColumn if one not in _IF_STATED or any(row.get(one) for row in rows)]
    columns = [*named, *months]
    headings = [HEADINGS[column][language][0] for column in named]
    headings += [month_heading(language, month) for month in months]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([guard(row.get(column, "")) for column in columns])
    return _encoded(text.getvalue(), encoding)


def _encoded(text: str, encoding: CsvEncoding) -> bytes:
    lost = sorted({letter for letter in text if not _fits(letter, encoding)})
    if lost:
        raise refusal("CSV", said("letters_lost", letters=" ".join(lost)))
    data = text.encode(encoding.codec)
    if decode(data) != text:
        # Half-width katakana below English headings: the same bytes are also valid UTF-8.
        raise refusal("CSV", said("taken_for_utf8"))
    return data


def _fits(letter: str, encoding: CsvEncoding) -> bool:
    try:
        return letter.encode(encoding.codec).decode(encoding.codec) == letter
    except UnicodeEncodeError:
        return False


def _rows(fleet: Fleet, language: Language) -> Iterator[Mapping[str, str]]:
    for calendar in fleet.calendars:
        yield {CsvColumn.CALENDARS: write_calendars_cell(calendar)}
    names = {one.id: one for one in fleet.departments}
    for department in fleet.departments:
        targets = _target_cells(fleet.targets_of(department.id), language)
        once = {
            CsvColumn.STAFF: write_staff_cell(fleet.staff.get(department.id, ())),
            CsvColumn.PARENT: write_parents_cell(fleet.tree.under.get(department.id, ())),
            CsvColumn.DEPARTMENT_UNTIL: "" if (last := department.until) is None else f"{last}",
        }
        yield _department_cells(department) | targets | once
    if WHOLE_OFFICE in fleet.targets:
        yield _department_cells(EVERYBODY) | _target_cells(fleet.targets_of(WHOLE_OFFICE), language)
    for place in fleet.places:
        cells = _place_cells(place)
        if not place.assignments:
            yield cells
        for assignment in place.assignments:
            for share, per_cent in assignment.shares.items():
                yield (
                    cells
                    | _department_cells(names[share])
                    | {
                        CsvColumn.START: assignment.start.isoformat(),
                        CsvColumn.SHARE: str(per_cent),
                    }
                )


def _department_cells(department: Department) -> dict[str, str]:
    return {
        CsvColumn.DEPARTMENT: department.id,
        CsvColumn.DEPARTMENT_NAME: department.name,
        CsvColumn.DEPARTMENT_NAME_EN: department.name_en or "",
        CsvColumn.DEPARTMENT_CALENDAR: department.calendar or "",
    }


def _target_cells(targets: Targets, language: Language) -> dict[str, str]:
    cells: dict[str, str] = {month: str(pages) for month, pages in targets.months.items()}
    if targets.default is not None:
        cells[CsvColumn.TARGET] = str(targets.default)
    if targets.plans:
        cells[CsvColumn.PLAN] = write_plans_cell(targets.plans)
    if unit := write_unit_cell(targets, language):
        cells[CsvColumn.TARGET_UNIT] = unit
    return cells


def _place_cells(place: Place) -> dict[str, str]:
    return {
        CsvColumn.PLACE: place.id,
        CsvColumn.PLACE_NAME: place.name,
        CsvColumn.ADDRESS: place.address,
        CsvColumn.PORT: str(place.port),
        CsvColumn.CREDENTIAL: place.credential,
        CsvColumn.UNTIL: "" if place.until is None else place.until.isoformat(),
        CsvColumn.WAS: place.was or "",
        CsvColumn.PLACE_CALENDAR: place.calendar or "",
    }
