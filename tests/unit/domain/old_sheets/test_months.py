"""Months and years as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.office_calendar import era_month
from collector.domain.old_sheets.cells import Value
from collector.domain.old_sheets.headings import heading_in
from collector.domain.old_sheets.months import (
    Stated,
    Years,
    month_before,
    month_in,
    month_named,
    months_of,
    span,
    year_in,
)
from collector.domain.spelling import fold

FISCAL_2025 = Stated(year=2025, fiscal=True)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2025年4月",
            "2025年04月",
            "２０２５年４月",
            "2025年 4月",
            "2025/4",
            "2025/04",
            "2025-04",
        ),
        *("2025.4", "2025年4月分", "2025年4月度", "2025年4月末", "令和7年4月", "令和７年４月分"),
        *("R7.4", "R7/4", "r7年4月", "Ｒ７．４", "令7.4", "Apr-25", "Apr 2025", "April 2025"),
        *("apr. 2025", "APR-2025", "2025-Apr", "04/2025", "4/2025", "Apr'25", "202504", 202504),
        *(date(2025, 4, 1), "2025-04-01", "2025年4月1日", "2025年度4月", "令和7年度 4月"),
    ],
)
def test_one_month_in_many_spellings(written: Value) -> None:
    stated = month_in(written)
    assert stated is not None
    assert (stated.month, stated.year) == (4, 2025)


@pytest.mark.parametrize(
    "written",
    [
        *("2026-11", "2026/11", "2026.11", "2026年11月", "202611", "R8.11", "r8/11", "令和8年11月"),
        *("２０２６－１１", "２０２６／１１", "Ｒ８．１１", "令和８年１１月", " 2026 年 11 月分 "),
    ],
)
def test_one_month_is_named_by_its_number(written: str) -> None:
    assert month_named(written) == "2026-11"


@pytest.mark.parametrize(
    "written",
    [
        *("11月", "11", "2026", "令和8年", "2026-13", "2026-00", "R8", "", "soon", "総務課"),
        *("2026-11-05", "令和8年11月5日", "令和8年度11月", "2026-11 2026-12", "2026-11x"),
    ],
)
def test_what_names_no_one_month(written: str) -> None:
    """A day, a month without its year, and a 年度, which begins when the office says."""
    assert month_named(written) is None


@given(st.integers(2019, 2099), st.integers(1, 12))
def test_eras_and_western_years_name_the_same_month(year: int, month: int) -> None:
    name = f"{year}-{month:02d}"
    if name > "2019-05":
        assert month_named(era_month(date(year, month, 1))) == name
        assert month_named(f"R{year - 2018}.{month}") == name
    assert month_named(name) == month_named(f"{year}/{month}") == name


@pytest.mark.parametrize("written", ["4月", "４月分", "4", 4, 4.0, "04", "Apr", "april", "4月度"])
def test_a_month_without_a_year(written: Value) -> None:
    assert month_in(written) == Stated(4)


@pytest.mark.parametrize(
    "written",
    [
        *("13月", "0月", "2025年13月", "2025", "令和", "R7", "月", "", "総務課", "2025-00", 0, 13),
        *(4.5, "202513", 202500, "4月5月", "Apri", "2025-4-31x", None, "合計", "25-Apr"),
    ],
)
def test_what_is_no_month(written: Value) -> None:
    stated = month_in(written)
    assert stated is None or stated.month is None


def test_first_years_of_eras() -> None:
    assert month_in("令和元年5月") == Stated(5, 2019)
    assert month_in("平成31年4月") == Stated(4, 2019)
    assert month_in("H30.12") == Stated(12, 2018)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("令和7年度 コピー使用枚数一覧", FISCAL_2025),
        ("２０２５年度（令和７年度）印刷枚数", FISCAL_2025),
        ("コピー枚数 FY2025", FISCAL_2025),
        ("R7年度", FISCAL_2025),
        ("2025年 使用枚数", Stated(year=2025)),
        ("2025", Stated(year=2025)),
        ("R7", Stated(year=2025)),
        ("機種 iR2025 一覧", None),
        ("複合機 MP 2004", None),
        ("コピー枚数", None),
        ("Sheet1", None),
    ],
)
def test_the_year_of_a_title(title: str, year: Stated | None) -> None:
    assert year_in(title) == year


def named(*months: str, year: Stated | None = None, begins: int = 4) -> list[str | None]:
    stated = [month_in(month) or Stated() for month in months]
    return months_of(stated, year, begins)


def test_a_fiscal_year_gives_every_month_its_place() -> None:
    assert named("4月", "12月", "1月", "3月", year=FISCAL_2025) == [
        *("2025-04", "2025-12", "2026-01", "2026-03")
    ]
    assert named("10月", "9月", year=FISCAL_2025, begins=10) == ["2025-10", "2026-09"]


def test_the_month_before_a_fiscal_year_opens_it() -> None:
    """Seen in sheets of readings: 3月末, 4月, 5月 … 3月."""
    assert named("3月末", "4月", "3月", year=FISCAL_2025) == ["2025-03", "2025-04", "2026-03"]
    assert named("3月", "2月", "1月", year=FISCAL_2025) == ["2026-03", "2026-02", "2026-01"]


def test_months_run_on_after_one_with_a_year() -> None:
    assert named("2025年11月", "12月", "1月") == ["2025-11", "2025-12", "2026-01"]
    assert named("2026年2月", "1月", "12月") == ["2026-02", "2026-01", "2025-12"]
    assert named("4月", "3月", year=Stated(year=2025)) == ["2025-04", "2025-03"]
    assert named("11月", "1月", year=Stated(year=2025)) == ["2025-11", "2026-01"]


def test_without_any_year_a_month_has_no_name() -> None:
    assert named("4月", "5月") == [None, None]
    assert Years(None, 4).month_of(Stated(year=2025)) is None


def test_the_month_before_january_is_of_the_year_before() -> None:
    assert month_before("2026-01") == "2025-12"
    assert month_before("2025-12") == "2025-11"
    assert (span([]), span(["2025-04"])) == ("", "2025-04")
    assert span(["2025-05", "2025-04"]) == "2025-04 to 2025-05"


@pytest.mark.parametrize(
    ("text", "meter"),
    [
        ("合計", "total"),
        ("モノクロ", "total_mono"),
        ("ﾓﾉｸﾛ枚数", "total_mono"),
        ("フルカラー（枚）", "total_color"),
        ("コピー カラー", "copy_color"),
        ("プリンター/白黒", "print_mono"),
        ("Black & White", "total_mono"),
        ("FAX", "fax"),
        ("Copy total", "copy"),
        ("使用枚数", "total"),
        ("4月 カラー 当月指針", "total_color"),
    ],
)
def test_the_meter_of_a_heading(text: str, meter: str) -> None:
    heading = heading_in(text)
    assert heading is not None
    assert heading.meter == meter


@pytest.mark.parametrize(
    "text", ["", "担当者", "モノクロカラー", "4月5月", "累計", "前年度比", "総務課"]
)
def test_what_no_heading_says(text: str) -> None:
    assert heading_in(text) is None


def test_spellings_of_one_word_are_equal() -> None:
    assert fold("１階　税務課 窓口") == fold("1階税務課窓口")
