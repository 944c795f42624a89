"""Spreadsheet files as plain cells: CSV and Excel workbooks (.xlsx)."""

from collector.adapters.sheets.csv_file import read_csv
from collector.adapters.sheets.workbook import is_workbook, read_workbook

__all__ = ["is_workbook", "read_csv", "read_workbook"]
