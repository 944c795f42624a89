"""Draws tables onto sheets and sets them up for print on A4."""

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import accumulate
from math import ceil
from typing import Any, Final, cast

from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.sentences import MINUS, state
from collector.adapters.report.words import ReportWords
from collector.domain.report.month_report import MonthReport
from collector.domain.report.table import (
    Cell,
    CellKind,
    Column,
    Table,
    TableRow,
    clean,
    is_dangerous,
)

# How a workbook looks: fonts, fills, borders, and how one cell is written safely.


_LINE: Final = Side(style="thin", color="FF8C959F")
_STRONG_LINE: Final = Side(style="medium", color="FF1B1F24")
BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
TOTAL_BOX: Final = Border(left=_LINE, right=_LINE, top=_STRONG_LINE, bottom=_LINE)
HEAD: Final = PatternFill("solid", fgColor="FFE7EDF4")
WARNING: Final = PatternFill("solid", fgColor="FFFFF4DD")
_CELL_HOLDS: Final = 32_767
"""Characters in a cell, by Excel's specifications and limits."""

_INK, _SOFT, _ALERT = "FF1B1F24", "FF59636E", "FF9B1C14"


_EXCEL: Final = {
    CellKind.TEXT: "@",
    CellKind.COUNT: "#,##0;{minus}#,##0",
    CellKind.SIGNED: "+#,##0;{minus}#,##0;0",
    CellKind.SHARE: "0.0%",
    CellKind.CHANGE: "+0.0%;{minus}0.0%;0.0%",
    CellKind.MINUTES: "+#,##0;-#,##0;0",
    CellKind.TIME: "mm-dd hh:mm",
    CellKind.AMOUNT: "#,##0.0",
}


def excel_format(kind: CellKind, *, japanese: bool) -> str:
    """Return the number format of a spreadsheet for `kind`."""
    return _EXCEL[kind].format(minus=f'"{MINUS[japanese]}"' if japanese else "-")


class Pen:
    """Writes cells of one workbook in the typeface of its language."""

    def __init__(self, words: ReportWords) -> None:
        """Write for readers of `words`."""
        self._face = "Yu Gothic" if words.is_japanese else "Calibri"
        self._japanese = words.is_japanese
        self._looks: dict[Hashable, StyleArray] = {}

    def font(
        self, size: float = 10, *, bold: bool = False, soft: bool = False, alert: bool = False
    ) -> Font:
        """Return the font of a text."""
        color = _ALERT if alert else _SOFT if soft else _INK
        return Font(name=self._face, size=size, bold=bold, color=color)

    def put(
        self, sheet: Worksheet, row: int, column: int, value: Cell, kind: CellKind = CellKind.TEXT
    ) -> SheetCell:
        """Write `value` and return its cell. A text stays a text, whatever it begins with.

        One that looks like a formula is marked the way an apostrophe marks it in a spreadsheet,
        so that it stays a text when somebody edits the cell.
        """
        cell = self.fill(sheet, row, column, value)
        self.dress(cell, value, kind)
        return cell

    def fill(self, sheet: Worksheet, row: int, column: int, value: Cell) -> SheetCell:
        """Write `value` and return its cell, which looks like nothing yet."""
        cell = cast("SheetCell", sheet.cell(row, column))
        if not isinstance(value, str):
            cell.value = float(value) if isinstance(value, Decimal) else value
        elif text := clean(value)[:_CELL_HOLDS]:
            cell.value, cell.data_type = text, "s"
        return cell

    def dress(self, cell: SheetCell, value: Cell, kind: CellKind) -> None:
        """Give `cell` the look of a `value` of this kind."""
        cell.font = self.font()
        if isinstance(value, str):
            cell.quotePrefix = is_dangerous(clean(value))
            cell.alignment = Alignment(
                horizontal="left", vertical="center", wrap_text=True, indent=1
            )
            return
        cell.number_format = excel_format(kind, japanese=self._japanese)
        cell.alignment = Alignment(vertical="center")

    def dress_alike(self, cell: SheetCell, key: Hashable, dress: Callable[[], None]) -> None:
        """Give `cell` the look that the first one with this `key` got from `dress`.

        To compare fonts and borders anew for each of thousands of cells took most of a workbook.
        """
        known, dressed = self._looks.get(key), cast("Any", cell)
        if known is None:
            dress()
            self._looks[key] = copy(dressed._style)  # noqa: SLF001 - as openpyxl copies a look
        else:
            dressed._style = copy(known)  # noqa: SLF001 - the same

    def line(
        self,
        sheet: Worksheet,
        row: int,
        text: str,
        columns: int,
        font: Font | None = None,
        first: int = 1,
    ) -> SheetCell:
        """Write `text` across `columns` from the `first` on and return its cell."""
        cell = self.put(sheet, row, first, text)
        cell.font, cell.alignment = font or self.font(), Alignment(vertical="center")
        if columns > 1:
            end = first + columns - 1
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=end)
        return cell


def wide(text: str) -> int:
    """Return how many columns of a spreadsheet's character grid `text` takes."""
    return sum(2 if ord(one) > _LATIN else 1 for one in text)


_LATIN: Final = 0x2FF


FIRST_ROW: Final = 4
"""Where a sheet's first table begins, below the sheet's own title."""

_LINE_HEIGHT: Final = 15.0
_INDENT: Final = 3
"""Characters of a column that its text cannot use."""
_MARGIN_HOLDS: Final = 90
"""Characters of one part of a header or footer; Excel takes 255 for all three with their codes."""

_VERDICTS: Final = frozenset({"verdict", "ratio", "sum_ratio"})


# Paper: a table that is too wide for one sheet goes on beside it, with its first column again.


@dataclass(frozen=True, slots=True)
class Spread:
    """How a table lies on paper: on so many `sheets` side by side, its first columns on each.

    Titles and notes go from the column `begins` over `across` columns, all of them on the first
    sheet alone; what stands before is on every one. An `across` of 0 is all columns.
    """

    sheets: int = 1
    begins: int = 1
    across: int = 0


ONE_WIDE: Final = Spread()
_HOLDS_PX: Final = 10.6 * 96
"""What A4 landscape holds between its margins, in pixels of a screen."""

_CHARACTER_PX, _PADDING_PX = 9, 5
"""As wide as a column is where Calibri is missing; with it, a character has 7."""

_LEAST: Final = 0.6
"""Nobody reads ten points made smaller than that."""


def spread(table: Table[Any], again: int = 1) -> Spread:
    """Return how `table` lies on A4 landscape for people to read it.

    Where that is on several sheets, its first columns, so many, are on each `again`.
    """
    widths = [_CHARACTER_PX * one.width + _PADDING_PX for one in table.drawn()]
    first, others = sum(widths[:again]), widths[again:]
    sheets = max(1, ceil(sum(others) / (_HOLDS_PX / _LEAST - first)))
    if sheets == 1:
        return ONE_WIDE
    within = [one for one in accumulate(others) if one <= sum(others) / sheets]
    return Spread(sheets, again + 1, max(1, len(within) - 1))


def begin(
    sheet: Worksheet,
    title: str,
    report: MonthReport,
    words: ReportWords,
    pen: Pen,
    column: int = 1,
) -> None:
    """Write what every sheet says at its top: what it is, of which month, and how final."""
    month = words(
        "subtitle", era=words.month(report.period.name), month=report.period.name, site=report.site
    )
    between = "　" if words.is_japanese else ": "
    head = pen.put(sheet, 1, column, f"{title}{between}{month}")
    told = pen.put(sheet, 2, column, f"{state(report, words)}　{words('unit')}")
    head.font = pen.font(14, bold=True)
    told.font = pen.font(
        9, soft=not report.is_provisional, alert=report.is_provisional, bold=report.is_provisional
    )
    for cell in (head, told):
        cell.alignment = Alignment(vertical="center")
    sheet.row_dimensions[1].height = 24


def title(sheet: Worksheet, row: int, text: str, pen: Pen) -> None:
    """Write the title of a further table on a sheet."""
    cell = pen.put(sheet, row, 1, text)
    cell.font, cell.alignment = pen.font(11, bold=True), Alignment(vertical="center")


def draw(sheet: Worksheet, table: Table[Any], row: int, pen: Pen, spread: Spread = ONE_WIDE) -> int:
    """Draw `table` from `row` on; return the first free row below it and its notes."""
    columns = table.drawn()
    for at, column in enumerate(columns, start=1):
        cell = pen.put(sheet, row, at, column.heading)
        cell.font = pen.font(9.5, bold=True)
        cell.fill, cell.border = HEAD, BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[row].height = _heading_height(columns)
    for line in table.body(columns):
        row += 1
        _draw_row(sheet, columns, line, row, pen)
    foot = table.foot(columns)
    if foot is not None:
        row += 1
        _draw_row(sheet, columns, foot, row, pen, is_total=True)
    for note in table.notes:
        row += 1
        below = columns[spread.begins - 1 :][: spread.across or None]
        width = sum(column.width for column in below)
        font = pen.font(9, soft=True)
        cell = pen.line(sheet, row, note, len(below), font, spread.begins)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = _LINE_HEIGHT * ceil(wide(note) / width)
    return row + 1


def _draw_row(
    sheet: Worksheet,
    columns: Sequence[Column[Any]],
    line: TableRow,
    row: int,
    pen: Pen,
    *,
    is_total: bool = False,
) -> None:
    lines = 1
    for at, (value, column) in enumerate(zip(line.cells, columns, strict=True), start=1):
        cell = pen.fill(sheet, row, at, value)
        alert = line.alert and column.key in _VERDICTS
        is_text = isinstance(value, str)
        marked = isinstance(value, str) and is_dangerous(clean(value))
        key = (is_text, marked, column.kind, column.is_word, alert, is_total)
        dress = partial(_dress, pen, cell, value, column, alert=alert, is_total=is_total)
        pen.dress_alike(cell, key, dress)
        if isinstance(value, str) and not column.is_word:
            lines = max(lines, ceil(wide(value) / max(1, column.width - _INDENT)))
    sheet.row_dimensions[row].height = _LINE_HEIGHT * lines + 2


def _dress(
    pen: Pen, cell: SheetCell, value: Cell, column: Column[Any], *, alert: bool, is_total: bool
) -> None:
    pen.dress(cell, value, column.kind)
    cell.border = TOTAL_BOX if is_total else BOX
    cell.font = pen.font(bold=is_total or alert, alert=alert)
    if is_total:
        cell.fill = HEAD
    if column.kind is CellKind.TIME or column.is_word:
        cell.alignment = Alignment(horizontal="center", vertical="center")
    elif isinstance(value, str) and column.kind is not CellKind.TEXT:
        cell.alignment = Alignment(horizontal="right", vertical="center", wrap_text=True)


def _heading_height(columns: Sequence[Column[Any]]) -> float:
    lines = max(ceil(wide(one.heading or "") / max(1, one.width - 1)) for one in columns)
    return _LINE_HEIGHT * max(2, lines)


def widen(sheet: Worksheet, tables: Sequence[Table[Any]]) -> None:
    """Make every column as wide as the widest of `tables` needs it."""
    widths: dict[int, int] = {}
    for table in tables:
        for at, column in enumerate(table.drawn(), start=1):
            widths[at] = max(widths.get(at, 0), column.width)
    for at, width in widths.items():
        sheet.column_dimensions[get_column_letter(at)].width = width


def fit_paper(
    sheet: Worksheet, *, landscape: bool, header_row: int = 0, spread: Spread = ONE_WIDE
) -> None:
    """Make `sheet` print on A4 as `spread` says, header row and first column on every page."""
    sheet.page_setup.paperSize = 9  # A4 in ECMA-376, part 1, 18.3.1.63
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = spread.sheets, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if spread.sheets > 1:
        sheet.page_setup.pageOrder = "overThenDown"
        sheet.print_title_cols = f"A:{get_column_letter(spread.begins - 1)}"
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.header, margins.footer = 0.7, 0.7, 0.3, 0.3
    sheet.print_options.horizontalCentered = True
    if header_row:
        sheet.print_title_rows = f"{header_row}:{header_row}"


def set_up_print(
    sheet: Worksheet,
    report: MonthReport,
    words: ReportWords,
    *,
    landscape: bool,
    header_row: int = 0,
    spread: Spread = ONE_WIDE,
) -> None:
    """Make `sheet` print on A4 with the month's header and footer, otherwise as `fit_paper`."""
    fit_paper(sheet, landscape=landscape, header_row=header_row, spread=spread)
    mark = (
        words("provisional")
        if report.closure is None
        else words("short_closed", revision=report.closure.revision)
    )
    made = {"at": words.time(report.made_at), "version": report.version, "zone": str(report.zone)}
    sheet.oddHeader = _header_or_footer(
        _plain(f"{report.site}  {words('title')}  {report.period.name}"), _plain(mark)
    )
    sheet.oddFooter = _header_or_footer(
        _plain(words("made", **made)), words("page_of", page="&P", pages="&N")
    )


def _header_or_footer(left: str, right: str) -> HeaderFooterItem:
    return HeaderFooterItem(
        left=_HeaderFooterPart(left, size=8), right=_HeaderFooterPart(right, size=8)
    )


def _plain(text: str) -> str:
    """Return `text` with nothing in it that a header or footer takes for a code."""
    return clean(text)[:_MARGIN_HOLDS].replace("&", "&&")
