"""A sheet of an Excel workbook (.xlsx, .xlsm), as it was when the workbook was last saved."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Final

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EMPTY_CELL, EmptyCell
from openpyxl.workbook.workbook import Workbook

from collector.domain.old_sheets.cells import Broken, Sheet, SheetLine, Value
from collector.domain.sentence import sentence, verbatim
from collector.errors import ConfigError, said
from collector.user_files.report import refusal

# How large a sheet may be, and what is said of a file that is none.


MOST_LINES: Final = 20_000
MOST_COLUMNS: Final = 500
MOST_SHEET_MB: Final = 32
"""A file with pictures in it may be large; what of it is read is not."""

MOST_BYTES: Final = 16 * 2**20
"""A sheet of 500 copiers over ten years holds 60,000 figures in less than 2 MB, in 4 MB of XML."""

_MOST_CSV_BYTES: Final = 4 * 2**20
_NOT_READ: Final = ("xl/media/", "xl/drawings/", "xl/embeddings/", "xl/charts/", "docProps/")


_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_COUNTED: Final = re.compile(r'(?:0|#|General|G/標準)\s*"?(月分|月度|月|年度|年)"?')
"""Number formats by which 4 is shown as 4月."""

ExcelCell = Cell | MergedCell | EmptyCell

_NOT_WORKED_OUT: Final = Broken(sentence("cell.not_worked_out"))


def is_workbook(data: bytes) -> bool:
    """Say whether `data` begins like a workbook of any kind, also one that cannot be read."""
    return data.startswith((_ZIP, _OLE))


def read_workbook(data: bytes, file: str, wanted: str | None) -> Sheet:
    """Return the sheet called `wanted`, or the only one that holds anything.

    Dates are dates, formulas their last results. Raises ConfigError with one sentence: locked with
    a password, an old .xls, damaged, too large, no such sheet, or several and none named.
    """
    _refuse_others(data, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles it does not know are no business of ours
            return _read(data, file, wanted)
    except ConfigError:
        raise
    except Exception as exc:  # the library raises whatever a damaged file makes of its parser
        raise refusal(file, said("sheet_damaged", reason=type(exc).__name__)) from exc


def _refuse_others(data: bytes, file: str) -> None:
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise refusal(file, said("sheet_locked"))
        raise refusal(file, said("sheet_old_excel"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            read = (one for one in archive.infolist() if not one.filename.startswith(_NOT_READ))
            size = sum(one.file_size for one in read)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as exc:
        raise refusal(file, said("sheet_not_whole")) from exc
    if "[Content_Types].xml" not in names:
        raise refusal(file, said("sheet_no_excel"))
    if size > MOST_BYTES:
        raise refusal(file, said("sheet_too_large"))


def _read(data: bytes, file: str, wanted: str | None) -> Sheet:
    results = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = load_workbook(io.BytesIO(data), read_only=True)
    try:
        name = _chosen(results, file, wanted)
        lines = tuple(_lines(results, formulas, name, file))
    finally:
        results.close()
        formulas.close()
    if not lines:
        raise refusal(f"{file}: {name}", said("sheet_nothing"))
    return Sheet(file, name, lines)


def _chosen(workbook: Workbook, file: str, wanted: str | None) -> str:
    sheets = {one.title: one for one in workbook.worksheets}
    if wanted is not None:
        if wanted in sheets:
            return wanted
        raise refusal(file, said("sheet_no_such", name=repr(wanted), names=(*sheets,)))
    shown = [name for name, one in sheets.items() if one.sheet_state == "visible"]
    filled = [name for name in shown if _holds_anything(workbook, name)]
    if len(filled) > 1:
        raise refusal(file, said("sheet_several", names=filled))
    if not filled:
        raise refusal(file, said("sheet_holds_nothing", names=(*sheets,) or said("sheet_none")))
    return filled[0]


def _holds_anything(workbook: Workbook, name: str) -> bool:
    return any(cell.value is not None for row in _rows(workbook, name) for cell in row)


def _rows(workbook: Workbook, name: str) -> Iterator[tuple[ExcelCell, ...]]:
    """Yield the rows of a sheet, as far as one may be read, whatever it says of its own size."""
    yield from workbook[name].iter_rows(max_row=MOST_LINES + 1, max_col=MOST_COLUMNS)


def _lines(results: Workbook, formulas: Workbook, name: str, file: str) -> Iterator[SheetLine]:
    both = zip(_rows(results, name), _rows(formulas, name), strict=False)
    for number, (row, written) in enumerate(both, start=1):
        if number > MOST_LINES:
            raise refusal(f"{file}: {name}", said("sheet_many_rows"))
        values = [
            None if cell is EMPTY_CELL and of is EMPTY_CELL else _value(cell, of)
            for cell, of in zip(row, written, strict=False)
        ]
        while values and values[-1] is None:
            values.pop()
        if values:
            yield SheetLine(number, tuple(values))


def _value(cell: ExcelCell, written: ExcelCell) -> Value:
    value = cell.value
    if value is None:
        return _NOT_WORKED_OUT if written.data_type == "f" else None
    if cell.data_type == "e":
        return Broken(sentence("cell.error", error=str(value)))
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        counted = _COUNTED.fullmatch(str(cell.number_format))
        return f"{value}{counted[1]}" if counted else value
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else str(value).strip() or None


# A text of separated values as a sheet.


_SEPARATORS: Final = ("\t", ";")


def read_csv(data: bytes, file: str, decode: Callable[[bytes], str]) -> Sheet:
    """Return the lines of `data` that hold anything; `file` is what messages call it.

    `decode` finds out the encoding and raises UnicodeDecodeError where none fits. The separator
    (comma, tab, semicolon) is found out here. Raises ConfigError with one sentence.
    """
    if len(data) > _MOST_CSV_BYTES:
        raise refusal(file, said("sheet_too_large"))
    try:
        text = decode(data)
    except UnicodeDecodeError as exc:
        raise refusal(file, said("sheet_encoding")) from exc
    if "\0" in text:
        raise refusal(file, said("sheet_no_spreadsheet"))
    try:
        lines = tuple(_csv_lines(text, file))
    except csv.Error as exc:
        raise refusal(file, said("no_csv", reason=verbatim(str(exc)))) from exc
    if not lines:
        raise refusal(file, said("sheet_nothing"))
    return Sheet(file, None, lines)


def _csv_lines(text: str, file: str) -> Iterator[SheetLine]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    before = 0
    for number, cells in enumerate(reader):
        if number >= MOST_LINES or len(cells) > MOST_COLUMNS:
            raise refusal(file, said("sheet_too_large"))
        values = [cell.strip() or None for cell in cells]
        if any(value is not None for value in values):
            yield SheetLine(before + 1, tuple(values))
        before = reader.line_num


def _separator(text: str) -> str:
    """Return the separator that stands in most lines; a comma may also part thousands."""
    lines = [line for line in text.splitlines() if line.strip()]
    for one in _SEPARATORS:
        if 2 * sum(one in line for line in lines) > len(lines):
            return one
    return ","
