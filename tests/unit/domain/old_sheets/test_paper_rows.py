"""Ledgers of purchased paper as offices keep them, and what is wrong with one, by its cells."""

from datetime import date

import pytest

from collector.domain.counting.entries import PaperSize
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.old_sheets.cells import Broken, Remarks, Value
from collector.domain.old_sheets.paper_rows import PaperRow, read_paper, size_in
from collector.domain.sentence import sentence
from tests.unit.app.office import TOKYO, Office
from tests.unit.domain.old_sheets.sheets import sheet

OFFICE = Office("hall", TOKYO)
SOUMU, ZEIMU = DepartmentId("soumu"), DepartmentId("zeimu")
DEPARTMENTS = (Department(SOUMU, "総務課", "General Affairs"), Department(ZEIMU, "税務課"))


def read(
    text: str, *cells: tuple[str, Value], office: Office = OFFICE
) -> tuple[tuple[PaperRow, ...], Remarks]:
    remarks = Remarks()
    return read_paper(sheet(text, *cells), DEPARTMENTS, office, remarks), remarks


def flaws(remarks: Remarks) -> list[tuple[int, int | None, str]]:
    return [(one.line, one.column, one.message.key) for one in remarks.flaws]


def test_a_ledger_with_a_title_boxes_and_sums() -> None:
    rows, remarks = read(
        """
        令和8年度 用紙購入台帳
        納品日|課名|用紙サイズ|購入数量|入数|仕入先|伝票番号|単価
        4月8日|総務課|Ａ４|10箱|2,500|中央文具|12|2,980
        2026/5/7||コピー用紙 A3|3|1,500枚|中央文具||
        R8.6.1|zeimu|B5判|5冊|500|||
        合計||||||
        """,
        ("A4", date(2026, 5, 7)),
    )
    assert flaws(remarks) == []
    assert [(one.line, one.message.key) for one in remarks.notes] == [(6, "sheet.row_of_sums")]
    assert [(one.day, one.department, one.size, one.bought, one.stock) for one in rows] == [
        (date(2026, 4, 8), SOUMU, PaperSize.A4, 25_000, None),
        (date(2026, 5, 7), None, PaperSize.A3, 4500, None),
        (date(2026, 6, 1), ZEIMU, PaperSize.B5, 2500, None),
    ]
    assert [(one.supplier, one.slip) for one in rows] == [
        ("中央文具", "12"),
        ("中央文具", ""),
        ("", ""),
    ]


def test_a_monthly_form_names_months_and_what_is_left_in_store() -> None:
    form = """
        年月|サイズ|購入枚数|月末在庫
        2026年4月|A4|5,000|1,200
        2026年5月|A4|0|0
        """
    rows, remarks = read(form)
    assert flaws(remarks) == []
    days = [(one.day, one.bought, one.stock) for one in rows]
    assert days == [(date(2026, 4, 30), 5000, 1200), (date(2026, 5, 31), 0, 0)]
    closed, _ = read(form, office=Office("hall", TOKYO, closing_day=20))
    assert [one.day for one in closed] == [date(2026, 4, 20), date(2026, 5, 20)]


def test_headings_in_english_and_columns_that_are_not_used() -> None:
    rows, remarks = read(
        "date|department|size|sheets|colour\n2026-04-08|General Affairs|a4|500|white"
    )
    assert [(one.department, one.bought) for one in rows] == [(SOUMU, 500)]
    assert [one.message.key for one in remarks.notes] == ["sheet.column_not_used"]


def test_every_fault_is_told_with_its_line_and_cell() -> None:
    rows, remarks = read(
        """
        日付|課|サイズ|枚数|数量|入数|在庫
        2026-04-01|総務課|A2|500
        2026-04-31|総務課|A4|500
        04-01|総務課|A4|500
        4月1日|総務課|A4|500
        2026-04-01|総武課|A4|500
        2026-04-01|会計課|A4|500
        2026-04-01||A4|五百
        2026-04-01||A4|-500
        2026-04-01||A4||3
        2026-04-01||A4|700|3|500
        2026-04-01||A4
        2026-04-01||A4 A3|500
        2026-04-01||A4|500|||1|
        """,
        ("D14", Broken(sentence("cell.error", error="#REF!"))),
    )
    assert flaws(remarks) == [
        (2, 2, "paper.no_size"),
        (3, 0, "paper.no_day"),
        (4, 0, "paper.no_year"),
        (5, 0, "paper.no_year"),
        (6, 1, "paper.no_department.near"),
        (7, 1, "paper.no_department"),
        (8, 3, "cell.no_whole_number"),
        (9, 3, "cell.negative"),
        (10, 4, "paper.how_many_each"),
        (11, 3, "paper.two_amounts"),
        (12, None, "paper.no_figure"),
        (13, 2, "paper.no_size"),
        (14, 3, "cell.error"),
    ]
    assert rows == ()


def test_a_sheet_without_such_headings_is_refused() -> None:
    rows, remarks = read("設置場所|2026-04\n1f|1200")
    assert (rows, flaws(remarks)) == ((), [(0, None, "paper.no_headings")])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *((one, PaperSize.A4) for one in ("A4", "ａ４", "A4判", "PPC用紙A4(500枚×5冊)", "A4 A4")),
        *((one, None) for one in ("", "A2", "A44", "KA4", "大判", "A4/A3", "B6", "A")),
        ("JIS B4", PaperSize.B4),
    ],
)
def test_sizes_as_people_write_them(text: str, size: PaperSize | None) -> None:
    assert size_in(text) is size
