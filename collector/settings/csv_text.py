"""From a spreadsheet's bytes to rows of cells: encoding and separator are found out."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from collector.settings.csv_headings import column_of
from collector.settings.problems import Report

SHIFT_JIS: Final = "cp932"
"""What Windows calls Shift_JIS: the standard one lacks ① and 髙."""
_SEPARATORS: Final = (",", "\t", ";")
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """One row, with the line of the file on which it begins (from 1)."""

    number: int
    cells: tuple[str, ...]


def decode(data: bytes) -> str:
    """Return the text of a UTF-8 (with or without mark), UTF-16 (with) or Shift_JIS file.

    UTF-8 wins where both fit: a Japanese heading in Shift_JIS never is valid UTF-8.
    Raises UnicodeDecodeError where none fits.
    """
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(SHIFT_JIS)


def read_lines(data: bytes, name: str, report: Report) -> list[Line]:
    """Return the rows that hold anything, the headings first; [] after a problem told."""
    try:
        text = decode(data)
    except UnicodeDecodeError:
        report.problem(name, "is neither UTF-8 nor Shift_JIS; save it again as CSV UTF-8")
        return []
    try:
        lines = list(_rows(text, _separator(text)))
    except csv.Error as exc:
        report.problem(name, f"is no CSV ({exc}); save it again from the spreadsheet as CSV")
        return []
    if not lines:
        report.problem(name, "is empty; the first line must hold the headings")
    return lines


def _separator(text: str) -> str:
    """Return the separator with which most headings are known."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=lambda one: _known_headings(first, one))


def _known_headings(line: str, separator: str) -> int:
    cells = next(csv.reader([line], delimiter=separator), [])
    return sum(column_of(cell) is not None for cell in cells)


def _rows(text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Line(before + 1, tuple(cells))
        before = reader.line_num
