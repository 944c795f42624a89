"""Lists as offices keep them in Excel, brought into the form of the spreadsheet.

Titles, headings over two lines, sums and columns of no use are left out, ids are made from names,
and whatever was left out or decided is a warning, so that a person sees it before it is used.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from collector.domain.office.fleet import UNASSIGNED, WHOLE_OFFICE
from collector.domain.old_sheets.cells import Broken, Sheet, is_remark, is_unknown
from collector.domain.old_sheets.headings import is_total
from collector.domain.spelling import fold
from collector.errors import Spot, said
from collector.settings.fleet.csv_layout import (
    FLOORS,
    HEADINGS,
    CsvColumn,
    CsvLine,
    Layout,
    column_of,
    is_of_no_use,
    is_part_of_place,
    read_layout,
)
from collector.settings.fleet.csv_rows import parse_date, plain, unguard
from collector.settings.values import (
    Language,
    address_problem,
    free_id,
    id_problem,
    slugged,
    tidy,
)
from collector.user_files.report import ProblemReport, RefusedValue

_MOST_ABOVE: Final = 30
"""Lines above the headings that may be titles."""

_FEWEST: Final = 2
"""Known headings by which a line is told from a title."""

_BRACKETED: Final = re.compile(r"[(（\[［][^)）\]］]*[)）\]］]")
_ADDRESS: Final = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])")
_NO_ADDRESS: Final = frozenset({"dhcp", "usb", "none", "nil"})
_AS_OF: Final = re.compile("現在|時点|適用|as of", re.IGNORECASE)
_DAY: Final = re.compile(
    r"(?:(?:19|20)[0-9]{2}|(?:令和|平成|[RrHh])\.?(?:[0-9]{1,2}|元))[-/.年][0-9]{1,2}"
    r"(?:[-/.月][0-9]{1,2}日?|月)?"
)
_OF_DEPARTMENT: Final = frozenset(
    {
        *(CsvColumn.DEPARTMENT, CsvColumn.DEPARTMENT_NAME, CsvColumn.DEPARTMENT_NAME_EN),
        *(CsvColumn.TARGET, CsvColumn.TARGET_UNIT, CsvColumn.STAFF, CsvColumn.PARENT),
    }
)
_MAY_BE_UNKNOWN: Final = frozenset(
    {CsvColumn.PORT, CsvColumn.UNTIL, CsvColumn.TARGET, CsvColumn.STAFF}
)


def lines_of(sheet: Sheet) -> list[CsvLine]:
    """Return the lines of a sheet of a workbook, as a CSV would hold them."""
    return [
        CsvLine(
            line.number,
            tuple("" if value is None else _text(value) for value in line.values),
            {n: value.says for n, value in enumerate(line.values) if isinstance(value, Broken)},
        )
        for line in sheet.lines
    ]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class HeadedList:
    """What stands below the headings, and the texts above; `number` is the headings' first line."""

    headings: tuple[str, ...]
    number: int
    lines: tuple[CsvLine, ...]
    titles: tuple[str, ...]

    @property
    def as_of(self) -> date | None:
        """The day of which a title says that the list holds: 令和8年4月1日現在."""
        for title in self.titles:
            written = "".join(plain(title).split())
            match = _DAY.search(written)
            if match is not None and _AS_OF.search(written):
                return _day(match[0])
        return None


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except RefusedValue:
        return None


def headed(lines: Sequence[CsvLine]) -> HeadedList:
    """Return the list below the first line of `lines` that is one of headings, else all of it.

    Headings may take two lines: what is merged over both, and groups with columns below them. Those
    of a list with ids of places take one, so that a department may be called 施設 or №.
    """
    first = next(
        (n for n, line in enumerate(lines[:_MOST_ABOVE]) if _known_in(line.cells) >= _FEWEST), 0
    )
    head, last = lines[first], first
    headings = head.cells
    is_ours = any(column_of(_heading(cell)) is CsvColumn.PLACE for cell in headings)
    if not is_ours and last + 1 < len(lines) and _goes_on(lines[last + 1]):
        last += 1
        headings = _joined(head.cells, lines[last].cells)
    titles = tuple(cell for line in lines[:first] for cell in line.cells if cell.strip())
    return HeadedList(tuple(map(_heading, headings)), head.number, tuple(lines[last + 1 :]), titles)


def _heading(text: str) -> str:
    """Return a heading without what it says in brackets, where that makes it a known one."""
    short = _BRACKETED.sub("", text).strip()
    return short if column_of(text) is None and column_of(short) is not None else text.strip()


def _known_in(cells: Iterable[str]) -> int:
    return len({found for cell in cells if (found := column_of(_heading(cell))) is not None})


def _goes_on(line: CsvLine) -> bool:
    """Say whether a line below headings is one of them: it names columns, and states nothing."""
    filled = [cell for cell in line.cells if cell.strip()]
    if any(letter.isnumeric() for cell in filled for letter in cell):
        return False
    return any(
        column_of(_heading(cell)) is not None or is_of_no_use(cell) or is_part_of_place(cell)
        for cell in filled
    )


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """Return one heading a column: the lower one, with its group where only both are known."""
    width = max(len(upper), len(lower))
    found: list[str] = []
    group = ""
    for above, below in zip(
        [*upper, *[""] * (width - len(upper))], [*lower, *[""] * (width - len(lower))], strict=True
    ):
        group = above if above.strip() else group
        both = f"{group}{below}"
        if not below.strip():
            found.append(above)
        else:
            found.append(both if column_of(below) is None and column_of(both) else below)
    return tuple(found)


def read_list(
    lines: Sequence[CsvLine], name: str, report: ProblemReport, since: date | None = None
) -> tuple[Layout, list[CsvLine]] | None:
    """Return the layout and rows of a list, for `Rows` to take; None after telling what is wrong.

    A list with ids of places is taken as it stands. From others what lists have too much is left
    out, and what they lack is made. `since` is the day from which departments answer where no
    column says it; without it a title's.
    """
    found = headed(lines)
    where = Spot(name, found.number, column="")
    day = since or found.as_of
    layout = read_layout(found.headings, where, report, since=day)
    if layout is None:
        return None
    if CsvColumn.PLACE in layout.columns:
        return layout, list(found.lines)
    making = _Making(layout, name, report, day)
    rows = [row for line in found.lines if (row := making.row(line)) is not None]
    making.tell_decided(where, is_of_title=since is None)
    return making.layout, rows


class _Making:
    """Makes rows of the spreadsheet from those of an office's list."""

    def __init__(
        self, layout: Layout, name: str, report: ProblemReport, since: date | None
    ) -> None:
        self._given = layout
        self._used: dict[str, int] = {str(one): n for one, n in layout.columns.items()}
        self._used |= layout.months
        self._name = name
        self._report = report
        self._since = since
        self._above: dict[int, str] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._taken = {str(UNASSIGNED), str(WHOLE_OFFICE)}
        self._sections: dict[str, str] = {}
        self._taken_sections = set(self._taken)
        self._empty: list[int] = []
        self._merged: dict[tuple[int, str], list[int]] = {}
        self._columns = [*dict.fromkeys([*layout.columns, CsvColumn.PLACE, CsvColumn.PLACE_NAME])]
        if CsvColumn.DEPARTMENT_NAME in layout.columns:
            for column in (CsvColumn.DEPARTMENT, CsvColumn.START):
                if column not in layout.columns:
                    self._columns.append(column)

    @property
    def layout(self) -> Layout:
        """Where the cells of the made rows are; columns that were there keep their headings."""
        months = [*self._given.months]
        written = [
            self._given.heading(one)
            if one in self._given.columns
            else HEADINGS[one][Language.JA][0]
            for one in self._columns
        ]
        written += [self._given.written[self._given.months[month]] for month in months]
        return Layout(
            {one: n for n, one in enumerate(self._columns)},
            {month: len(self._columns) + n for n, month in enumerate(months)},
            tuple(written),
        )

    def row(self, line: CsvLine) -> CsvLine | None:
        """Return what `line` states as a row; None where it states no copier, which is told."""
        cells = {column: self._cell(line, n) for column, n in self._given.columns.items()}
        months = {month: self._cell(line, n) for month, n in self._given.months.items()}
        if self._is_none(line, cells):
            return None
        self._tell_broken(line)
        self._fill(line, cells)
        cells[CsvColumn.PLACE_NAME] = self._place_name(cells)
        cells[CsvColumn.ADDRESS] = self._address(line, cells)
        if not cells[CsvColumn.ADDRESS]:
            cells = self._department_of(cells)
        else:
            self._make_place(cells)
        self._make_department(cells)
        for column in _MAY_BE_UNKNOWN & cells.keys():
            cells[column] = self._known(line, column, cells[column])
        for month, text in months.items():
            months[month] = self._known(line, month, text)
        stated = [cells.get(one, "") for one in self._columns]
        return CsvLine(line.number, (*stated, *months.values()))

    def tell_decided(self, where: Spot, *, is_of_title: bool) -> None:
        """Tell what holds for the whole list."""
        for (n, text), rows in self._merged.items():
            cell = Spot(self._name, rows[0], column=self._given.written[n])
            self._report.warning(cell, said("as_above", text=text, rows=rows))
        if self._empty:
            self._report.warning(where, said("rows_empty", rows=self._empty))
        names = self._given.columns
        if CsvColumn.DEPARTMENT_NAME in names and CsvColumn.START not in names and self._since:
            code = "since_of_title" if is_of_title else "since_given"
            self._report.warning(where, said(code, day=self._since.isoformat()))
        self._report.warning(where, said("ids_made", count=len(self._ids)))
        if self._sections:
            self._report.warning(where, said("sections_made", count=len(self._sections)))

    def _cell(self, line: CsvLine, index: int | None) -> str:
        if index is None or index >= len(line.cells):
            return ""
        return tidy(unguard(tidy(" ".join(line.cells[index].split()))))

    def _where(self, line: CsvLine, column: str = "") -> Spot:
        heading = self._given.written[self._used[column]] if column in self._used else ""
        return Spot(self._name, line.number, column=heading)

    def _is_none(self, line: CsvLine, cells: Mapping[CsvColumn, str]) -> bool:
        """Say whether `line` is one of sums, one of headings again, or states no copier."""
        if cells.get(CsvColumn.ADDRESS):
            return column_of(cells[CsvColumn.ADDRESS]) is CsvColumn.ADDRESS
        texts = [tidy(cell) for cell in line.cells if cell.strip()]
        word = next((text for text in texts if is_total(text)), None)
        if word is not None:
            self._report.warning(self._where(line), said("row_of_sums", word=word))
            return True
        if not any(cells.get(one) for one in (CsvColumn.PLACE_NAME, CsvColumn.DEPARTMENT_NAME)):
            self._empty.append(line.number)
            return True
        return False

    def _tell_broken(self, line: CsvLine) -> None:
        for column, index in self._used.items():
            if index in line.broken:
                self._report.problem(self._where(line, column), line.broken[index])

    def _fill(self, line: CsvLine, cells: dict[CsvColumn, str]) -> None:
        """Take from above what may be merged over several lines: who answers, building, floor."""
        column = CsvColumn.DEPARTMENT_NAME
        index = self._given.columns.get(column)
        for n in [*self._given.parts, *([] if index is None else [index])]:
            own = self._cell(line, n)
            if own:
                self._above[n] = own
            elif n in self._above and cells.get(CsvColumn.ADDRESS):
                self._merged.setdefault((n, self._above[n]), []).append(line.number)
        if index is not None:
            name = self._above.get(index, "")
            cells[column] = "" if is_unknown(name) else name

    def _place_name(self, cells: Mapping[CsvColumn, str]) -> str:
        name = cells.get(CsvColumn.PLACE_NAME) or cells.get(CsvColumn.DEPARTMENT_NAME, "")
        parts: list[str] = []
        for n in self._given.parts:
            text = self._above.get(n, "")
            is_floor = fold(self._given.written[n]) in FLOORS and plain(text).isdecimal()
            text = f"{plain(text)}階" if is_floor else text
            if text and fold(text) not in fold(name):
                parts.append(text)
        return " ".join([*parts, name]).strip()

    def _address(self, line: CsvLine, cells: Mapping[CsvColumn, str]) -> str:
        """Return the address in a cell; "" for a remark instead of one, which is told."""
        text = plain(cells.get(CsvColumn.ADDRESS, ""))
        if text and text.isascii() and fold(text) not in _NO_ADDRESS and not is_unknown(text):
            return text
        within = _ADDRESS.findall(text)
        where = self._where(line, CsvColumn.ADDRESS)
        if len(within) == 1 and address_problem(within[0]) is None:
            self._report.warning(where, said("address_within", address=within[0], text=repr(text)))
            return str(within[0])
        name = cells[CsvColumn.PLACE_NAME]
        told = said("place_without_address", place=name, text=repr(text))
        self._report.warning(where, told if text else said("place_no_address", place=name))
        return ""

    def _department_of(self, cells: Mapping[CsvColumn, str]) -> dict[CsvColumn, str]:
        """Return what a line says of a department; its place cannot be polled."""
        return {one: text for one, text in cells.items() if one in _OF_DEPARTMENT}

    def _make_place(self, cells: dict[CsvColumn, str]) -> None:
        name, address = cells[CsvColumn.PLACE_NAME], cells[CsvColumn.ADDRESS]
        if (name, address) not in self._ids:
            self._ids[name, address] = _made(name, address, self._taken)
        cells[CsvColumn.PLACE] = self._ids[name, address]
        is_answered = bool(cells.get(CsvColumn.DEPARTMENT_NAME))
        if is_answered and self._since is not None and not cells.get(CsvColumn.START):
            cells[CsvColumn.START] = self._since.isoformat()

    def _make_department(self, cells: dict[CsvColumn, str]) -> None:
        name = cells.get(CsvColumn.DEPARTMENT_NAME, "")
        if name and CsvColumn.DEPARTMENT not in self._given.columns:
            if name not in self._sections:
                self._sections[name] = _made(name, "section", self._taken_sections)
            cells[CsvColumn.DEPARTMENT] = self._sections[name]

    def _known(self, line: CsvLine, column: str, text: str) -> str:
        """Return what a cell says, "" for a remark in it such as 未定, which is told."""
        if is_unknown(text):
            return ""
        if not is_remark(text):
            return text
        self._report.warning(self._where(line, column), said("cell_unknown", text=repr(text)))
        return ""


def _made(name: str, instead: str, taken: set[str]) -> str:
    """Return a new id that is made of `name`, else of `instead`, and keep it among `taken`."""
    texts: Iterator[str] = (slugged(one) for one in (name, instead))
    slug = next((one for one in texts if one and id_problem(one) is None), "list")
    made = free_id(slug, taken)
    taken.add(made)
    return made
