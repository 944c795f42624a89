"""Sheets written as they look, read with a small office's fleet."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet, SheetLine, Value
from collector.domain.old_sheets.history import SheetHistory, SheetOptions, read_history
from collector.domain.old_sheets.usage import SheetKind
from tests.wording import english

OFFICE = Office("hall", ZoneInfo("Asia/Tokyo"))
DEPARTMENTS = (
    Department(DepartmentId("soumu"), "総務課", "General Affairs"),
    Department(DepartmentId("zeimu"), "税務課"),
    Department(DepartmentId("kyoiku"), "教育委員会"),
)


def place(name: str, shown: str, *spans: tuple[date, Mapping[str, int]]) -> Place:
    """Return a place called `shown` with `spans` of who answers for it."""
    assignments = tuple(
        Assignment(start, {DepartmentId(one): share for one, share in shares.items()})
        for start, shares in spans
    )
    return Place(PlaceId(name), shown, "", assignments=assignments)


LONG_AGO = date(2020, 4, 1)
FLEET = Fleet(
    DEPARTMENTS,
    (
        place("2f", "2階 総務課前", (LONG_AGO, {"soumu": 100})),
        place("1f", "1階 税務課窓口", (LONG_AGO, {"zeimu": 60, "soumu": 40})),
        place("annex", "別館", (LONG_AGO, {"kyoiku": 100})),
        place("b1", "倉庫"),
        place("b2", "倉庫"),
    ),
)

TOTALS, READINGS = SheetOptions(SheetKind.TOTALS), SheetOptions(SheetKind.READINGS)


def sheet(text: str, *cells: tuple[str, Value], name: str | None = "台帳") -> Sheet:
    """Return the sheet that `text` draws: a line a row, `|` between cells; `cells` put in later.

    A cell is text, but digits alone are a number.
    """
    rows: list[list[Value]] = [
        [_value(cell.strip()) for cell in line.split("|")] for line in text.strip("\n").split("\n")
    ]
    for spot, value in cells:
        rows[int(spot[1:]) - 1][ord(spot[0]) - ord("A")] = value
    lines = [SheetLine(number, tuple(row)) for number, row in enumerate(rows, start=1)]
    held = [line for line in lines if any(value is not None for value in line.values)]
    return Sheet("old.xlsx", name, tuple(held))


def _value(text: str) -> Value:
    return int(text) if text.isascii() and text.isdigit() else text or None


def read(
    text: str,
    all_options: SheetOptions = TOTALS,
    *cells: tuple[str, Value],
    fleet: Fleet = FLEET,
    name: str | None = "台帳",
) -> SheetHistory:
    """Return what the sheet that `text` draws says."""
    return read_history(sheet(text, *cells, name=name), fleet, OFFICE, all_options)


def pages(history: SheetHistory, meter: str = "total") -> dict[str, int]:
    """Return `place month` -> pages; fails where the sheet is refused."""
    assert history.flaws == (), history.flaws
    return {
        f"{one.place} {one.month}": one.pages[meter] for one in history.months if meter in one.pages
    }


def flaws(
    text: str, all_options: SheetOptions = TOTALS, *cells: tuple[str, Value]
) -> dict[str, str]:
    """Return cell -> what is wrong with it."""
    drawn = sheet(text, *cells)
    history = read_history(drawn, FLEET, OFFICE, all_options)
    return {drawn.spot(one.line, one.column): english(one.message) for one in history.flaws}


def notes(text: str, all_options: SheetOptions = TOTALS) -> dict[str, str]:
    """Return cell -> what was left out or decided there."""
    drawn = sheet(text)
    history = read_history(drawn, FLEET, OFFICE, all_options)
    return {drawn.spot(one.line, one.column): english(one.message) for one in history.notes}
