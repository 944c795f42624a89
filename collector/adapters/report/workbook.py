"""A monthly report as an Excel workbook: real numbers, a native chart, ready for A4."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from io import BytesIO
from math import ceil
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.charts import chart_key
from collector.adapters.report.department_tables import (
    brief,
    department_months_table,
    departments_table,
    is_soft,
    months_table,
    year_table,
)
from collector.adapters.report.key_figures import Fact, facts, proof
from collector.adapters.report.place_tables import adjustments_table, places_table
from collector.adapters.report.sentences import headline, state
from collector.adapters.report.sheets import (
    BOX,
    FIRST_ROW,
    HEAD,
    WARNING,
    Pen,
    begin,
    draw,
    excel_format,
    set_up_print,
    spread,
    title,
    wide,
    widen,
)
from collector.adapters.report.words import ReportWords
from collector.domain.report.month_report import MonthPoint, MonthReport
from collector.domain.report.table import CellKind, Column, Table

# The chart of thirteen months as a native chart of the workbook, over the cells it shows.


_BAR, _STRONG, _TARGET, _GROUND = "7FA6CF", "1F5FA8", "B3261E", "FFFFFF"
_TARGET_WIDTH: Final = 22000
"""In English metric units: 12700 of them are a point."""
_YEAR: Final = 12


def native_chart(
    sheet: Worksheet,
    points: Sequence[MonthPoint],
    head: int,
    columns: Mapping[str, int],
) -> BarChart:
    """Return bars of the months and a line of their targets, over cells of `sheet`.

    The headings stand in the row `head`; `columns` tells where month, pages and, if there is one,
    target are. Months that are not final are hatched; this month and the same of last year are
    dark.
    """
    month, pages, target = columns["month"], columns["pages"], columns.get("target")
    last = head + len(points)
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth = "col", "clustered", 45
    chart.add_data(
        Reference(sheet, min_col=pages, min_row=head, max_row=last), titles_from_data=True
    )
    chart.set_categories(Reference(sheet, min_col=month, min_row=head + 1, max_row=last))
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.scaling.min = 0
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    series = chart.series[0]
    series.graphicalProperties = GraphicalProperties(solidFill=_BAR)
    series.dPt = [_point(at, one, len(points)) for at, one in enumerate(points)]
    series.dLbls = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False
    )
    if target is not None:
        chart += _targets(Reference(sheet, min_col=target, min_row=head, max_row=last))
    return chart


def _targets(cells: Reference) -> LineChart:
    line = LineChart()
    line.add_data(cells, titles_from_data=True)
    series = line.series[0]
    series.smooth = False
    series.marker.symbol = "none"
    series.graphicalProperties = GraphicalProperties(
        ln=LineProperties(w=_TARGET_WIDTH, solidFill=_TARGET, prstDash="dash")
    )
    return line


def _point(at: int, point: MonthPoint, count: int) -> DataPoint:
    color = _STRONG if at in {count - 1, count - 1 - _YEAR} else _BAR
    look = GraphicalProperties(solidFill=color)
    if is_soft(point):
        hatch = PatternFillProperties(prst="wdUpDiag", fgClr=_color(color), bgClr=_color(_GROUND))
        look = GraphicalProperties(pattFill=hatch, ln=LineProperties(solidFill=color))
    return DataPoint(idx=at, invertIfNegative=False, spPr=look)


def _color(digits: str) -> ColorChoice:
    return ColorChoice(srgbClr=digits)  # type: ignore[arg-type]  # the stubs know no plain digits


# The first sheet of a workbook: the page that is handed upstairs, with its stamp boxes.


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
    sheet: Worksheet, report: MonthReport, words: ReportWords, pen: Pen, stamps: Sequence[str]
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
    departments: Table[Any],
    row: int,
    pen: Pen,
    words: ReportWords,
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
    sheet: Worksheet, report: MonthReport, words: ReportWords, pen: Pen, columns: int
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
    for at, stamp in enumerate(stamps, start=COLUMNS - len(stamps) + 1):
        cell = pen.put(sheet, 1, at, stamp)
        cell.alignment = Alignment(horizontal="center", vertical="center", shrink_to_fit=True)
        cell.border, cell.fill, cell.font = BOX, HEAD, pen.font(9)
        first, last = _STAMP_ROWS
        for row in range(first, last + 1):
            sheet.cell(row, at).border = BOX
        sheet.merge_cells(start_row=first, end_row=last, start_column=at, end_column=at)


def _draw_facts(
    sheet: Worksheet, every: Sequence[Fact], row: int, pen: Pen, words: ReportWords
) -> int:
    """Write the key figures in two columns; return the row below them."""
    half = (len(every) + 1) // 2
    for side, part in enumerate((every[:half], every[half:])):
        for at, fact in enumerate(part):
            _draw_fact(sheet, fact, row + at, _SIDES[side], pen, words)
    return row + half


def _draw_fact(
    sheet: Worksheet, fact: Fact, row: int, side: _Side, pen: Pen, words: ReportWords
) -> None:
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


def xlsx(report: MonthReport, language: str, stamps: Sequence[str]) -> bytes:
    """Return the workbook in `language`, with a stamp box for each of `stamps` (six at most)."""
    words = ReportWords(language, report.zone)
    book = _Book(report, words, stamps)
    return book.written()


class _Book:
    """One workbook while it is being made."""

    def __init__(self, report: MonthReport, words: ReportWords, stamps: Sequence[str]) -> None:
        self._report = report
        self._words = words
        self._stamps = stamps
        self._pen = Pen(words)
        self._book = Workbook()
        self._front: Worksheet = self._book.worksheets[0]
        self._front.title = words("sheet_front")

    def written(self) -> bytes:
        """Return all sheets as the octets of a file."""
        report, words = self._report, self._words
        departments = departments_table(report, words)
        self._single("departments", departments)
        self._single("places", places_table(report, words))
        months = self._months()
        adjustments = adjustments_table(report, words)
        if adjustments is not None:
            self._single("adjustments", adjustments)
        self._notes()
        self._first_sheet(departments, months)
        properties = self._book.properties
        properties.title = f"{words('title')} {report.period.name}"
        properties.creator = f"copier-fleet {report.version}"
        properties.created = report.made_at.astimezone(UTC).replace(tzinfo=None)
        octets = BytesIO()
        self._book.save(octets)
        return octets.getvalue()

    def _sheet(self, key: str, title: str, column: int = 1) -> Worksheet:
        sheet: Worksheet = self._book.create_sheet(self._words(f"sheet_{key}"))
        begin(sheet, title, self._report, self._words, self._pen, column)
        return sheet

    def _single(self, key: str, table: Table[Any]) -> None:
        """Add a sheet with one table: frozen header, filter, header row on every page."""
        paper = spread(table)
        sheet = self._sheet(key, table.title, paper.begins)
        draw(sheet, table, FIRST_ROW, self._pen, paper)
        widen(sheet, [table])
        sheet.freeze_panes = f"B{FIRST_ROW + 1}"
        last = get_column_letter(len(table.drawn()))
        sheet.auto_filter.ref = f"A{FIRST_ROW}:{last}{FIRST_ROW + max(1, len(table.rows))}"
        set_up_print(
            sheet, self._report, self._words, landscape=True, header_row=FIRST_ROW, spread=paper
        )

    def _months(self) -> Worksheet:
        report, words, pen = self._report, self._words, self._pen
        tables: list[Table[Any]] = [
            months_table(report, words),
            year_table(report, words),
            department_months_table(report, words),
        ]
        sheet = self._sheet("months", tables[0].title)
        row = draw(sheet, tables[0], FIRST_ROW, pen) + 1
        for table in tables[1:]:
            title(sheet, row, table.title, pen)
            row = draw(sheet, table, row + 1, pen) + 1
        widen(sheet, tables)
        sheet.freeze_panes = "B1"
        set_up_print(sheet, report, words, landscape=True)
        return sheet

    def _notes(self) -> None:
        words, pen = self._words, self._pen
        sheet = self._sheet("notes", words("terms_title"))
        terms, facts = words.terms(), proof(self._report, words)
        tables = [
            _two_columns("terms", words("terms_title"), (words("term"), words("meaning")), terms),
            _two_columns("proof", words("proof_title"), (words("item"), words("value")), facts),
        ]
        row = draw(sheet, tables[0], FIRST_ROW, pen) + 1
        title(sheet, row, tables[1].title, pen)
        draw(sheet, tables[1], row + 1, pen)
        widen(sheet, tables)
        set_up_print(sheet, self._report, words, landscape=False)

    def _first_sheet(self, departments: Table[Any], months: Worksheet) -> None:
        report, words, pen = self._report, self._words, self._pen
        sheet = self._front
        row = draw_front(sheet, report, words, pen, self._stamps)
        table = months_table(report, words)
        columns = {column.key: at for at, column in enumerate(table.drawn(), start=1)}
        chart = native_chart(months, report.months, FIRST_ROW, columns)
        key = chart_key(report, words)
        draw_rest(sheet, chart, key, brief(departments, report, words), row, pen, words)
        sheet.sheet_view.showGridLines = False
        set_up_print(sheet, report, words, landscape=False)


def _two_columns(
    key: str, title: str, headings: tuple[str, str], rows: Sequence[tuple[str, str]]
) -> Table[tuple[str, str]]:
    columns: tuple[Column[tuple[str, str]], ...] = (
        Column(f"{key}-name", lambda row: row[0], headings[0], CellKind.TEXT, 22),
        Column(f"{key}-text", lambda row: row[1], headings[1], CellKind.TEXT, 80),
    )
    return Table(key, columns, rows, title)
