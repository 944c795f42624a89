"""What refuses a sheet: the reason and the cell, all of them at once."""

import pytest

from collector.domain.old_sheets.cells import Broken, SheetHint, Value
from collector.domain.old_sheets.history import SheetOptions
from collector.domain.old_sheets.usage import SheetKind
from collector.domain.sentence import verbatim
from tests.unit.domain.old_sheets.sheets import READINGS, TOTALS, flaws, read

WIDE = """
設置場所|2025年4月|5月
2f|100|200
別館|10|20
"""


def test_everything_wrong_is_told_at_once_with_its_cell() -> None:
    text = """
設置場所|2025年4月|2025年13月|6月
2f|-5|1|abc
3f|1|2|3
|7|8|9
別館|1.5|1|12
"""
    told = flaws(text)
    assert "is negative" in told["台帳!B2"]
    assert "'2025年13月' is no month" in told["台帳!C1"]
    assert "no whole number" in told["台帳!D2"]
    assert "no place '3f'; did you mean 2f?" in told["台帳!A3"]
    assert "names no place" in told["台帳!row 4"]
    assert "no whole number" in told["台帳!B5"]
    assert len(told) == 6


def test_a_remark_in_the_place_of_a_figure_is_not_known_and_told() -> None:
    text = WIDE.replace("2f|100|200", "2f|故障|200").replace("別館|10|20", "別館|－|修理中")
    found = read(text, SheetOptions(kind=SheetKind.TOTALS))
    assert [(one.place, one.month) for one in found.months] == [("2f", "2025-05")]
    told = {(one.line, one.column): one.message.key for one in found.notes}
    assert told[2, 1] == told[3, 2] == "sheet.remark"
    assert "no whole number" in flaws(WIDE.replace("2f|100", "2f|一万"))["台帳!B2"]
    assert "no whole number" in flaws(WIDE.replace("2f|100", "2f|約100"))["台帳!B2"]


def test_a_month_twice_for_one_place_names_both_cells() -> None:
    text = WIDE + "2階 総務課前|1|\n"
    told = flaws(text)
    assert list(told) == ["台帳!B4"]
    assert "2025-04 of 2f stands here and in 台帳!B2" in told["台帳!B4"]
    long = """
設置場所|年月|枚数
2f|2025-04|1
2f|令和7年4月|1
"""
    assert "stands here and in 台帳!C2" in flaws(long)["台帳!C3"]


def test_two_headings_for_one_figure_are_one_problem_and_not_one_a_row() -> None:
    text = WIDE.replace("5月", "4月")
    told = flaws(text)
    assert list(told) == ["台帳!C1"]
    assert "says the same as column B (2025-04 total)" in told["台帳!C1"]
    meters = """
設置場所|年月|カラー|フルカラー|合計
2f|2025-04|1|1|1
"""
    assert "says the same as column C (total_color)" in flaws(meters)["台帳!D1"]
    places = """
月|2f|2階 総務課前
2025-04|1|2
"""
    assert "says the same as column B" in flaws(places)["台帳!C1"]


def test_a_reading_below_the_one_before_names_both_cells() -> None:
    told = flaws("設置場所|2025年4月|5月|6月\n2f|1000|900|950", READINGS)
    assert list(told) == ["台帳!C2"]
    assert "900 is below the 1000 in 台帳!B2" in told["台帳!C2"]
    assert "前月指針" in told["台帳!C2"]


def test_readings_of_one_row_that_fall_or_do_not_fit_its_pages() -> None:
    text = """
設置場所|年月|前月指針|当月指針|使用枚数
2f|2025-04|1000|1500|600
2f|2025-05|1500|1400|
"""
    told = flaws(text, SheetOptions())
    assert "600 is not the difference of 台帳!D2 and 台帳!C2, which is 500" in told["台帳!E2"]
    assert "1400 is below the 1500 in 台帳!C3" in told["台帳!D3"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (Broken(verbatim("is the error #REF!; correct the formula")), "is the error #REF!"),
        (Broken(verbatim("holds a formula whose result was not saved")), "result was not saved"),
        (-1, "is negative"),
        (0.5, "no whole number"),
    ],
)
def test_cells_that_are_no_figures(value: Value, why: str) -> None:
    assert why in flaws(WIDE, TOTALS, ("C2", value))["台帳!C2"]


def test_months_without_a_year_are_one_problem() -> None:
    told = flaws(WIDE.replace("2025年", ""))
    assert set(told) == {"台帳!B1", "台帳!C1"}
    assert "names no year" in told["台帳!B1"]
    text = """
設置場所|月|枚数
2f|4月|1
2f|5月|2
"""
    assert list(flaws(text)) == ["台帳!B1"]
    assert read(text).flaws[0].hint is SheetHint.YEAR


def test_a_month_that_cannot_be_read_in_a_list() -> None:
    text = """
設置場所|年月|枚数
2f|2025-13|1
2f|春|2
2f||3
"""
    told = flaws(text)
    assert "'2025-13' is no month" in told["台帳!B2"]
    assert "'春' is no month" in told["台帳!B3"]
    assert "names no month" in told["台帳!B4"]
    assert "of that there is no sheet" in flaws(text.replace("2025-13", "1901-01"))["台帳!B2"]
    assert "is no year" in str(flaws("場所|年度|月|枚数\n2f|二〇二五|4|1"))


def test_a_column_between_the_months_that_is_none() -> None:
    assert (
        "'Juen 2025' is no month"
        in flaws("Place|May 2025|Juen 2025|July 2025\n2f|1|2|3")["台帳!C1"]
    )


def test_an_unknown_place_at_the_head_of_a_column() -> None:
    text = """
月|2f|別間
2025-04|1|2
"""
    assert "there is no place '別間'; did you mean 別館?" in flaws(text)["台帳!C1"]
    assert read(text).flaws[0].hint is SheetHint.PLACE


def test_a_name_of_two_places_and_two_names_in_one_row() -> None:
    text = """
場所ID|設置場所|2025-04|2025-05
|倉庫|1|2
2f|別館|1|2
"""
    told = flaws(text)
    assert "'倉庫' is the name of b1, b2; write the id" in told["台帳!B2"]
    assert "2f and 別館 are two places" in told["台帳!row 3"]


def test_a_department_with_several_places_or_only_a_share() -> None:
    text = """
部署|2025年4月|5月
総務課|1|2
税務課|1|2
"""
    told = flaws(text)
    assert "several places in 2025-04 (2f, 1f); give each a row" in told["台帳!row 2"]
    assert "only for a part of 1f in 2025-04" in told["台帳!row 3"]
    assert len(told) == 2


def test_meters_that_are_no_total_together() -> None:
    text = """
設置場所|年月|モノクロ
2f|2025-04|1
"""
    assert "total_mono alone is not the total of 2f; add a column 合計" in flaws(text)["台帳!row 2"]


def test_colours_that_are_more_than_the_total() -> None:
    """Seen (GLPI): colour above the total, and a graph drawn wrong."""
    text = """
設置場所|年月|モノクロ|カラー|合計
2f|2025-04|5|6|10
"""
    assert "come to 11 pages, more than the total 10 in 台帳!E2" in flaws(text)["台帳!D2"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello|world", "no headings were found"),
        ("設置場所|2025年4月|5月", "no figure below the headings"),
        ("設置場所|担当|機種\n2f|1|2", "no heading and no column names months"),
        ("モノクロ|2025年4月|5月\nx|1|2", "no column says which copier"),
    ],
)
def test_what_is_no_sheet_of_months(text: str, why: str) -> None:
    assert why in " ".join(flaws(text).values())


def test_what_could_be_either_must_be_said() -> None:
    text = """
設置場所|2025年4月|5月|6月
2f|1000|1100|1200
"""
    history = read(text, SheetOptions())
    assert [one.hint for one in history.flaws] == [SheetHint.KIND]
    assert history.months == ()
    assert read(text, SheetOptions(SheetKind.READINGS)).flaws == ()


def test_a_title_that_contradicts_the_figures_must_be_settled() -> None:
    text = """
令和7年度 使用枚数
設置場所|4月|5月|6月|7月|8月|9月
2f|1000|1100|1300|1400|1500|1550
"""
    assert [one.hint for one in read(text, SheetOptions()).flaws] == [SheetHint.KIND]
