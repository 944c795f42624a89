"""Laws of old sheets: any figures in any layout come back as they are, and nothing else breaks."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.adapters.sheets import is_workbook, read_csv, read_workbook
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet
from collector.domain.old_sheets.history import SheetHistory, SheetOptions, read_history
from collector.domain.old_sheets.usage import SheetKind
from collector.errors import ConfigError
from collector.settings.fleet.csv_layout import decode
from tests.stories.sheets import (
    LAYOUTS,
    MONTHS,
    NUMBERS,
    Figures,
    Keeper,
    Style,
    as_csv,
    as_xlsx,
)

OFFICE = Office("hall", ZoneInfo("Asia/Tokyo"))
NAMES = {
    "2f-soumu": "2階 総務課前",
    "1f-zeimu": "１階　税務課窓口",
    "fukushi": "福祉課",
    "annex.1": "Annex Room 3",
}
"""The first part of an id, and what the sheets call it; one is written in other widths."""

SOUMU = DepartmentId("soumu")
FLEET = Fleet(
    (Department(SOUMU, "総務課"),),
    tuple(
        Place(PlaceId(one), name, "", assignments=(Assignment(date(2020, 4, 1), {SOUMU: 100}),))
        for one, name in zip(
            NAMES, ("2階 総務課前", "1階 税務課窓口", "福祉課", "Annex Room 3"), strict=True
        )
    ),
)
METER_SETS = (
    ("total",),
    ("total_mono", "total_color", "total"),
    ("total_mono", "total_color"),
    ("copy", "print"),
)


def fiscal_months(year: int) -> list[str]:
    return [f"{year + (n >= 9):04d}-{(n + 3) % 12 + 1:02d}" for n in range(12)]


@st.composite
def monthly(draw: st.DrawFn) -> tuple[Figures, tuple[str, ...]]:
    """Some places' pages in some months of a fiscal year, and the meters they are told in."""
    meters = draw(st.sampled_from(METER_SETS))
    months = fiscal_months(draw(st.integers(2019, 2030)))
    first = draw(st.integers(0, 9))
    months = months[first : first + draw(st.integers(2, 12))]
    places = draw(st.lists(st.sampled_from([*NAMES]), min_size=1, max_size=4, unique=True))
    pages = st.integers(0, 60_000)
    figures: dict[str, dict[str, dict[str, int]]] = {}
    for place in places:
        known = draw(st.lists(st.booleans(), min_size=len(months), max_size=len(months)))
        figures[place] = {
            month: _told(meters, draw(pages), draw(pages)) if is_known else {}
            for month, is_known in zip(months, known, strict=True)
        }
    assume(any(of for months_ in figures.values() for of in months_.values()))
    return figures, meters


def _told(meters: tuple[str, ...], one: int, other: int) -> dict[str, int]:
    both = {"total": one + other, "total_mono": one, "total_color": other}
    both |= {"copy": one, "print": other}
    return {meter: both[meter] for meter in meters}


USED, STANDS = ("使用枚数", "印刷枚数", " usage"), ("指針", "カウンター", " reading")
styles = st.builds(
    Style,
    role=st.just(""),
    layout=st.sampled_from(LAYOUTS),
    language=st.sampled_from(["ja", "en"]),
    months=st.sampled_from([*MONTHS]),
    numbers=st.sampled_from([*NUMBERS]),
    blank=st.sampled_from([None, "-", "－", " ", "不明"]),
    names=st.sampled_from([{}, NAMES]),
    model=st.booleans(),
    sums=st.booleans(),
    footnote=st.booleans(),
)
files = st.sampled_from(["utf-8", "utf-8-sig", "cp932", "tab", "xlsx"])


def titled(style: Style, months: list[str]) -> Style:
    """Return `style` with a title that names the fiscal year where the months do not."""
    year = int(months[0][:4]) - (int(months[0][5:]) < 4)
    if style.months != "bare":
        return style
    title = f"令和{year - 2018}年度 コピー機の台帳" if year % 2 else f"{year}年度"
    return Style(**{**_fields(style), "title": (title,)})


def _fields(style: Style) -> dict[str, object]:
    return {name: getattr(style, name) for name in Style.__dataclass_fields__}


def sheet_of(keeper: Keeper, file: str) -> Sheet:
    grid = keeper.grid()
    if file == "xlsx":
        data = as_xlsx({"台帳": grid})
        assert is_workbook(data)
        return read_workbook(data, "old.xlsx", None)
    data = as_csv(grid, "utf-8", "\t") if file == "tab" else as_csv(grid, file)
    assert not is_workbook(data)
    return read_csv(data, "old.csv", decode)


def pages_of(history: SheetHistory) -> dict[tuple[str, str], dict[str, int]]:
    return {(one.place, one.month): dict(one.pages) for one in history.months}


def with_total(figures: Mapping[str, int]) -> dict[str, int]:
    return {"total": sum(figures.values())} | dict(figures)


@given(monthly(), styles, files)
def test_totals_come_back_from_any_layout(
    drawn: tuple[Figures, tuple[str, ...]], style: Style, file: str
) -> None:
    figures, meters = drawn
    keeper = Keeper(figures, meters, style)
    keeper.style = titled(style, keeper.months)
    history = read_history(sheet_of(keeper, file), FLEET, OFFICE, SheetOptions(SheetKind.TOTALS))
    assert history.flaws == ()
    assert pages_of(history) == {
        (place, month): with_total(told)
        for place, months in figures.items()
        for month, told in months.items()
        if told
    }


@given(monthly(), styles, files, st.integers(0, 10**6))
def test_readings_come_back_as_their_differences(
    drawn: tuple[Figures, tuple[str, ...]], style: Style, file: str, start: int
) -> None:
    figures, meters = drawn
    keeper = Keeper(grown(figures, start), meters, style)
    keeper.style = titled(style, keeper.months)
    history = read_history(sheet_of(keeper, file), FLEET, OFFICE, SheetOptions(SheetKind.READINGS))
    assert history.flaws == ()
    expected = {
        (place, month): with_total(told)
        for place, months in figures.items()
        for before, (month, told) in zip(months.values(), [*months.items()][1:], strict=False)
        if told and before
    }
    assert pages_of(history) == expected
    for one in history.months:
        for meter in one.closing:
            assert one.closing[meter] - one.opening[meter] == one.pages[meter]


def grown(figures: Figures, start: int) -> Figures:
    """Return where the meters stood at each month's end; not known where `figures` are not."""
    readings: dict[str, dict[str, dict[str, int]]] = {}
    for place, months in figures.items():
        at: dict[str, int] = {}
        readings[place] = {}
        for month, told in months.items():
            at = {meter: at.get(meter, start) + pages for meter, pages in told.items()} or at
            readings[place][month] = dict(at) if told else {}
    return readings


@given(monthly(), styles, files, st.sampled_from([*USED, *STANDS]))
def test_headings_that_say_what_figures_are_need_no_word_more(
    drawn: tuple[Figures, tuple[str, ...]], style: Style, file: str, role: str
) -> None:
    figures, meters = drawn
    told = figures if role in USED else grown(figures, 500)
    keeper = Keeper(told, meters, Style(**{**_fields(style), "role": role}))
    keeper.style = titled(keeper.style, keeper.months)
    sheet = sheet_of(keeper, file)
    history = read_history(sheet, FLEET, OFFICE, SheetOptions())
    assert history.kind is (SheetKind.TOTALS if role in USED else SheetKind.READINGS)
    same = read_history(sheet, FLEET, OFFICE, SheetOptions(history.kind))
    assert (history.flaws, pages_of(history)) == ((), pages_of(same))


@given(monthly(), styles, st.booleans())
def test_what_is_found_out_without_a_word_is_never_wrong(
    drawn: tuple[Figures, tuple[str, ...]], style: Style, grows: bool
) -> None:
    """It asks rather than guess: pages that only grow for half a year are no office's."""
    figures, meters = drawn
    keeper = Keeper(grown(figures, 10**6) if grows else figures, meters, style)
    keeper.style = titled(style, keeper.months)
    history = read_history(sheet_of(keeper, "utf-8"), FLEET, OFFICE, SheetOptions())
    if grows:
        assert history.kind is not SheetKind.TOTALS
    elif history.kind is SheetKind.READINGS:
        assert len(keeper.months) >= 6


@given(monthly(), styles, files, st.data())
def test_a_damaged_sheet_is_a_history_or_the_one_error(
    drawn: tuple[Figures, tuple[str, ...]], style: Style, file: str, data: st.DataObject
) -> None:
    keeper = Keeper(*drawn, style)
    whole = bytearray(as_xlsx({"台帳": keeper.grid()}))
    if file != "xlsx":
        whole = bytearray(as_csv(keeper.grid()))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, 10**5)) % max(1, len(whole))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    nothing_else_happens(bytes(whole))


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_no_bytes_make_it_fail_otherwise(data: bytes, begin: bytes) -> None:
    nothing_else_happens(begin + data)


WORDS = (
    *("設置場所", "4月", "2025年度", "合計", "カラー", "-", "月", "福祉課", "総務課", "12", "1,2"),
    *("-3", "", "13月", "R7", "令和", "2025-04", "2f-soumu", "前月指針", "当月指針", "使用枚数"),
)
cells = st.sampled_from(WORDS) | st.text(max_size=4)


@given(st.lists(st.lists(cells, max_size=6), max_size=8))
def test_no_cells_make_it_fail_otherwise(grid: list[list[str]]) -> None:
    nothing_else_happens(as_csv([list(row) for row in grid], "utf-8"))


def read(data: bytes) -> Sheet | None:
    try:
        return read_workbook(data, "x", None) if is_workbook(data) else read_csv(data, "x", decode)
    except ConfigError:
        return None


def nothing_else_happens(data: bytes) -> None:
    sheet = read(data)
    for kind in (None, *SheetKind):
        if sheet is None:
            return
        history = read_history(sheet, FLEET, OFFICE, SheetOptions(kind, year=2025))
        assert history.flaws or history.months or history.notes
        for one in history.months:
            assert all(pages >= 0 for pages in one.pages.values())
            assert "total" in one.pages
        for flaw in history.flaws:
            assert sheet.where(flaw.line, flaw.column).startswith("x")
