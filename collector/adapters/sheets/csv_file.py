"""A text of separated values as a sheet."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Final

from collector.adapters.sheets.limits import MOST_BYTES, MOST_COLUMNS, MOST_LINES, refused
from collector.domain.old_sheets.cells import Line, Sheet

_SEPARATORS: Final = ("\t", ";")


def read_csv(data: bytes, file: str, decode: Callable[[bytes], str]) -> Sheet:
    """Return the lines of `data` that hold anything; `file` is what messages call it.

    `decode` finds out the encoding and raises UnicodeDecodeError where none fits. The separator
    (comma, tab, semicolon) is found out here. Raises ConfigError with one sentence.
    """
    if len(data) > MOST_BYTES:
        raise refused(file, "is too large for a sheet of months; is it the right file?")
    try:
        text = decode(data)
    except UnicodeDecodeError as exc:
        message = "is neither UTF-8 nor Shift_JIS; save it again as CSV UTF-8"
        raise refused(file, message) from exc
    if "\0" in text:
        raise refused(file, "is no spreadsheet; save it as CSV or Excel workbook (.xlsx)")
    try:
        lines = tuple(_lines(text, file))
    except csv.Error as exc:
        message = f"is no CSV ({exc}); save it again from the spreadsheet as CSV"
        raise refused(file, message) from exc
    if not lines:
        raise refused(file, "is empty")
    return Sheet(file, None, lines)


def _lines(text: str, file: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    before = 0
    for number, cells in enumerate(reader):
        if number >= MOST_LINES or len(cells) > MOST_COLUMNS:
            raise refused(file, "is too large for a sheet of months; is it the right file?")
        values = [cell.strip() or None for cell in cells]
        if any(value is not None for value in values):
            yield Line(before + 1, tuple(values))
        before = reader.line_num


def _separator(text: str) -> str:
    """Return the separator that stands in most lines; a comma may also part thousands."""
    lines = [line for line in text.splitlines() if line.strip()]
    for one in _SEPARATORS:
        if 2 * sum(one in line for line in lines) > len(lines):
            return one
    return ","
