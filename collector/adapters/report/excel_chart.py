"""The chart of thirteen months as a native chart of the workbook, over the cells it shows."""

from collections.abc import Mapping, Sequence
from typing import Final

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.month_tables import is_soft
from collector.domain.month_report import MonthPoint

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
