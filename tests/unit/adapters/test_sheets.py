"""Spreadsheet files as plain cells, and every file that is none refused in one sentence."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from collector.adapters.sheets import MOST_COLUMNS, MOST_LINES, is_workbook, read_csv, read_workbook
from collector.bootstrap.files import read_sheet
from collector.domain.old_sheets.cells import Broken, Value
from collector.domain.sentence import sentence
from collector.errors import ConfigError
from collector.settings.fleet.csv_layout import decode
from tests.stories.sheets import Grid, as_csv, as_xlsx
from tests.wording import english

pytestmark = pytest.mark.slow

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GRID: Grid = [["設置場所", "4月"], ["2階", 100]]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes, wanted: str | None = None) -> dict[int, tuple[Value, ...]]:
    sheet = read_workbook(data, "old.xlsx", wanted)
    return {line.number: line.values for line in sheet.lines}


def why(data: bytes, wanted: str | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        read_workbook(data, "old.xlsx", wanted)
    (problem,) = refused.value.problems
    assert problem.path.startswith("old.xlsx")
    return problem.message


def csv_why(data: bytes) -> str:
    with pytest.raises(ConfigError) as refused:
        read_csv(data, "old.csv", decode)
    return refused.value.problems[0].message


def test_a_workbooks_cells_with_their_rows() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "R7"
    sheet["B3"] = "  設置場所 "
    sheet["C3"] = datetime(2025, 4, 1, 12, 30)  # noqa: DTZ001 - as Excel keeps it
    sheet["D3"] = date(2025, 5, 1)
    sheet["B5"] = 100
    sheet["C5"] = 12.5
    sheet["D5"] = True
    sheet["E5"] = "   "
    read = read_workbook(saved(book), "old.xlsx", None)
    assert (read.file, read.name) == ("old.xlsx", "R7")
    assert {line.number: line.values for line in read.lines} == {
        3: (None, "設置場所", date(2025, 4, 1), date(2025, 5, 1)),
        5: (None, 100, 12.5, "TRUE"),
    }
    assert read.where(5, 2) == "old.xlsx: R7!C5"


def test_numbers_that_are_shown_as_months() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for column, form in enumerate(('0"月"', 'General"月"', "0月", '#"年度"', "#,##0"), start=1):
        cell = sheet.cell(1, column, 4)
        cell.number_format = form
    assert cells(saved(book)) == {1: ("4月", "4月", "4月", "4年度", 4)}


def test_a_formula_is_its_last_result_and_without_one_it_is_told() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["C1"] = 1, "=A1+1", "=1/0"
    ((_, formula, other),) = cells(saved(book)).values()
    assert isinstance(formula, Broken)
    assert "save it again" in english(formula.says)
    assert isinstance(other, Broken)
    results = patched(
        saved(book),
        {"<f>A1+1</f><v />": "<f>A1+1</f><v>2</v>", "<f>A1+1</f><v></v>": "<f>A1+1</f><v>2</v>"},
    )
    results = patched(
        results,
        {
            '<c r="C1"><f>1/0</f><v />': '<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v>',
            '<c r="C1"><f>1/0</f><v></v>': '<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v>',
        },
    )
    ((_, formula, other),) = cells(results).values()
    assert formula == 2
    assert other == Broken(sentence("cell.error", error="#DIV/0!"))


def patched(
    data: bytes, changes: Mapping[str, str], name: str = "xl/worksheets/sheet1.xml"
) -> bytes:
    """Return the workbook with the text of one part changed, as another program had saved it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            octets = old.read(part)
            if part == name:
                text = octets.decode()
                for before, after in changes.items():
                    text = text.replace(before, after)
                octets = text.encode()
            new.writestr(part, octets)
    return out.getvalue()


def test_what_a_workbook_says_of_its_size_is_not_believed() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["C3"] = "x", 5
    lying = patched(saved(book), {'ref="A1:C3"': 'ref="A1"'})
    assert cells(lying) == {1: ("x",), 3: (None, None, 5)}


def test_the_only_sheet_that_holds_anything_is_meant() -> None:
    data = as_xlsx({"Sheet1": [], "台帳": GRID, "Sheet3": []})
    assert read_workbook(data, "old.xlsx", None).name == "台帳"


def test_several_sheets_must_be_chosen_from_and_a_wrong_name_lists_them() -> None:
    data = as_xlsx({"令和6年度": GRID, "令和7年度": [["x"]]})
    assert "say which: 令和6年度, 令和7年度" in why(data)
    assert cells(data, "令和7年度") == {1: ("x",)}
    assert why(data, "R7") == "has no sheet 'R7'; it has: 令和6年度, 令和7年度"
    assert "has no sheet that holds anything (sheets: 空)" in why(as_xlsx({"空": []}))
    assert why(as_xlsx({"空": [], "x": GRID}), "空") == "is empty"


def test_hidden_sheets_are_read_only_by_name() -> None:
    book = Workbook()
    shown = book.active
    assert shown is not None
    shown["A1"] = "x"
    hidden = book.create_sheet("old")
    hidden["A1"] = "y"
    hidden.sheet_state = "hidden"
    assert cells(saved(book)) == {1: ("x",)}
    assert cells(saved(book), "old") == {1: ("y",)}


def test_files_that_are_no_workbook_it_can_read() -> None:
    locked = OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
    assert "locked with a password" in why(locked)
    assert "old Excel file (.xls)" in why(OLE + b"\0" * 500 + "Workbook".encode("utf-16-le"))
    whole = as_xlsx({"台帳": GRID})
    assert "not whole" in why(whole[: len(whole) // 2])
    assert "not whole" in why(b"PK\x03\x04")
    assert "is no Excel workbook" in why(archive({"mimetype": b"x", "content.xml": b"y"}))
    assert "is damaged" in why(archive({"[Content_Types].xml": b"<Types/>"}))
    assert "is damaged" in why(patched(whole, {"<row": "<r<ow"}))


def archive(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, octets in parts.items():
            made.writestr(name, octets)
    return out.getvalue()


def test_a_file_that_unpacks_to_far_too_much_is_not_unpacked() -> None:
    bomb = archive({"[Content_Types].xml": b"<Types/>", "xl/a.xml": b"\0" * (65 * 2**20)})
    assert len(bomb) < 2**20
    assert "too large" in why(bomb)


def test_sheets_that_are_far_too_long() -> None:
    many: Grid = [["x"]] * (MOST_LINES + 2)
    assert "too many rows" in why(as_xlsx({"台帳": many}))
    assert "too large" in csv_why(as_csv(many))
    assert "too large" in csv_why(as_csv([["x"] * (MOST_COLUMNS + 1)]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_any_encoding_with_any_separator(encoding: str, separator: str) -> None:
    rows: Grid = [["設置場所", "4月"], [None, None], ["2階", "1,234"], ["a\nb", ""]]
    sheet = read_csv(as_csv(rows, encoding, separator), "old.csv", decode)
    assert {line.number: line.values for line in sheet.lines} == {
        1: ("設置場所", "4月"),
        3: ("2階", "1,234"),
        4: ("a\nb", None),
    }
    assert sheet.where(4, 1) == "old.csv: line 4, column B"


def test_files_that_are_no_csv() -> None:
    assert csv_why(b"") == "is empty"
    assert csv_why(b"\r\n ,\r\n") == "is empty"
    assert "is no CSV" in csv_why(b'a,"b\nc')
    assert "neither UTF-8 nor Shift_JIS" in csv_why(b"\xff\xfe\x00")
    assert "is no spreadsheet" in csv_why(b"\x00\x01\x02")


def test_a_file_is_what_its_content_says(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(as_xlsx({"台帳": GRID}))
    assert is_workbook(path.read_bytes())
    assert read_sheet(path, None).name == "台帳"
    path.write_bytes(as_csv(GRID))
    assert read_sheet(path, None).name is None
    with pytest.raises(ConfigError, match="has no sheets to choose from"):
        read_sheet(path, "台帳")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sheet(tmp_path, None)
