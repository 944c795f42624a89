"""How cells are written, and which texts a spreadsheet might run."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.report.sentences import text_of
from collector.adapters.report.sheets import excel_format
from collector.domain.report.table import Cell, CellKind, clean, is_dangerous


@pytest.mark.parametrize(
    ("cell", "kind", "ja", "en"),
    [
        (None, CellKind.COUNT, "", ""),
        (0, CellKind.COUNT, "0", "0"),
        (1234567, CellKind.COUNT, "1,234,567", "1,234,567"),
        (-1200, CellKind.COUNT, "▲1,200", "-1,200"),
        (37, CellKind.SIGNED, "+37", "+37"),
        (-37, CellKind.SIGNED, "▲37", "-37"),
        (0, CellKind.SIGNED, "0", "0"),
        (1.0428, CellKind.SHARE, "104.3%", "104.3%"),
        (-0.074, CellKind.CHANGE, "▲7.4%", "-7.4%"),
        (-4, CellKind.MINUTES, "-4", "-4"),
        (2, CellKind.MINUTES, "+2", "+2"),
        (Decimal("52.14"), CellKind.AMOUNT, "52.1", "52.1"),
        (datetime(2026, 11, 30, 23, 56), CellKind.TIME, "11-30 23:56", "11-30 23:56"),  # noqa: DTZ001 - a cell's wall clock
        ("=1+1", CellKind.TEXT, "=1+1", "=1+1"),
    ],
)
def test_cells_in_both_languages(cell: Cell, kind: CellKind, ja: str, en: str) -> None:
    assert text_of(cell, kind, japanese=True) == ja
    assert text_of(cell, kind, japanese=False) == en


def test_number_formats_of_a_spreadsheet() -> None:
    assert excel_format(CellKind.COUNT, japanese=True) == '#,##0;"▲"#,##0'
    assert excel_format(CellKind.COUNT, japanese=False) == "#,##0;-#,##0"
    assert excel_format(CellKind.TEXT, japanese=True) == "@"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "　＋1",
        "＠a",
    ],
)
def test_what_a_spreadsheet_might_run(text: str) -> None:
    assert is_dangerous(text)


@pytest.mark.parametrize("text", ["", "2階 総務課", "a=b", "1F-2", "'=1"])
def test_what_it_takes_for_a_text(text: str) -> None:
    assert not is_dangerous(text)


@given(st.text())
def test_cleaned_texts_hold_nothing_that_xml_refuses(text: str) -> None:
    found = clean(text)
    found.encode()
    assert not set(found) & {chr(code) for code in (*range(32), *range(127, 160), 0xFFFE, 0xFFFF)}
    assert clean(found) == found


def test_cleaning_keeps_japanese_and_wide_blanks() -> None:
    assert clean("総務課　庶務係 №1") == "総務課　庶務係 №1"
    assert clean("a\r\nb\x00c\u202ed") == "a b\ufffdc\ufffdd"
