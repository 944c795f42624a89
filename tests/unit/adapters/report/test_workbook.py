"""The workbook, read back: figures are numbers, names are texts, sheets are ready for A4."""

import io
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, LineChart
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.sheets import spread
from collector.adapters.report.workbook import xlsx
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.report.month_report import MonthReport
from collector.domain.report.table import Column, Table, clean
from tests.fakes.month_report import HOSTILE, SEAL, closed_report, running_report

pytestmark = pytest.mark.slow

STAMPS = ("部長", "課長", "係長", "担当")


def book_of(report: MonthReport, language: str = "ja") -> Workbook:
    return load_workbook(io.BytesIO(xlsx(report, language, STAMPS)))


@pytest.fixture(scope="module")
def closed() -> Workbook:
    return book_of(closed_report())


def table(sheet: Worksheet, heading: str = "", row: int = 4) -> list[dict[str, object]]:
    """Return the lines of the table whose headings stand in `row`, up to the first empty line."""
    del heading
    names = [str(cell.value) for cell in sheet[row] if cell.value is not None]
    found = []
    for cells in sheet.iter_rows(min_row=row + 1, max_col=len(names)):
        if cells[0].value is None:
            break
        found.append(dict(zip(names, (cell.value for cell in cells), strict=True)))
    return found


def texts(sheet: Worksheet) -> str:
    return "\n".join(
        str(cell.value) for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
    )


def test_sheets_in_both_languages(closed: Workbook) -> None:
    assert closed.sheetnames == ["概要", "部署別", "設置場所別", "月別", "調整", "注記"]
    english = book_of(running_report(), "en")
    assert english.sheetnames == ["Summary", "Departments", "Places", "Months", "Notes"]


def test_departments_are_numbers_with_formats(closed: Workbook) -> None:
    sheet = closed["部署別"]
    soumu, zeimu, fukushi, kyoiku, *_ = table(sheet)
    assert (soumu["部署"], soumu["面数"], soumu["目標"], soumu["残り"]) == (
        "総務課",
        15911,
        16811,
        900,
    )
    assert soumu["目標比"] == pytest.approx(15911 / 16811)
    assert (zeimu["残り"], zeimu["判定"]) == (-400, "超過")
    assert (fukushi["モノクロ"], kyoiku["目標"], kyoiku["前年同月"]) == (None, None, None)
    assert soumu["用紙（枚）"] == 10607
    assert "用紙のCO2（kg）" not in soumu, "no factor, no column"
    headings = {cell.value: cell.column for cell in sheet[4]}
    formats = {
        name: sheet.cell(5, column).number_format for name, column in headings.items() if name
    }
    assert formats["面数"] == '#,##0;"▲"#,##0'
    assert formats["目標比"] == "0.0%"
    assert formats["増減率"] == '+0.0%;"▲"0.0%;0.0%'


def test_the_last_line_is_the_office(closed: Workbook) -> None:
    report = closed_report()
    lines = table(closed["部署別"])
    assert [line["部署"] for line in lines][4:] == ["全庁"]
    assert [closed["部署別"].cell(row, 2).value for row in (10, 11)] == [
        "枚数の根拠: 面数 − 両面枚数 3 台、同種の機器の両面率 1 台（推定）",
        "モノクロとカラーの合計が面数に満たないのは、内訳を答えない複合機があるためです。",
    ]
    assert lines[4]["使用枚数"] == 46_924 * 5 // 8
    assert (lines[4]["枚数の品質"], lines[4]["両面率"]) == ("推定", 0.75)
    assert lines[4]["面数"] == report.office.pages == sum(int(str(x["面数"])) for x in lines[:4])
    assert (lines[4]["検針済（台）"], lines[4]["全数（台）"]) == (7, 8)
    places = table(closed["設置場所別"])
    assert places[-1]["面数"] == report.office.pages


def test_places_with_readings_times_and_distances(closed: Workbook) -> None:
    places = {line["番号"]: line for line in table(closed["設置場所別"])}
    hall = places["p1"]
    assert (hall["前回検針値"], hall["今回検針値"], hall["面数"]) == (494354, 502346, 7992)
    assert hall["前回 検針日時"] == datetime(2026, 10, 31, 23, 56)  # noqa: DTZ001 - a cell's wall clock
    assert (hall["前回 差(分)"], hall["今回 差(分)"], hall["区分"]) == (-4, 2, "測定")
    assert hall["機種・機番"] == "IM C3000 3081R900000"
    silent = places["p7"]
    assert [silent[key] for key in ("推定分", "推定下限", "推定上限")] == [610, 470, 750]
    assert (places["p3"]["調整"], places["p3"]["区分"]) == (-37, "補正")
    assert places["p6"]["部署"] == "福祉課 4,491・教育委員会事務局　学校教育係 2,994"
    assert "機器交換（900 まで、W1X900001 は 77,000 から）" in str(places["p5"]["備考"])


def test_hostile_names_stay_texts_also_when_they_are_edited(closed: Workbook) -> None:
    sheet = closed["設置場所別"]
    (cell,) = [one for one in sheet["A"] if one.value == HOSTILE]
    assert (cell.data_type, cell.quotePrefix, cell.hyperlink) == ("s", True, None)
    plain = next(one for one in sheet["A"] if one.value == "2階 総務課前")
    assert not plain.quotePrefix


@settings(max_examples=15)
@given(
    st.text(max_size=12),
    st.sampled_from(
        ["", "=", "+", "-", "@", "\t=", "\x00", "#N/A", "{=", "000", "&D", "2026-11-01"]
    ),
)
def test_every_text_cell_is_a_text(text: str, begin: str) -> None:
    report = closed_report()
    name = begin + text
    place = replace(report.places[0], name=name)
    one = replace(report.departments[0], department=Department(DepartmentId("x"), name))
    book = book_of(replace(report, places=(place,), departments=(one,), site="&A" + name))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "d"}, (sheet.title, cell.coordinate, cell.value)
    shown = book["設置場所別"]["A5"]
    assert (shown.value or "") == clean(name)


def test_headers_and_footers_hold_no_code_from_outside() -> None:
    sheet = book_of(closed_report(site="R&D"))["概要"]
    assert str(sheet.oddHeader.left.text).startswith("R&&D  複合機")
    assert sheet.oddHeader.right.text == "確定 第2版"
    long = book_of(closed_report(site="&" * 300))["概要"]
    assert len(long.oddHeader.left.text) < 255 - len("&L&8 &R&8 確定 第2版")
    assert sheet.oddFooter.right.text == "&P / &N ページ"


def test_every_sheet_is_set_up_for_a4(closed: Workbook) -> None:
    for sheet in closed:
        assert sheet.page_setup.paperSize == 9, sheet.title
        wide = 2 if sheet.title in {"部署別", "設置場所別"} else 1
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (wide, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    orientations = {sheet.title: sheet.page_setup.orientation for sheet in closed}
    assert orientations["概要"] == orientations["注記"] == "portrait"
    assert (
        orientations["部署別"] == orientations["設置場所別"] == orientations["月別"] == "landscape"
    )
    for name in ("部署別", "設置場所別"):
        assert closed[name].freeze_panes == "B5"
        assert closed[name].print_title_rows == "$4:$4"
        assert closed[name].auto_filter.ref.startswith("A4:")


def test_a_table_too_wide_for_paper_goes_on_beside_it_with_its_first_column(
    closed: Workbook,
) -> None:
    sheet = closed["部署別"]
    assert sheet.print_title_cols == "$A:$A"
    assert sheet.page_setup.pageOrder == "overThenDown"
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [None] * 3, "else on each sheet, cut"
    assert str(sheet.cell(1, 2).value).startswith("部署別の内訳")


@given(st.lists(st.integers(4, 40), min_size=2, max_size=60), st.integers(1, 2))
def test_no_table_is_made_so_small_that_nobody_reads_it(widths: list[int], again: int) -> None:
    columns: tuple[Column[int], ...] = tuple(
        Column(f"{n}", None, "x", width=one) for n, one in enumerate(widths)
    )
    found = spread(Table("t", columns, ()), again)
    kept, others = sum(widths[:again]), sum(widths[again:])
    assert found.sheets * (188 - kept) >= others, "at six tenths of its size a sheet holds so much"
    if found.sheets == 1:
        assert (found.begins, found.across) == (1, 0)
    else:
        assert found.begins == again + 1
        first = widths[again : again + found.across]
        assert found.across == 1 or sum(first) <= others / found.sheets


def test_columns_are_wide_enough_for_japanese(closed: Workbook) -> None:
    sheet = closed["設置場所別"]
    assert sheet.column_dimensions["A"].width >= 20
    heights = [sheet.row_dimensions[row].height for row in range(5, 13)]
    assert max(heights) > min(heights), "long remarks get more lines"


def test_the_chart_is_native_and_shows_the_months(closed: Workbook) -> None:
    (chart,) = closed["概要"]._charts
    assert isinstance(chart, BarChart)
    (series,) = chart.series
    assert series.val.numRef.f == "'月別'!$C$5:$C$17"
    assert series.cat.numRef.f == "'月別'!$A$5:$A$17"
    lines = [one for one in chart._charts if isinstance(one, LineChart)]
    assert [one.series[0].val.numRef.f for one in lines] == ["'月別'!$D$5:$D$17"]
    months = table(closed["月別"])
    assert [line["月"] for line in months][::12] == ["2025-11", "2026-11"]
    assert (months[3]["面数"], months[3]["状態"]) == (None, "記録なし")
    assert (months[12]["和暦"], months[12]["面数"]) == ("令和8年11月", 46924)


def test_a_month_that_is_not_final_is_hatched() -> None:
    (chart,) = book_of(running_report())["概要"]._charts
    hatched = [one.idx for one in chart.series[0].dPt if one.spPr.pattFill is not None]
    assert hatched == [12]


def test_year_to_date_and_departments_by_month(closed: Workbook) -> None:
    sheet = closed["月別"]
    begins = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    year = table(sheet, row=begins["令和8年度（2026年度） 累計"] + 1)
    assert [line["月"] for line in year] == [f"2026-{month:02}" for month in range(4, 12)]
    assert year[-1]["累計"] == sum(int(str(line["面数"])) for line in year)
    assert year[-1]["累計の残り"] == int(str(year[-1]["目標累計"])) - int(str(year[-1]["累計"]))
    months = table(sheet, row=begins["部署別 13 か月の面数"] + 1)
    assert [line["部署"] for line in months][-2:] == ["（現在ない部署）", "全庁"]
    for month in ("2025-11", "2026-11"):
        counts = [int(str(line[month] or 0)) for line in months]
        assert sum(counts[:-1]) == counts[-1]


def test_the_front_page_says_it_all(closed: Workbook) -> None:
    sheet = closed["概要"]
    said = texts(sheet)
    assert "令和8年11月（2026-11）　town-hall" in said
    assert "確定 第2版（2026-12-07 09:12 佐藤 締め）" in said
    assert SEAL in said
    assert "目標 41,000 面を 5,924 面上回りました（目標比 114.4%）" in said
    assert "8 台中 7 台検針、1 台推定（±140 面）" in said
    assert [sheet.cell(1, column).value for column in (5, 6, 7, 8)] == list(STAMPS)
    assert {str(one) for one in sheet.merged_cells.ranges} >= {"E2:E4", "H2:H4"}
    (pages,) = [row for row in sheet.iter_rows(max_col=2) if row[0].value == "面数"]
    assert (pages[1].value, pages[1].number_format) == (46924, '#,##0" 面";"▲"#,##0" 面"')


def test_a_running_month_is_marked_everywhere() -> None:
    book = book_of(running_report())
    for sheet in book:
        if sheet.title != "注記":
            assert "速報 — 2026-11-25 13:00 現在" in texts(sheet), sheet.title
        assert sheet.oddHeader.right.text == "速報"
    assert SEAL not in texts(book["概要"])
    assert "最新 読取日時" in texts(book["設置場所別"])
    assert "今回 差(分)" not in texts(book["設置場所別"])
    assert "月末は 56,309 面（51,616～61,001 面）の見込みです。" in texts(book["概要"])


def test_adjustments_tell_their_reason(closed: Workbook) -> None:
    first, total = table(closed["調整"])
    assert (first["設置場所"], first["版"], first["面数"]) == ("3階 税務課 窓口", 2, -37)
    assert (first["部署"], first["入力番号"]) == ("税務課", "a1b2c3d4e5f6")
    assert "パネルで確認" in str(first["理由"])
    assert total["面数"] == -37


def test_no_stamp_boxes_where_none_are_wanted() -> None:
    sheet = load_workbook(io.BytesIO(xlsx(closed_report(), "ja", ())))["概要"]
    assert [sheet.cell(1, column).value for column in range(2, 9)] == [None] * 7


def test_units_are_declared_and_terms_explained(closed: Workbook) -> None:
    for sheet in closed:
        assert "用紙の片面 1 ページ＝1 面" in texts(sheet), sheet.title
    notes = texts(closed["注記"])
    for term in (
        "面",
        "枚",
        "読取面",
        "測定",
        "推定",
        "補正",
        "copier-fleet statement verify 2026-11",
    ):
        assert term in notes
