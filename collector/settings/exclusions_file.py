"""Reads a spreadsheet of excluded pages: one line an exclusion, checked as a whole.

Columns: 設置場所ID or 部署ID (one of both in each line; names are taken too), 年月 or 開始日 and
終了日, 面数, 理由, 出典, and 備考 where there is more to say.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from collector.domain.counting.entries import Exclusion, Ground
from collector.domain.office.fleet import DepartmentId, Fleet
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, Unacceptable
from collector.errors import Spot, said
from collector.settings.fleet.csv_layout import CsvLine, read_lines
from collector.settings.fleet.csv_rows import parse_date, parse_whole, plain, unguard
from collector.settings.values import tidy
from collector.user_files.report import ProblemReport, RefusedValue, hint

GROUNDS: Final[Mapping[str, Ground]] = {
    **{one.value: one for one in Ground},
    "選挙": Ground.ELECTION,
    "法定通知": Ground.STATUTORY,
    "市民有料コピー": Ground.CITIZENS,
    "保守点検テスト印刷": Ground.MAINTENANCE,
    "その他": Ground.OTHER,
}
"""What a ground may be called, in a file and on the command line."""


class _Heading(StrEnum):
    PLACE = "place"
    DEPARTMENT = "department"
    MONTH = "month"
    FIRST = "first"
    LAST = "last"
    PAGES = "pages"
    GROUND = "ground"
    SOURCE = "source"
    REMARK = "remark"


_HEADINGS: Final[Mapping[str, _Heading]] = {
    name: column
    for column, names in {
        _Heading.PLACE: ("設置場所id", "設置場所", "場所", "placeid", "place"),
        _Heading.DEPARTMENT: ("部署id", "部署", "課", "departmentid", "department"),
        _Heading.MONTH: ("年月", "月", "month"),
        _Heading.FIRST: ("開始日", "日付", "from", "first", "date"),
        _Heading.LAST: ("終了日", "to", "last"),
        _Heading.PAGES: ("面数", "除外面数", "pages", "impressions"),
        _Heading.GROUND: ("理由", "除外理由", "区分", "ground"),
        _Heading.SOURCE: ("出典", "根拠", "source"),
        _Heading.REMARK: ("備考", "remark", "why"),
    }.items()
    for name in names
}
_NEEDED: Final = (_Heading.PAGES, _Heading.GROUND, _Heading.SOURCE)
_MONTH: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})月?")
_Id = TypeVar("_Id", PlaceId, DepartmentId)
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class StatedExclusion:
    """An exclusion as line `line` of a file states it."""

    line: int
    exclusion: Exclusion


def read_exclusions(
    data: bytes, name: str, fleet: Fleet, office: Office, signed: Signature, report: ProblemReport
) -> tuple[StatedExclusion, ...]:
    """Return what the spreadsheet `data` states, in the order of its lines, signed by `signed`.

    Every problem is told with its line and column; nothing is half-read: refuse them.
    """
    lines = read_lines(data, name, report)
    columns = _columns(lines[0], name, report) if lines else {}
    if report.problems:
        return ()
    stated = (name, columns, lines[0].cells, fleet, office, report)
    rows = [_Row(line, *stated) for line in lines[1:]]
    found = [(row.line.number, row.exclusion(signed)) for row in rows]
    return tuple(StatedExclusion(line, one) for line, one in found if one is not None)


def _columns(line: CsvLine, name: str, report: ProblemReport) -> Mapping[_Heading, int]:
    found: dict[_Heading, int] = {}
    for index, heading in enumerate(line.cells):
        folded = re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", heading)).casefold()
        column = _HEADINGS.get(folded)
        where = Spot(name, line.number, column=heading.strip())
        if column is None and folded:
            report.problem(where, said("unknown_column", hint=hint(heading.strip(), _HEADINGS)))
        elif column in found:
            report.problem(where, said("column_twice"))
        elif column is not None:
            found[column] = index
    for column in _NEEDED:
        if column not in found:
            names = [one for one, of in _HEADINGS.items() if of is column]
            told = said("missing_column", japanese=names[0], english=names[-1])
            report.problem(Spot(name, line.number), told)
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    line: CsvLine
    name: str
    columns: Mapping[_Heading, int]
    headings: tuple[str, ...]
    fleet: Fleet
    office: Office
    report: ProblemReport

    def exclusion(self, signed: Signature) -> Exclusion | None:
        """Return what the line states; None after telling what is wrong with it."""
        before = len(self.report.problems)
        place = self._known(_Heading.PLACE, [(one.id, one.name) for one in self.fleet.places])
        departments = [(one.id, one.name) for one in self.fleet.departments]
        department = self._known(_Heading.DEPARTMENT, departments)
        if bool(self._text(_Heading.PLACE)) is bool(self._text(_Heading.DEPARTMENT)):
            self._told(_Heading.PLACE, said("exclusion_of_one"))
        days = self._days()
        pages = self._parsed(_Heading.PAGES, parse_whole)
        if pages is not None and pages < 1:
            self._told(_Heading.PAGES, said("exclusion_pages", pages=pages))
        ground = GROUNDS.get(plain(self._text(_Heading.GROUND)).casefold())
        if ground is None:
            known = hint(self._text(_Heading.GROUND), GROUNDS)
            self._told(_Heading.GROUND, said("exclusion_ground", hint=known))
        source = self._text(_Heading.SOURCE)
        if not source:
            self._told(_Heading.SOURCE, said("cell_empty"))
        if len(self.report.problems) > before or days is None or pages is None or ground is None:
            return None
        remark = self._text(_Heading.REMARK)
        why = f"{signed.why}: {remark}" if remark else signed.why
        return Exclusion(
            PlaceId(place or ""),
            None if department is None else DepartmentId(department),
            *days,
            pages,
            ground,
            source,
            Signature(signed.by, why, signed.at),
        )

    def _known(self, column: _Heading, known: Sequence[tuple[_Id, str]]) -> _Id | None:
        text = self._text(column)
        if not text:
            return None
        found = meant(text, known)
        if found is None:
            near = hint(text, [one for one, _ in known])
            self._told(column, said("exclusion_unknown", name=text, hint=near))
        return found

    def _days(self) -> tuple[date, date] | None:
        month = plain(self._text(_Heading.MONTH))
        if month:
            written = _MONTH.fullmatch(month)
            try:
                name = f"{written[1]}-{int(written[2]):02d}" if written else month
                period = self.office.period(name)
            except Unacceptable:
                self._told(_Heading.MONTH, said("exclusion_month", text=month))
                return None
            return period.start, period.end
        first = self._parsed(_Heading.FIRST, parse_date)
        last = self._parsed(_Heading.LAST, parse_date) if self._text(_Heading.LAST) else first
        if first is None or last is None:
            if not self._text(_Heading.FIRST):
                self._told(_Heading.FIRST, said("exclusion_days"))
            return None
        if last < first:
            self._told(_Heading.LAST, said("exclusion_order", first=first, last=last))
            return None
        return first, last

    def _text(self, column: _Heading) -> str:
        index = self.columns.get(column)
        if index is None or index >= len(self.line.cells):
            return ""
        return tidy(unguard(tidy(self.line.cells[index])))

    def _parsed(self, column: _Heading, parse: Callable[[str], _Parsed]) -> _Parsed | None:
        try:
            return parse(self._text(column))
        except RefusedValue as exc:
            self._told(column, exc.sentence)
            return None

    def _told(self, column: _Heading, what: Sentence) -> None:
        index = self.columns.get(column)
        heading = "" if index is None else self.headings[index].strip()
        self.report.problem(Spot(self.name, self.line.number, column=heading), what)


def meant(text: str, known: Iterable[tuple[_Id, str]]) -> _Id | None:
    """Return which of the `known` ids, or the one of that name, `text` means; None for none."""
    every = tuple(known)
    if (found := next((one for one, _ in every if one == text), None)) is not None:
        return found
    named = [one for one, name in every if name == text]
    return named[0] if len(named) == 1 else None
