"""Sheets as they look: what is read from them, and what is left out and told."""

from datetime import date

import pytest

from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.history import SheetOptions, read_history
from collector.domain.old_sheets.rows import Axis
from collector.domain.old_sheets.usage import SheetKind
from collector.domain.sentence import sentence
from tests.unit.domain.old_sheets.sheets import (
    FLEET,
    LONG_AGO,
    OFFICE,
    READINGS,
    TOTALS,
    notes,
    pages,
    place,
    read,
    sheet,
)
from tests.wording import english

WIDE = """
令和7年度 コピー使用枚数
||||単位：枚
No.|設置場所|機種|4月|5月|6月|合計
1|2階 総務課前|iR3570|100|200|-|300
|
2|別館|MP 2004|10|0|30|40
合計|||110|200|30|340
※ 6月は入替
"""


def test_a_sheet_as_offices_keep_it() -> None:
    history = read(WIDE, SheetOptions())
    assert pages(history) == {
        "2f 2025-04": 100,
        "2f 2025-05": 200,
        "annex 2025-04": 10,
        "annex 2025-05": 0,
        "annex 2025-06": 30,
    }
    assert history.layouts == (Axis.MONTHS,)
    assert (history.kind, history.because) == (SheetKind.TOTALS, sentence("kind.title"))
    assert history.months[0].source == "old.xlsx: 台帳!D4"
    assert notes(WIDE) == {
        "台帳!G3": "a column headed '合計' was not used",
        "台帳!row 7": "a row of sums (合計) was left out",
        "台帳!row 8": "rows without a figure were left out: 8",
    }


def test_the_same_turned_round() -> None:
    text = """
月|2f|別館
2025年4月|100|10
5月|200|0
合計|300|10
"""
    history = read(text)
    assert pages(history) == {
        "2f 2025-04": 100,
        "2f 2025-05": 200,
        "annex 2025-04": 10,
        "annex 2025-05": 0,
    }
    assert history.layouts == (Axis.PLACES,)


def test_turned_round_with_nothing_in_the_corner_and_months_merged() -> None:
    text = """
|2階 総務課前|別館
4月|100|10
5月|200|20
"""
    assert pages(read(text, SheetOptions(SheetKind.TOTALS, year=2025)))["annex 2025-05"] == 20


def test_two_years_below_one_another() -> None:
    text = """
令和6年度
設置場所|4月|3月
2f|1|2

令和7年度
設置場所|4月|3月
2f|3|4
"""
    expected = {"2f 2024-04": 1, "2f 2025-03": 2, "2f 2025-04": 3, "2f 2026-03": 4}
    assert pages(read(text)) == expected


def test_two_years_beside_one_another() -> None:
    text = """
|令和6年度||令和7年度|
設置場所|4月|3月|4月|3月
2f|1|2|3|4
"""
    expected = {"2f 2024-04": 1, "2f 2025-03": 2, "2f 2025-04": 3, "2f 2026-03": 4}
    assert pages(read(text)) == expected


def test_readings_with_the_month_before_the_year() -> None:
    text = """
令和7年度 カウンター検針表
設置場所|3月末|4月末|5月末
2f|1000|1500|1500
"""
    history = read(text, READINGS)
    assert pages(history) == {"2f 2025-04": 500, "2f 2025-05": 0}
    (april, _) = history.months
    assert (april.opening, april.closing) == ({"total": 1000}, {"total": 1500})
    assert "a first reading only opens" in notes(text, READINGS)["台帳!B3"]


def test_each_row_with_both_readings_and_the_difference() -> None:
    text = """
設置場所|年月|前月指針|当月指針|使用枚数
2f|2025-04|1000|1500|500
|2025-05|1500|1600|100
別館|2025-04|20|70|
"""
    history = read(text, SheetOptions())
    assert pages(history) == {"2f 2025-04": 500, "2f 2025-05": 100, "annex 2025-04": 50}
    assert history.kind is SheetKind.READINGS
    assert history.months[2].opening == {"total": 20}


def test_an_exchanged_machine_with_its_own_opening_reading() -> None:
    text = """
設置場所|年月|前月指針|当月指針
2f|2025-04|99000|99500
2f|2025-05|50|300
"""
    assert pages(read(text, SheetOptions())) == {"2f 2025-04": 500, "2f 2025-05": 250}
    assert "another machine or counter" in notes(text)["台帳!C3"]


def test_an_exchanged_machine_whose_pages_somebody_wrote_down() -> None:
    text = """
設置場所|年月|指針|使用枚数
2f|2025-04|99500|500
2f|2025-05|300|800
2f|2025-06|400|100
"""
    history = read(text, SheetOptions())
    assert list(pages(history).values()) == [500, 800, 100]
    assert history.months[1].opening == {}
    assert "another machine or counter" in notes(text, SheetOptions())["台帳!C3"]


def test_a_month_that_was_not_read_is_left_out_with_the_next() -> None:
    text = """
設置場所|2025年4月|5月|6月|7月
2f|1000||1300|1400
"""
    assert pages(read(text, READINGS)) == {"2f 2025-07": 100}
    assert "no reading stands at the end of 2025-05" in notes(text, READINGS)["台帳!D2"]


def test_months_over_meters_and_a_machine_without_colour() -> None:
    text = """
設置場所|2025年4月|||2025年5月||
|モノクロ|カラー|計|モノクロ|カラー|計
2f|1|2|3|4|5|9
別館|7|-|7|8|-|8
"""
    history = read(text)
    assert pages(history) == {
        "2f 2025-04": 3,
        "2f 2025-05": 9,
        "annex 2025-04": 7,
        "annex 2025-05": 8,
    }
    assert pages(history, "total_color") == {"2f 2025-04": 2, "2f 2025-05": 5}


def test_the_total_is_the_sum_of_its_parts_where_no_column_says_it() -> None:
    text = """
設置場所|区分|2025年4月|5月
2f|モノクロ|1|4
|カラー|2|
別館|モノクロ|7|8
|カラー||
"""
    history = read(text)
    assert pages(history) == {"2f 2025-04": 3, "annex 2025-04": 7, "annex 2025-05": 8}
    assert "2025-05 of 2f was left out: total_color is not known" in str(notes(text))


def test_copies_and_prints_by_colour_make_a_total() -> None:
    text = """
設置場所|年月|コピー モノクロ|コピー カラー|プリント|FAX
2f|2025-04|1|2|4|8
"""
    history = read(text)
    assert pages(history) == {"2f 2025-04": 15}
    assert pages(history, "copy_color") == {"2f 2025-04": 2}


def test_figures_in_a_column_of_values() -> None:
    text = """
Place|Month|Meter|Value
2f|Apr-25|Total|10
2f|Apr-25|Color|4
2f|May-25|Total|20
"""
    assert pages(read(text)) == {"2f 2025-04": 10, "2f 2025-05": 20}


def test_a_column_called_meter_that_holds_the_readings() -> None:
    text = """
Place|Month|Meter
2f|Apr-25|1000
2f|May-25|1200
"""
    assert pages(read(text, READINGS)) == {"2f 2025-05": 200}


def test_year_and_month_in_columns_of_their_own() -> None:
    text = """
場所|年度|月|枚数
2f|令和7年度|4|10
||3|20
"""
    assert pages(read(text)) == {"2f 2025-04": 10, "2f 2026-03": 20}
    calendar = text.replace("年度|月", "年|月").replace("令和7年度", "2025")
    assert pages(read(calendar)) == {"2f 2025-04": 10, "2f 2025-03": 20}


def test_months_merged_over_places() -> None:
    text = """
年月|設置場所|枚数
2025-04|2f|10
|別館|20
2025-05|2f|30
"""
    assert pages(read(text)) == {"2f 2025-04": 10, "annex 2025-04": 20, "2f 2025-05": 30}


def test_real_dates_are_their_months() -> None:
    text = """
設置場所|x|x
2f|10|20
"""
    history = read(text, TOTALS, ("B1", date(2025, 4, 1)), ("C1", date(2025, 5, 1)))
    assert pages(history) == {"2f 2025-04": 10, "2f 2025-05": 20}


def test_dates_of_the_reading_are_taken_for_their_month_and_that_is_told() -> None:
    text = """
設置場所|検針日|枚数
2f|2025/4/30|10
"""
    assert pages(read(text)) == {"2f 2025-04": 10}
    assert "whatever the day" in notes(text)["台帳!B2"]


def test_columns_without_headings_are_found_by_what_they_list() -> None:
    text = """
|カウンタ|2025年4月|5月
2階 総務課前|モノクロ|1|2
|カラー|3|4
"""
    assert pages(read(text)) == {"2f 2025-04": 4, "2f 2025-05": 6}


def test_ids_and_names_may_stand_beside_each_other() -> None:
    text = """
場所ID|設置場所|2025-04|2025-05
2f|2階 総務課前|1|2
|別館|3|4
"""
    assert pages(read(text))["annex 2025-05"] == 4


def test_a_year_by_the_sheets_name_or_the_readers_word() -> None:
    text = """
設置場所|12月|1月
2f|1|2
"""
    assert pages(read(text, name="R7年度")) == {"2f 2025-12": 1, "2f 2026-01": 2}
    assert pages(read(text, name="2025")) == {"2f 2025-12": 1, "2f 2026-01": 2}
    told = SheetOptions(SheetKind.TOTALS, year=2020)
    assert pages(read(text, told, name="R7年度")) == {"2f 2020-12": 1, "2f 2021-01": 2}


def test_a_sheet_of_departments_stands_for_their_only_places() -> None:
    text = """
部署|2025年4月|5月
教育委員会|1|2
"""
    assert pages(read(text)) == {"annex 2025-04": 1, "annex 2025-05": 2}
    assert notes(text) == {"台帳!row 2": "教育委員会 stands for its only place annex"}


def test_a_department_answers_for_its_place_by_the_month() -> None:
    moved = place("3f", "3階", (LONG_AGO, {"zeimu": 100}), (date(2025, 5, 1), {"kyoiku": 100}))
    fleet = Fleet(FLEET.departments, (moved,))
    text = """
部署|2025年4月
税務課|1
"""
    assert pages(read(text, fleet=fleet)) == {"3f 2025-04": 1}
    late = read_history(sheet(text.replace("4月", "5月")), fleet, OFFICE, TOTALS)
    assert "answered for no place in 2025-05" in english(late.flaws[0].message)


def test_other_names_are_given_by_the_reader() -> None:
    text = """
設置場所|2025年4月|5月
総務前 旧機|1|2
廃止した機|3|4
"""
    called = {"総務前旧機": PlaceId("2f"), "廃止した機": None}
    history = read(text, SheetOptions(SheetKind.TOTALS, called=called))
    assert pages(history) == {"2f 2025-04": 1, "2f 2025-05": 2}
    assert "left out, as you said" in [english(one.message) for one in history.notes]


def test_only_the_months_that_were_asked_for() -> None:
    text = """
設置場所|2025年3月|4月|5月|6月
2f|1000|1100|1300|1600
"""
    asked = SheetOptions(SheetKind.READINGS, since="2025-05", until="2025-05")
    assert pages(read(text, asked)) == {"2f 2025-05": 200}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(SheetKind.TOTALS, [1000, 1300, 1600]), (SheetKind.READINGS, [300, 300])],
)
def test_the_readers_word_wins(stated: SheetKind, expected: list[int]) -> None:
    text = """
設置場所|2025年4月 枚数|5月 枚数|6月 枚数
2f|1000|1300|1600
"""
    assert list(pages(read(text, SheetOptions(stated))).values()) == expected
    for word in ("指針", "使用枚数"):
        said = read(text.replace("枚数", word), SheetOptions(stated))
        assert list(pages(said).values()) == expected


def test_readings_are_known_by_growing_over_half_a_year() -> None:
    text = """
設置場所|2025年4月|5月|6月|7月|8月|9月|10月
2f|1000|1100|1300|1400|1500|1550|1560
別館|10|20|30|40|50|60|70
"""
    history = read(text, SheetOptions())
    assert (history.kind, history.because) == (SheetKind.READINGS, sentence("kind.grow"))
    assert len(history.months) == 12


def test_one_fall_among_many_rises_is_a_reading_that_fell_and_no_sheet_of_totals() -> None:
    text = """
設置場所|2025年4月|5月|6月|7月|8月|9月|10月
2f|1000|1100|1300|1400|1500|1550|1560
別館|10|20|30|40|50|60|2
"""
    history = read(text, SheetOptions())
    assert history.kind is SheetKind.READINGS
    assert "2 is below the 60 in 台帳!G3" in english(history.flaws[0].message)
