"""The columns of the spreadsheet: what each may be called, in Japanese and English."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from collector.settings.problems import Report, did_you_mean
from collector.settings.values import Language

Key = TypeVar("Key")


class Column(StrEnum):
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
    PLACE_CALENDAR = "place_calendar"
    DEPARTMENT_CALENDAR = "department_calendar"
    CALENDARS = "calendars"


HEADINGS: Final[Mapping[Column, Mapping[Language, tuple[str, ...]]]] = {
    column: {Language.JA: japanese, Language.EN: english}
    for column, japanese, english in (
        (Column.PLACE, ("設置場所ID", "場所ID"), ("place id", "place")),
        (Column.PLACE_NAME, ("設置場所", "設置場所名", "場所名"), ("place name", "location")),
        (Column.ADDRESS, ("IPアドレス", "アドレス", "ホスト名"), ("address", "ip address", "host")),
        (Column.PORT, ("ポート", "ポート番号"), ("port",)),
        (Column.CREDENTIAL, ("認証情報", "認証"), ("credential", "credentials")),
        (Column.UNTIL, ("終了日", "撤去日"), ("until", "end date")),
        (Column.WAS, ("旧設置場所ID", "旧場所ID"), ("was", "former place id")),
        (Column.DEPARTMENT, ("部署ID", "課ID"), ("department id", "department")),
        (Column.DEPARTMENT_NAME, ("部署名", "部署"), ("department name",)),
        (Column.DEPARTMENT_NAME_EN, ("部署英名", "部署名(英語)"), ("department name en",)),
        (Column.START, ("適用開始", "適用開始日", "開始日"), ("from", "start", "start date")),
        (Column.SHARE, ("割合", "割合(%)", "按分(%)", "按分"), ("share", "share (%)")),
        (Column.TARGET, ("目標", "月間目標"), ("target",)),
        (Column.PLAN, ("目標計画",), ("target plan", "plan")),
        (Column.PLACE_CALENDAR, ("設置場所の暦", "場所の暦"), ("place calendar",)),
        (Column.DEPARTMENT_CALENDAR, ("部署の暦",), ("department calendar",)),
        (Column.CALENDARS, ("暦の定義", "暦"), ("calendars", "calendar")),
    )
}
"""Every name a column may have; the first of a language is the one that is written."""

_NEEDED: Final = (Column.PLACE, Column.PLACE_NAME, Column.ADDRESS)
_MONTH: Final = re.compile(r"(?:目標|target)([0-9]{4})[-/.年]([0-9]{1,2})月?")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cell of a row means what. `months` are targets by month; `written` the headings."""

    columns: Mapping[Column, int]
    months: Mapping[str, int]
    written: tuple[str, ...]

    def heading(self, column: Column) -> str:
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
    return f"{HEADINGS[Column.TARGET][language][0]} {month}"


def column_of(heading: str) -> Column | str | None:
    """Return the column, or the month of a target column, or None for an unknown heading."""
    folded = _folded(heading)
    if match := _MONTH.fullmatch(folded):
        return f"{match[1]}-{int(match[2]):02d}"
    return _BY_NAME.get(folded)


def read_layout(headings: Sequence[str], path: str, report: Report) -> Layout | None:
    """Return where each column is, or None after telling every unknown, double or missing one."""
    before = len(report.problems)
    columns: dict[Column, int] = {}
    months: dict[str, int] = {}
    for index, heading in enumerate(headings):
        found = column_of(heading)
        where = f"{path}, column {heading.strip()}" if heading.strip() else path
        if isinstance(found, Column):
            _place_once(columns, found, index, where, report)
        elif found is not None:
            _place_once(months, found, index, where, report)
        elif heading.strip():
            report.problem(where, f"is no known column; {_hint(heading)}")
    for column in _missing(columns):
        japanese, english = (HEADINGS[column][one][0] for one in Language)
        report.problem(path, f"the column {japanese} ({english}) is missing; add it")
    if len(report.problems) > before:
        return None
    return Layout(columns, months, tuple(heading.strip() for heading in headings))


def _missing(columns: Mapping[Column, int]) -> list[Column]:
    needed = list(_NEEDED)
    if Column.START in columns or Column.SHARE in columns or Column.DEPARTMENT_NAME in columns:
        needed.append(Column.DEPARTMENT)
    if Column.DEPARTMENT in columns:
        needed += [Column.DEPARTMENT_NAME, Column.START]
    return [column for column in needed if column not in columns]


def _place_once(places: dict[Key, int], key: Key, index: int, where: str, report: Report) -> None:
    if key in places:
        report.problem(where, "the same column stands here twice; remove one of the two")
    places.setdefault(key, index)


def _hint(heading: str) -> str:
    language = Language.EN if heading.isascii() else Language.JA
    names = (name for by_language in HEADINGS.values() for name in by_language[language])
    return did_you_mean(heading.strip(), names)
