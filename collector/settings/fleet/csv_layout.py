"""The columns of the spreadsheet: what each may be called, in Japanese and English."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from collector.domain.old_sheets.headings import Label, heading_in
from collector.domain.old_sheets.months import month_named
from collector.domain.sentence import Sentence
from collector.domain.spelling import nearest
from collector.errors import Spot, said
from collector.settings.values import Language
from collector.user_files.report import ProblemReport, hint

Key = TypeVar("Key")


class CsvColumn(StrEnum):
    """A column other than a month's target."""

    PLACE = "place"
    PLACE_NAME = "place_name"
    ADDRESS = "address"
    PORT = "port"
    CREDENTIAL = "credential"
    UNTIL = "until"
    WAS = "was"
    DEPARTMENT = "department"
    DEPARTMENT_NAME = "department_name"
    DEPARTMENT_NAME_EN = "department_name_en"
    START = "start"
    SHARE = "share"
    TARGET = "target"
    PLAN = "plan"
    TARGET_UNIT = "target_unit"
    STAFF = "staff"
    PARENT = "parent"
    DEPARTMENT_UNTIL = "department_until"
    PLACE_CALENDAR = "place_calendar"
    DEPARTMENT_CALENDAR = "department_calendar"
    CALENDARS = "calendars"


HEADINGS: Final[Mapping[CsvColumn, Mapping[Language, tuple[str, ...]]]] = {
    column: {Language.JA: japanese, Language.EN: english}
    for column, japanese, english in (
        (CsvColumn.PLACE, ("設置場所ID", "場所ID"), ("place id", "place")),
        (
            CsvColumn.PLACE_NAME,
            (
                *("設置場所", "設置場所名", "場所名", "場所"),
                *("設置箇所", "設置先", "配置場所", "配置先"),
            ),
            ("place name", "location"),
        ),
        (
            CsvColumn.ADDRESS,
            ("IPアドレス", "アドレス", "ホスト名", "IP"),
            ("address", "ip address", "host"),
        ),
        (CsvColumn.PORT, ("ポート", "ポート番号"), ("port",)),
        (CsvColumn.CREDENTIAL, ("認証情報", "認証"), ("credential", "credentials")),
        (CsvColumn.UNTIL, ("終了日", "撤去日"), ("until", "end date")),
        (CsvColumn.WAS, ("旧設置場所ID", "旧場所ID"), ("was", "former place id")),
        (CsvColumn.DEPARTMENT, ("部署ID", "課ID"), ("department id", "department")),
        (
            CsvColumn.DEPARTMENT_NAME,
            (
                *("部署名", "部署", "担当課", "担当部署", "課名", "課", "所属", "所属名", "所属課"),
                *("所管課", "使用課", "使用部署", "管理課", "管理部署", "課名等"),
            ),
            ("department name", "section"),
        ),
        (CsvColumn.DEPARTMENT_NAME_EN, ("部署英名", "部署名(英語)"), ("department name en",)),
        (
            CsvColumn.START,
            ("適用開始", "適用開始日", "開始日", "基準日", "適用日"),
            ("from", "start", "start date"),
        ),
        (CsvColumn.SHARE, ("割合", "割合(%)", "按分(%)", "按分"), ("share", "share (%)")),
        (CsvColumn.TARGET, ("目標", "月間目標"), ("target",)),
        (CsvColumn.PLAN, ("目標計画",), ("target plan", "plan")),
        (CsvColumn.TARGET_UNIT, ("目標の単位", "目標単位"), ("target unit",)),
        (
            CsvColumn.STAFF,
            ("職員数", "人数", "職員数(人)", "人員", "現員"),
            ("people", "staff", "headcount"),
        ),
        (CsvColumn.PARENT, ("上位部署", "上位部署ID"), ("parent department", "parent")),
        (CsvColumn.DEPARTMENT_UNTIL, ("部署の終了日", "廃止日"), ("department until",)),
        (CsvColumn.PLACE_CALENDAR, ("設置場所の暦", "場所の暦"), ("place calendar",)),
        (CsvColumn.DEPARTMENT_CALENDAR, ("部署の暦",), ("department calendar",)),
        (CsvColumn.CALENDARS, ("暦の定義", "暦"), ("calendars", "calendar")),
    )
}
"""Every name a column may have; the first of a language is the one that is written."""

_MONTH: Final = re.compile(r"(?:目標|target)(.+)")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cell of a row means what.

    `months` are targets by month, `written` the headings, `parts` the columns (from the left) that
    say a part of where a copier stands: the building, the floor.
    """

    columns: Mapping[CsvColumn, int]
    months: Mapping[str, int]
    written: tuple[str, ...]
    parts: tuple[int, ...] = ()

    def heading(self, column: CsvColumn) -> str:
        """Return how this file calls `column`."""
        return self.written[self.columns[column]]


def _folded(text: str) -> str:
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", text)).casefold()


_BY_NAME: Final = {
    _folded(name): column
    for column, by_language in HEADINGS.items()
    for names in by_language.values()
    for name in names
}


def month_heading(language: Language, month: str) -> str:
    """Return the heading of the target for `month`."""
    return f"{HEADINGS[CsvColumn.TARGET][language][0]} {month}"


def column_of(heading: str) -> CsvColumn | str | None:
    """Return the column, or the month of a target column, or None for an unknown heading."""
    folded = _folded(heading)
    if folded in _BY_NAME:
        return _BY_NAME[folded]
    match = _MONTH.fullmatch(folded)
    return None if match is None else month_named(match[1])


FLOORS: Final = frozenset({"階", "階数", "フロア"})
"""Columns of floors; a number in one is a floor's."""

_PARTS: Final = FLOORS | {"庁舎", "棟", "建物", "施設", "施設名", "building", "floor"}


def is_part_of_place(heading: str) -> bool:
    """Say whether a heading is of a column that says a part of where a copier stands."""
    return _folded(heading) in _PARTS


def is_of_no_use(heading: str) -> bool:
    """Say whether a heading is of a column that lists keep beside the rest: No., 機種, 備考."""
    found = heading_in(heading)
    return found is not None and found.label is Label.OTHER


def read_layout(
    headings: Sequence[str], line: Spot, report: ProblemReport, *, since: date | None = None
) -> Layout | None:
    """Return where each column is, or None after telling every unknown, double or missing one.

    A list without ids of places is one that an office keeps: what of it is not used is a warning,
    unless it seems to be a mistyped heading. `since` stands for a column of dates.
    """
    before = len(report.problems)
    columns: dict[CsvColumn, int] = {}
    months: dict[str, int] = {}
    is_ours = any(column_of(heading) is CsvColumn.PLACE for heading in headings)
    left: list[str] = []
    parts: list[int] = []
    for index, heading in enumerate(headings):
        found = column_of(heading)
        where = replace(line, column=heading.strip())
        known = found in columns if isinstance(found, CsvColumn) else found in months
        if isinstance(found, CsvColumn) and (is_ours or not known):
            _place_once(columns, found, index, where, report)
        elif found is not None and (is_ours or not known):
            _place_once(months, str(found), index, where, report)
        elif is_part_of_place(heading) and not is_ours:
            parts.append(index)
        elif known or is_of_no_use(heading) or not (is_ours or _is_near(heading)):
            left.append(" ".join(heading.split()))
        elif heading.strip():
            report.problem(where, said("unknown_column", hint=_hint(heading)))
    _tell_missing(columns, line, report, since=since)
    if any(left):
        report.warning(line, said("columns_left", names=[one for one in left if one]))
    if len(report.problems) > before:
        return None
    return Layout(columns, months, tuple(heading.strip() for heading in headings), (*parts,))


def _tell_missing(
    columns: Mapping[CsvColumn, int], line: Spot, report: ProblemReport, *, since: date | None
) -> None:
    for column in _missing(columns):
        if column is CsvColumn.START:
            if since is None:
                report.problem(line, said("missing_since", column=HEADINGS[column][Language.JA][0]))
            continue
        japanese, english = (HEADINGS[column][one][0] for one in Language)
        report.problem(line, said("missing_column", japanese=japanese, english=english))


def _missing(columns: Mapping[CsvColumn, int]) -> list[CsvColumn]:
    needed = [CsvColumn.ADDRESS]
    names = {CsvColumn.PLACE_NAME, CsvColumn.DEPARTMENT_NAME}
    if CsvColumn.PLACE in columns or not names & columns.keys():
        needed.insert(0, CsvColumn.PLACE_NAME)
    if CsvColumn.PLACE in columns and columns.keys() & {CsvColumn.START, CsvColumn.SHARE}:
        needed += [CsvColumn.DEPARTMENT_NAME]
    if CsvColumn.DEPARTMENT in columns:
        needed += [CsvColumn.DEPARTMENT_NAME]
    if columns.keys() & {CsvColumn.DEPARTMENT, CsvColumn.DEPARTMENT_NAME}:
        needed += [CsvColumn.START]
    return [column for column in dict.fromkeys(needed) if column not in columns]


def _place_once(
    places: dict[Key, int], key: Key, index: int, where: Spot, report: ProblemReport
) -> None:
    if key in places:
        report.problem(where, said("column_twice"))
    places.setdefault(key, index)


def _names_like(heading: str) -> tuple[str, ...]:
    language = Language.EN if heading.isascii() else Language.JA
    return tuple(name for by_language in HEADINGS.values() for name in by_language[language])


def _is_near(heading: str) -> bool:
    return nearest(heading.strip(), _names_like(heading), cutoff=0.75) is not None


def _hint(heading: str) -> Sentence:
    """Return the nearest name of any column, else the first name of each."""
    if nearest(heading.strip(), _names_like(heading)) is not None:
        return hint(heading.strip(), _names_like(heading))
    language = Language.EN if heading.isascii() else Language.JA
    return hint(heading.strip(), (names[language][0] for names in HEADINGS.values()))


# From a spreadsheet's bytes to rows of cells: encoding and separator are found out.


SHIFT_JIS: Final = "cp932"
"""What Windows calls Shift_JIS: the standard one lacks ① and 髙."""
_SEPARATORS: Final = (",", "\t", ";")
_MOST_ABOVE: Final = 40
"""Lines among which the headings are."""

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One row, with the line of the file on which it begins (from 1).

    `broken` are the cells (from 0) whose value nobody knows, as of the error #REF!, and why.
    """

    number: int
    cells: tuple[str, ...]
    broken: Mapping[int, Sentence] = field(default_factory=dict)


def decode(data: bytes) -> str:
    """Return the text of a UTF-8 (with or without mark), UTF-16 (with) or Shift_JIS file.

    UTF-8 wins where both fit: a Japanese heading in Shift_JIS never is valid UTF-8.
    Raises UnicodeDecodeError where none fits.
    """
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(SHIFT_JIS)


def read_lines(data: bytes, name: str, report: ProblemReport) -> list[CsvLine]:
    """Return the rows that hold anything, the headings first; [] after a problem told."""
    try:
        text = decode(data)
    except UnicodeDecodeError:
        report.problem(Spot(name), said("sheet_encoding"))
        return []
    try:
        lines = list(_rows(text, _separator(text)))
    except csv.Error as exc:
        report.problem(Spot(name), said("no_csv", reason=exc))
        return []
    if not lines:
        report.problem(Spot(name), said("sheet_empty"))
    return lines


def _separator(text: str) -> str:
    """Return the separator with which most headings are known."""
    lines = [line for line in text.splitlines()[:_MOST_ABOVE] if line.strip()]
    return max(
        _SEPARATORS,
        key=lambda one: max((_known_headings(line, one) for line in lines), default=0),
    )


def _known_headings(line: str, separator: str) -> int:
    cells = next(csv.reader([line], delimiter=separator), [])
    return sum(column_of(cell) is not None for cell in cells)


def _rows(text: str, separator: str) -> Iterator[CsvLine]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield CsvLine(before + 1, tuple(cells))
        before = reader.line_num
