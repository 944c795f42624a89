"""The first sheet of a workbook: the page that is handed upstairs, with its stamp boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from openpyxl.chart import BarChart
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.cells import excel_format
from collector.adapters.report.front import Fact, facts
from collector.adapters.report.look import BOX, HEAD, WARNING, Pen, wide
from collector.adapters.report.sentences import headline, state
from collector.adapters.report.sheets import draw
from collector.adapters.report.tables import Table
from collector.adapters.report.words import Words
from collector.domain.month_report import MonthReport

COLUMNS: Final = 8
"""As many as the departments in brief have at most."""

_FIRST_WIDTH, _WIDTH = 24, 11
_CHART_ROWS: Final = 16
_HEADLINE_WIDTH: Final = 78
"""Characters of the sentence that matters that fit on one line."""

_STAMP_ROWS: Final = (2, 4)


@dataclass(frozen=True, slots=True)
class _Side:
    """The first and last columns of a key figure's name and of its value."""

    label: tuple[int, int]
    value: tuple[int, int]


_SIDES: Final = (_Side((1, 1), (2, 3)), _Side((4, 5), (6, COLUMNS)))


def draw_front(
    sheet: Worksheet, report: MonthReport, words: Words, pen: Pen, stamps: Sequence[str]
) -> int:
    """Write everything above the chart; return the row at which the chart begins."""
    sheet.column_dimensions["A"].width = _FIRST_WIDTH
    for at in range(2, COLUMNS + 1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTH
    _draw_title(sheet, report, words, pen, COLUMNS - len(stamps))
    _draw_stamps(sheet, pen, stamps)
    told = pen.line(
        sheet, 6, state(report, words), COLUMNS, pen.font(bold=True, alert=report.is_provisional)
    )
    told.border = BOX
    if report.closure is None:
        told.fill = WARNING
    else:
        seal = words("seal", seal=report.closure.seal)
        pen.line(sheet, 7, seal, COLUMNS, pen.font(8, soft=True))
    said = headline(report, words)
    text = pen.line(sheet, 8, said, COLUMNS, pen.font(11.5, bold=True))
    text.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.row_dimensions[5].height = 6
    lines = max(2, ceil(wide(said) / _HEADLINE_WIDTH))
    sheet.row_dimensions[6].height, sheet.row_dimensions[8].height = 20, 18 * lines + 6
    return _draw_facts(sheet, facts(report, words), 9, pen, words) + 1


def draw_rest(
    sheet: Worksheet,
    chart: BarChart,
    key: str,
    departments: Table,
    row: int,
    pen: Pen,
    words: Words,
) -> None:
    """Put the chart at `row`, as wide as the columns, and the departments in brief below it."""
    pen.line(sheet, row, words("chart_title"), COLUMNS, pen.font(11, bold=True))
    below = row + 1 + _CHART_ROWS
    begin, end = AnchorMarker(col=0, row=row), AnchorMarker(col=COLUMNS, row=below - 1)
    anchor = TwoCellAnchor("twoCell", _from=begin, to=end)
    chart.anchor = anchor  # type: ignore[assignment]  # the stubs know names of cells only
    sheet.add_chart(chart)
    pen.line(sheet, below, key, COLUMNS, pen.font(9, soft=True))
    pen.line(sheet, below + 2, words("departments_title"), COLUMNS, pen.font(11, bold=True))
    draw(sheet, departments, below + 3, pen)


def _draw_title(
    sheet: Worksheet, report: MonthReport, words: Words, pen: Pen, columns: int
) -> None:
    period = report.period
    pen.line(sheet, 1, words("title"), columns, pen.font(17, bold=True))
    subtitle = words("subtitle", era=words.month(period.name), month=period.name, site=report.site)
    span = words("from_to", start=words.day(period.start), end=words.day(period.end))
    pen.line(sheet, 2, subtitle, columns, pen.font(10.5, bold=True))
    pen.line(sheet, 3, f"{words('period')}: {span}", columns, pen.font(9))
    pen.line(sheet, 4, words("unit"), columns, pen.font(9))
    for row, height in ((1, 26), (2, 20), (3, 18), (4, 18)):
        sheet.row_dimensions[row].height = height


def _draw_stamps(sheet: Worksheet, pen: Pen, stamps: Sequence[str]) -> None:
    for at, title in enumerate(stamps, start=COLUMNS - len(stamps) + 1):
        cell = pen.put(sheet, 1, at, title)
        cell.alignment = Alignment(horizontal="center", vertical="center", shrink_to_fit=True)
        cell.border, cell.fill, cell.font = BOX, HEAD, pen.font(9)
        first, last = _STAMP_ROWS
        for row in range(first, last + 1):
            sheet.cell(row, at).border = BOX
        sheet.merge_cells(start_row=first, end_row=last, start_column=at, end_column=at)


def _draw_facts(sheet: Worksheet, every: Sequence[Fact], row: int, pen: Pen, words: Words) -> int:
    """Write the key figures in two columns; return the row below them."""
    half = (len(every) + 1) // 2
    for side, part in enumerate((every[:half], every[half:])):
        for at, fact in enumerate(part):
            _draw_fact(sheet, fact, row + at, _SIDES[side], pen, words)
    return row + half


def _draw_fact(sheet: Worksheet, fact: Fact, row: int, side: _Side, pen: Pen, words: Words) -> None:
    label, value = side.label[0], side.value[0]
    name = pen.put(sheet, row, label, fact.label)
    cell = pen.put(sheet, row, value, fact.value, fact.kind)
    if isinstance(fact.value, str):
        cell.value = fact.value + fact.unit
    elif fact.unit:
        form = excel_format(fact.kind, japanese=words.is_japanese)
        cell.number_format = ";".join(f'{one}"{fact.unit}"' for one in form.split(";"))
    name.font, cell.font = pen.font(9.5, soft=True), pen.font(11, bold=True, alert=fact.alert)
    name.alignment = Alignment(horizontal="left", vertical="center", indent=1)
    cell.alignment = Alignment(horizontal="right", vertical="center", shrink_to_fit=True, indent=1)
    for first, last in (side.label, side.value):
        for column in range(first, last + 1):
            sheet.cell(row, column).border = BOX
        if last > first:
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
    sheet.row_dimensions[row].height = 18
