"""How a workbook looks: fonts, fills, borders, and how one cell is written safely."""

from decimal import Decimal
from typing import Final, cast

from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.cells import Cell, Kind, clean, excel_format, is_dangerous
from collector.adapters.report.words import Words

_LINE: Final = Side(style="thin", color="FF8C959F")
_STRONG_LINE: Final = Side(style="medium", color="FF1B1F24")
BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
TOTAL_BOX: Final = Border(left=_LINE, right=_LINE, top=_STRONG_LINE, bottom=_LINE)
HEAD: Final = PatternFill("solid", fgColor="FFE7EDF4")
WARNING: Final = PatternFill("solid", fgColor="FFFFF4DD")
_CELL_HOLDS: Final = 32_767
"""Characters in a cell, by Excel's specifications and limits."""

_INK, _SOFT, _ALERT = "FF1B1F24", "FF59636E", "FF9B1C14"


class Pen:
    """Writes cells of one workbook in the typeface of its language."""

    def __init__(self, words: Words) -> None:
        """Write for readers of `words`."""
        self._face = "Yu Gothic" if words.is_japanese else "Calibri"
        self._japanese = words.is_japanese

    def font(
        self, size: float = 10, *, bold: bool = False, soft: bool = False, alert: bool = False
    ) -> Font:
        """Return the font of a text."""
        color = _ALERT if alert else _SOFT if soft else _INK
        return Font(name=self._face, size=size, bold=bold, color=color)

    def put(
        self, sheet: Worksheet, row: int, column: int, value: Cell, kind: Kind = Kind.TEXT
    ) -> SheetCell:
        """Write `value` and return its cell. A text stays a text, whatever it begins with.

        One that looks like a formula is marked the way an apostrophe marks it in a spreadsheet,
        so that it stays a text when somebody edits the cell.
        """
        cell = cast("SheetCell", sheet.cell(row, column))
        cell.font = self.font()
        if isinstance(value, str):
            text = clean(value)[:_CELL_HOLDS]
            if text:
                cell.value, cell.data_type = text, "s"
            cell.quotePrefix = is_dangerous(text)
            cell.alignment = Alignment(
                horizontal="left", vertical="center", wrap_text=True, indent=1
            )
            return cell
        cell.value = float(value) if isinstance(value, Decimal) else value
        cell.number_format = excel_format(kind, japanese=self._japanese)
        cell.alignment = Alignment(vertical="center")
        return cell

    def line(
        self, sheet: Worksheet, row: int, text: str, columns: int, font: Font | None = None
    ) -> SheetCell:
        """Write `text` across `columns` from the first on and return its cell."""
        cell = self.put(sheet, row, 1, text)
        cell.font, cell.alignment = font or self.font(), Alignment(vertical="center")
        if columns > 1:
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
        return cell


def wide(text: str) -> int:
    """Return how many columns of a spreadsheet's character grid `text` takes."""
    return sum(2 if ord(one) > _LATIN else 1 for one in text)


_LATIN: Final = 0x2FF
