"""A monthly report as an Excel workbook: real numbers, a native chart, ready for A4."""

from collections.abc import Sequence
from datetime import UTC
from io import BytesIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.charts import chart_key
from collector.adapters.report.department_tables import brief, departments_table
from collector.adapters.report.excel_chart import native_chart
from collector.adapters.report.front import proof
from collector.adapters.report.front_sheet import draw_front, draw_rest
from collector.adapters.report.look import Pen
from collector.adapters.report.month_tables import (
    department_months_table,
    months_table,
    year_table,
)
from collector.adapters.report.place_tables import adjustments_table, places_table
from collector.adapters.report.sheets import FIRST_ROW, begin, draw, set_up_print, title, widen
from collector.adapters.report.tables import Field, Table, table_of, text_column
from collector.adapters.report.words import Words
from collector.domain.month_report import MonthReport


def xlsx(report: MonthReport, language: str, stamps: Sequence[str]) -> bytes:
    """Return the workbook in `language`, with a stamp box for each of `stamps` (six at most)."""
    words = Words(language, report.zone)
    book = _Book(report, words, stamps)
    return book.written()


class _Book:
    """One workbook while it is being made."""

    def __init__(self, report: MonthReport, words: Words, stamps: Sequence[str]) -> None:
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

    def _sheet(self, key: str, title: str) -> Worksheet:
        sheet: Worksheet = self._book.create_sheet(self._words(f"sheet_{key}"))
        begin(sheet, title, self._report, self._words, self._pen)
        return sheet

    def _single(self, key: str, table: Table) -> None:
        """Add a sheet with one table: frozen header, filter, header row on every page."""
        sheet = self._sheet(key, table.title)
        draw(sheet, table, FIRST_ROW, self._pen)
        widen(sheet, [table])
        sheet.freeze_panes = f"B{FIRST_ROW + 1}"
        last = get_column_letter(len(table.columns))
        sheet.auto_filter.ref = f"A{FIRST_ROW}:{last}{FIRST_ROW + max(1, len(table.rows))}"
        set_up_print(sheet, self._report, self._words, landscape=True, header_row=FIRST_ROW)

    def _months(self) -> Worksheet:
        report, words, pen = self._report, self._words, self._pen
        tables = [
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

    def _first_sheet(self, departments: Table, months: Worksheet) -> None:
        report, words, pen = self._report, self._words, self._pen
        sheet = self._front
        row = draw_front(sheet, report, words, pen, self._stamps)
        table = months_table(report, words)
        columns = {column.key: at for at, column in enumerate(table.columns, start=1)}
        chart = native_chart(months, report.months, FIRST_ROW, columns)
        key = chart_key(report, words)
        draw_rest(sheet, chart, key, brief(departments, report, words), row, pen, words)
        sheet.sheet_view.showGridLines = False
        set_up_print(sheet, report, words, landscape=False)


def _two_columns(
    key: str, title: str, headings: tuple[str, str], rows: Sequence[tuple[str, str]]
) -> Table:
    fields = [
        Field(text_column(f"{key}-name", headings[0], 22), tuple(one for one, _ in rows)),
        Field(text_column(f"{key}-text", headings[1], 80), tuple(text for _, text in rows)),
    ]
    return table_of(key, title, fields)
