"""A list of how many people each department has, and the fleet file that says it afterwards."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import tomlkit
from tomlkit.items import AoT

from collector.domain.office.fleet import Department, DepartmentId, DepartmentNames, Fleet
from collector.domain.office.headcount import Headcount, people_on
from collector.domain.old_sheets.cells import is_remark, is_unknown
from collector.domain.old_sheets.headings import is_total
from collector.errors import Spot, said
from collector.settings.fleet.csv_layout import HEADINGS, CsvColumn, CsvLine, column_of
from collector.settings.fleet.csv_rows import parse_date, parse_whole, plain
from collector.settings.fleet.office_lists import HeadedList, headed
from collector.settings.fleet.toml import STAFF
from collector.settings.fleet.write import headcount_values
from collector.settings.values import Language, tidy
from collector.user_files.lines import lines_of
from collector.user_files.report import ProblemReport, RefusedValue, hint

_MOST_PEOPLE: Final = 100_000
"""More people than any department has."""

_PERSONS: Final = re.compile(r"\s*[人名]$")
_NAMED: Final = (CsvColumn.DEPARTMENT, CsvColumn.DEPARTMENT_NAME)
_USED: Final = frozenset({*_NAMED, CsvColumn.START, CsvColumn.STAFF})


@dataclass(frozen=True, slots=True)
class StaffChange:
    """From `start` on a department has so many `people`; `before` is what held for that day."""

    department: Department
    start: date
    people: int
    before: int | None


def read_staff(
    lines: Sequence[CsvLine],
    name: str,
    fleet: Fleet,
    report: ProblemReport,
    since: date | None = None,
) -> tuple[StaffChange, ...]:
    """Return what a list states that `fleet` does not, in the order of days.

    A department is stated by its id or name. `since` is the day from which the list holds where no
    column says it; without it a title's. Every problem is told in `report` with its line; what was
    left out is a warning.
    """
    reading = _Reading(headed(lines), name, fleet, report, since)
    return tuple(reading.changes())


class _Reading:
    """Reads the lines of one list."""

    def __init__(
        self,
        found: HeadedList,
        name: str,
        fleet: Fleet,
        report: ProblemReport,
        since: date | None,
    ) -> None:
        self._list = found
        self._name = name
        self._fleet = fleet
        self._report = report
        self._names = DepartmentNames(fleet.departments)
        self._departments = {one.id: one for one in fleet.departments}
        self._since = since or found.as_of
        self._columns: dict[CsvColumn, int] = {}
        self._stated: dict[tuple[DepartmentId, date], Spot] = {}

    def changes(self) -> list[StaffChange]:
        """Return every change; nothing where the headings lack a column."""
        if not self._has_columns():
            return []
        stated = [one for line in self._list.lines if (one := self._change(line)) is not None]
        if not self._stated and not self._report.problems:
            self._report.problem(self._spot(self._list.number), said("no_staff_stated"))
        return list(_differing(self._fleet, stated))

    def _spot(self, line: int, column: CsvColumn | None = None) -> Spot:
        index = None if column is None else self._columns.get(column)
        return Spot(self._name, line, column="" if index is None else self._list.headings[index])

    def _has_columns(self) -> bool:
        left: list[str] = []
        where = self._spot(self._list.number)
        for index, heading in enumerate(self._list.headings):
            column = column_of(heading)
            if isinstance(column, CsvColumn) and column in _USED and column not in self._columns:
                self._columns[column] = index
            elif heading:
                left.append(" ".join(heading.split()))
        needed = [] if any(one in self._columns for one in _NAMED) else [_NAMED[1]]
        for column in (*needed, CsvColumn.STAFF):
            if column not in self._columns:
                japanese, english = (HEADINGS[column][one][0] for one in Language)
                self._report.problem(
                    where, said("missing_column", japanese=japanese, english=english)
                )
        if self._since is None and CsvColumn.START not in self._columns:
            self._report.problem(where, said("missing_staff_day"))
        if left:
            self._report.warning(where, said("columns_left", names=left))
        return not self._report.problems

    def _cell(self, line: CsvLine, column: CsvColumn) -> str:
        index = self._columns.get(column)
        if index is None or index >= len(line.cells):
            return ""
        if index in line.broken:
            self._report.problem(self._spot(line.number, column), line.broken[index])
            return ""
        return tidy(" ".join(line.cells[index].split()))

    def _change(self, line: CsvLine) -> StaffChange | None:
        department = self._department(line)
        if department is None:
            return None
        people, start = self._people(line), self._start(line)
        if people is None or start is None:
            return None
        where = self._spot(line.number)
        other = self._stated.setdefault((department.id, start), where)
        if other is not where:
            told = said("staff_twice", department=department.name, start=start, other=other)
            self._report.problem(where, told)
            return None
        return StaffChange(department, start, people, None)

    def _department(self, line: CsvLine) -> Department | None:
        """Return whom a line is about; None where that is nobody, which is told."""
        texts = {one: self._cell(line, one) for one in _NAMED if one in self._columns}
        column = next((one for one in texts if texts[one]), next(iter(texts)))
        text = texts[column]
        meant = self._names.of(text) if text else ()
        if len(meant) == 1:
            return self._departments[meant[0]]
        where = self._spot(line.number, column)
        word = next((one for one in line.cells if is_total(one)), None)
        if word is not None and not meant:
            self._report.warning(self._spot(line.number), said("row_of_sums", word=tidy(word)))
        elif meant:
            self._report.problem(where, said("several_departments", name=repr(text), ids=meant))
        elif text and self._cell(line, CsvColumn.STAFF):
            known = [word for one in self._fleet.departments for word in (one.id, one.name)]
            told = said("no_department", name=repr(text), hint=hint(text, known))
            self._report.problem(where, told)
        elif self._cell(line, CsvColumn.STAFF):
            self._report.problem(where, said("cell_empty"))
        else:
            self._report.warning(self._spot(line.number), said("row_left_out"))
        return None

    def _people(self, line: CsvLine) -> int | None:
        """Return how many people a line states; None where it does not or it is wrong, told."""
        where = self._spot(line.number, CsvColumn.STAFF)
        text = self._cell(line, CsvColumn.STAFF)
        if not text or is_unknown(text):
            return None
        if is_remark(text):
            self._report.warning(where, said("cell_unknown", text=repr(text)))
            return None
        try:
            people = parse_whole(_PERSONS.sub("", plain(text)))
        except RefusedValue as exc:
            self._report.problem(where, exc.sentence)
            return None
        if not 1 <= people <= _MOST_PEOPLE:
            self._report.problem(where, said("no_people", people=people))
            return None
        return people

    def _start(self, line: CsvLine) -> date | None:
        text = self._cell(line, CsvColumn.START)
        if not text:
            if self._since is None and self._cell(line, CsvColumn.STAFF):
                where = self._spot(line.number, CsvColumn.START)
                self._report.problem(where, said("missing_staff_day"))
            return self._since
        try:
            return parse_date(text)
        except RefusedValue as exc:
            self._report.problem(self._spot(line.number, CsvColumn.START), exc.sentence)
            return None


def _differing(fleet: Fleet, stated: Sequence[StaffChange]) -> Iterator[StaffChange]:
    """Yield, day by day, what is stated otherwise than the fleet and the days before have it."""
    for one in sorted(stated, key=lambda one: one.start):
        before = people_on(fleet.staff.get(one.department.id, ()), one.start)
        if one.people != before:
            found = replace(one, before=before)
            fleet = with_staff(fleet, (found,))
            yield found


# The fleet, and its file, with the changes.


def with_staff(fleet: Fleet, changes: Sequence[StaffChange]) -> Fleet:
    """Return `fleet` with the headcounts of `changes`."""
    staff = {one: {head.start: head for head in heads} for one, heads in fleet.staff.items()}
    for one in changes:
        heads = staff.setdefault(one.department.id, {})
        heads[one.start] = Headcount(one.start, one.people)
    found = {one: tuple(heads[day] for day in sorted(heads)) for one, heads in staff.items()}
    return replace(fleet, staff=found)


def staff_written(text: str, changes: Sequence[StaffChange]) -> str:
    """Return the `text` of a fleet file with `changes`; order and comments stay as they are.

    A number that the file has for the same day is put right where it stands, any other is a new
    entry at the end of its department.
    """
    document = tomlkit.parse(text)
    tables = {str(one["id"]): one for one in document.get("department", ())}
    added: list[StaffChange] = []
    for one in changes:
        entries = tables[one.department.id].get(STAFF)
        same = next((head for head in entries or () if head.get("from") == one.start), None)
        if same is not None:
            same["people"] = one.people
        elif entries is None or isinstance(entries, AoT):
            added.append(one)
        else:
            entry = tomlkit.inline_table()
            entry.update(headcount_values(Headcount(one.start, one.people)))
            entries.append(entry)
    return _appended(tomlkit.dumps(document), added)


def _appended(text: str, added: Sequence[StaffChange]) -> str:
    """Return `text` with an entry for each of `added` below all that its department says.

    The library would put it below the comment in front of what comes next.
    """
    tree = tomllib.loads(text)
    numbers = {one["id"]: number for number, one in enumerate(tree.get("department", ()))}
    ends: dict[int, int] = {}
    for path, line in lines_of(text).items():
        if len(path) > 1 and path[0] == "department" and isinstance(path[1], int):
            ends[path[1]] = max(ends.get(path[1], 0), line)
    lines = text.splitlines(keepends=True)
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    for number, heads in sorted(_by_department(added, numbers).items(), reverse=True):
        end = _end_of_value(lines, ends[number])
        if not lines[end - 1].endswith("\n"):
            lines[end - 1] += end_of_line
        lines[end:end] = [
            f"{line}{end_of_line}"
            for one in heads
            for line in (
                "",
                f"[[department.{STAFF}]]",
                f"from = {one.start.isoformat()}",
                f"people = {one.people}",
            )
        ]
    return "".join(lines)


def _by_department(
    added: Sequence[StaffChange], numbers: Mapping[str, int]
) -> dict[int, list[StaffChange]]:
    found: dict[int, list[StaffChange]] = {}
    for one in added:
        found.setdefault(numbers[one.department.id], []).append(one)
    return found


def _end_of_value(lines: Sequence[str], line: int) -> int:
    """Return the line, from `line` on, with which the value that begins there is complete."""
    while line < len(lines):
        try:
            tomllib.loads("".join(lines[:line]))
        except tomllib.TOMLDecodeError:
            line += 1
        else:
            break
    return line
